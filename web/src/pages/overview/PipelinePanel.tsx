import type { Overview } from "../../api/types";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { pipelineHealth } from "./health";
import styles from "./overview.module.css";

const TONES = { well: "jade", behind: "amber", stuck: "red" } as const;

export function PipelinePanel({ pipeline }: { pipeline: Overview["pipeline"] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const health = pipelineHealth(pipeline);
  return (
    <Panel
      title={t("pipeline.title")}
      extra={<Tag tone={TONES[health]}>{t(`pipeline.health.${health}`)}</Tag>}
      testId="panel-pipeline"
    >
      {!pipeline.warehouse_available && (
        <p role="alert" className={styles.away}>
          {t("pipeline.warehouseAway")}
        </p>
      )}
      <ol className={styles.stages}>
        {(["accepted", "resolved", "stored"] as const).map((stage) => (
          <li key={stage}>
            <span>{t(`pipeline.${stage}`)}</span>
            <strong className="num">{format.compact(pipeline[stage])}</strong>
          </li>
        ))}
      </ol>
      <dl className={styles.facts}>
        <Fact label={t("pipeline.lag")} hint={t("pipeline.lag.hint")}>
          {t("pipeline.lag.value", {
            count: format.count(pipeline.lag_events),
            n: pipeline.lag_events,
            time: formatDuration(pipeline.lag_s, tag),
          })}
        </Fact>
        <Fact label={t("pipeline.horizon")} hint={t("pipeline.horizon.hint")}>
          {formatDuration(pipeline.horizon_age_s, tag)}
        </Fact>
        <Fact label={t("pipeline.deadLetters")} hint={t("pipeline.deadLetters.hint")}>
          <span style={{ color: pipeline.dead_letters > 0 ? "var(--red)" : undefined }}>
            {format.count(pipeline.dead_letters)}
          </span>
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ label, hint, children }: { label: string; hint: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>
        {label}
        <small>{hint}</small>
      </dt>
      <dd className="num">{children}</dd>
    </div>
  );
}
