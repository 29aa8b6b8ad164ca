import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { lifetimeQuery, runLifetime } from "../../api/queries";
import type { LifetimeSummary, ModelCard } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { BandPeople } from "./BandPeople";
import { Bars } from "./Bars";
import { CardPanel, Cautions } from "./CardPanel";
import styles from "./lifetime.module.css";
import { useCode } from "./words";

const DAY_MS = 86_400_000;

export default function LifetimePage() {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(lifetimeQuery);
  const run = useMutation({
    mutationFn: runLifetime,
    onSuccess: () =>
      Promise.all(
        [["lifetime"], ["lifetime-people"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
  const lead =
    data?.as_of && data.people > 0
      ? t("lifetime.asOf", {
          at: formatDateTime(data.as_of, zone),
          count: format.count(data.people),
          n: data.people,
        })
      : t("lifetime.lead");
  const button = (
    <Button type="primary" loading={run.isPending} onClick={() => run.mutate()}>
      {t("lifetime.run")}
    </Button>
  );
  return (
    <Page title={t("nav.lifetime")} lead={lead} actions={button}>
      {run.error && <ErrorNotice error={run.error} onRetry={() => run.mutate()} />}
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={8} />}
      {data && !data.card && <Nothing />}
      {data?.card?.refusal && <Refused card={data.card} reason={data.card.refusal} />}
      {data?.card && <Cautions card={data.card} />}
      {data && data.people > 0 && <Board summary={data} />}
      {data?.card && <CardPanel summary={data} card={data.card} />}
    </Page>
  );
}

function Nothing() {
  const { t } = useI18n();
  return (
    <Panel>
      <EmptyState title={t("lifetime.empty")}>{t("lifetime.empty.text")}</EmptyState>
    </Panel>
  );
}

/** No forecast is better than a wrong one: says which data is missing, and how much. */
function Refused({ card, reason }: { card: ModelCard; reason: string }) {
  const { t } = useI18n();
  const code = useCode();
  const format = useFormat();
  const tooShort = reason === "history_too_short";
  const days = card.first_day ? (Date.parse(card.as_of_day) - Date.parse(card.first_day)) / DAY_MS : 0;
  return (
    <Panel testId="lifetime-refused">
      <EmptyState title={t("lifetime.refused")}>
        {code("refusal", reason, {
          have: format.count(tooShort ? days : card.repeat_buyers),
          need: format.count(tooShort ? card.least_days : card.least_repeat_buyers),
        })}
      </EmptyState>
    </Panel>
  );
}

function Board({ summary }: { summary: LifetimeSummary }) {
  const [alive, setAlive] = useSearchState("alive");
  const [value, setValue] = useSearchState("value");
  return (
    <>
      <div className={styles.board}>
        <Bars measure="alive" summary={summary} chosen={alive} onChoose={setAlive} />
        {summary.value.length > 0 && (
          <Bars measure="value" summary={summary} chosen={value} onChoose={setValue} />
        )}
      </div>
      <BandPeople bands={{ alive, value }} summary={summary} />
    </>
  );
}
