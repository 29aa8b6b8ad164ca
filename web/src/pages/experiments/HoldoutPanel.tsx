import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber, Popconfirm } from "antd";
import { useState } from "react";
import { type Holdout, holdoutQuery, setHoldout } from "../../api/experiments";
import { useMay, useZone } from "../../app/session";
import { formatDay } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Labelled } from "../behaviour/inputs";
import styles from "./experiments.module.css";
import { basisPoints, percent } from "./words";

/** Whom no marketing goes to. */
export function HoldoutPanel() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(holdoutQuery);
  return (
    <Panel title={t("exp.holdout")} testId="holdout">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && <Share key={data.share_bps} holdout={data} />}
    </Panel>
  );
}

function Share({ holdout }: { holdout: Holdout }) {
  const { t } = useI18n();
  const zone = useZone();
  const queries = useQueryClient();
  const may = useMay()("experiments.write");
  const [share, setShare] = useState(percent(holdout.share_bps));
  const save = useMutation({
    mutationFn: (reshuffle: boolean) => setHoldout(basisPoints(share), reshuffle),
    onSuccess: (saved) => queries.setQueryData(holdoutQuery.queryKey, saved),
  });
  return (
    <>
      <div className={styles.form}>
        <Labelled label={t("exp.holdout.share")}>
          <InputNumber
            aria-label={t("exp.holdout.share")}
            min={0}
            max={10}
            step={0.5}
            disabled={!may}
            value={share}
            onChange={(value) => setShare(value ?? 0)}
          />
        </Labelled>
        {may && (
          <div>
            <Button loading={save.isPending} onClick={() => save.mutate(false)}>
              {t("exp.save")}
            </Button>{" "}
            {holdout.share_bps > 0 && (
              <Popconfirm title={t("exp.holdout.reshuffle.sure")} onConfirm={() => save.mutate(true)}>
                <Button>{t("exp.holdout.reshuffle")}</Button>
              </Popconfirm>
            )}
          </div>
        )}
      </div>
      <p className={styles.note}>
        {t("exp.holdout.text")}
        {holdout.since && holdout.share_bps > 0 && (
          <span role="status"> · {t("exp.holdout.since", { at: formatDay(holdout.since, zone) })}</span>
        )}
      </p>
      {save.error && <ErrorNotice error={save.error} />}
    </>
  );
}
