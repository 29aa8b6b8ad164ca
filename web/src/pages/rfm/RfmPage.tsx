import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { rfmQuery, runRfm } from "../../api/queries";
import type { RfmSummary } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Borders } from "./Borders";
import { Channels } from "./Channels";
import { ClassPeople } from "./ClassPeople";
import { ClassTable } from "./ClassTable";
import { HeatMap } from "./HeatMap";
import { Movement } from "./Movement";
import styles from "./rfm.module.css";
import { SettingsPanel } from "./SettingsPanel";

export default function RfmPage() {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(rfmQuery);
  const run = useMutation({
    mutationFn: runRfm,
    onSuccess: () =>
      Promise.all(
        [["rfm"], ["rfm-people"], ["rfm-movement"], ["rfm-channels"]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const lead = data?.as_of
    ? t("rfm.asOf", {
        at: formatDateTime(data.as_of, zone),
        count: format.count(data.people),
        n: data.people,
      })
    : t("rfm.lead");
  const button = (
    <Button type="primary" loading={run.isPending} onClick={() => run.mutate()}>
      {t("rfm.run")}
    </Button>
  );
  return (
    <Page title={t("nav.rfm")} lead={lead} actions={button}>
      {run.error && <ErrorNotice error={run.error} onRetry={() => run.mutate()} />}
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={8} />}
      {data?.is_stale && <p role="status">{t("rfm.stale")}</p>}
      {data && (data.people === 0 ? <Nothing /> : <Board summary={data} />)}
      {data && <SettingsPanel summary={data} />}
    </Page>
  );
}

function Nothing() {
  const { t } = useI18n();
  return (
    <Panel>
      <EmptyState title={t("rfm.empty")}>{t("rfm.empty.text")}</EmptyState>
    </Panel>
  );
}

function Board({ summary }: { summary: RfmSummary }) {
  const [chosen, setChosen] = useSearchState("class");
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      <div className={styles.board}>
        <HeatMap matrix={summary.matrix} />
        <ClassTable summary={summary} chosen={chosen} onChoose={setChosen} />
      </div>
      <ClassPeople name={chosen} currency={summary.currency} />
      <Movement summary={summary} onShow={setShown} />
      <Channels summary={summary} onShow={setShown} />
      <Borders summary={summary} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}
