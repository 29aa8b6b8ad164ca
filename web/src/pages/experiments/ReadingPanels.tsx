import type { ReactNode } from "react";
import type { ArmReading, Experiment, MetricReading, Reading } from "../../api/experiments";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { Panel } from "../../ui/Page";
import { Tag, type Tone } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useMetricWords } from "../metrics/useMetricWords";
import styles from "./experiments.module.css";

interface Props {
  reading: Reading;
  experiment: Experiment;
  action: ReactNode;
}

/** The verdict in plain words, and each metric with its intervals. */
export function ReadingPanels({ reading, experiment, action }: Props) {
  const { t, locale } = useI18n();
  const zone = useZone();
  const { verdict, sample_ratio } = reading;
  const zh = locale === "zh";
  return (
    <>
      <Panel title={t("exp.verdict")} extra={action} testId="verdict">
        {sample_ratio.mismatch && (
          <p className={styles.alarm} role="alert">
            {t("exp.alarm", { p: (sample_ratio.p_value ?? 0).toPrecision(2) })}
          </p>
        )}
        <p className={styles.verdict}>{zh ? verdict.zh : verdict.en}</p>
        <p className={styles.note}>{zh ? verdict.advice_zh : verdict.advice_en}</p>
        <p className={styles.note}>
          {t("exp.asOf", { at: formatDateTime(reading.at, zone), days: reading.days, look: reading.look })}
        </p>
      </Panel>
      {reading.metrics.map((metric) => (
        <MetricPanel key={metric.metric} metric={metric} experiment={experiment} />
      ))}
    </>
  );
}

const toneOf = (arm: ArmReading): Tone => (arm.is_better ? "jade" : arm.is_worse ? "red" : "plain");

function MetricPanel({ metric, experiment }: { metric: MetricReading; experiment: Experiment }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useMetricWords();
  const names = new Map(experiment.plan.arms.map((arm) => [arm.key, arm.name]));
  const reach = Math.max(
    0.01,
    ...metric.arms.flatMap(({ sequential: found }) =>
      [found?.relative_low, found?.relative_high].map((edge) => Math.abs(edge ?? 0)),
    ),
  );
  const change = (share: number) => `${share > 0 ? "+" : ""}${format.share(share, 1)}`;
  const columns: Column<ArmReading>[] = [
    { key: "arm", title: t("exp.arms"), lead: true, render: (arm) => names.get(arm.arm) ?? arm.arm },
    { key: "people", title: t("exp.people"), align: "end", render: (arm) => format.count(arm.people) },
    {
      key: "figure",
      title: t("exp.figure"),
      align: "end",
      render: (arm) =>
        metric.unit === "people" && arm.value !== null
          ? format.share(arm.value, 1)
          : words.value(arm.value === null ? null : String(arm.value), metric.unit, null),
    },
    {
      key: "change",
      title: t("exp.change"),
      align: "end",
      render: ({ fixed }) => (fixed?.relative == null ? "–" : change(fixed.relative)),
    },
    {
      key: "interval",
      title: t("exp.interval"),
      render: ({ sequential: found }) =>
        found?.relative_low == null || found.relative_high == null ? (
          "–"
        ) : (
          <>
            {change(found.relative_low)} … {change(found.relative_high)}
            <span className={styles.bar} aria-hidden="true">
              <span
                className={styles.span}
                style={{
                  left: `${50 + (50 * found.relative_low) / reach}%`,
                  width: `${(50 * (found.relative_high - found.relative_low)) / reach}%`,
                }}
              />
              <span className={styles.zero} />
            </span>
          </>
        ),
    },
    {
      key: "chance",
      title: t("exp.chance"),
      align: "end",
      render: (arm) => (arm.chance_better === null ? "–" : format.share(arm.chance_better, 1)),
    },
    {
      key: "is",
      title: t("exp.verdict"),
      render: (arm) =>
        arm.fixed && (
          <Tag tone={toneOf(arm)}>
            {t(arm.is_better ? "exp.is.better" : arm.is_worse ? "exp.is.worse" : "exp.is.open")}
          </Tag>
        ),
    },
  ];
  return (
    <Panel
      flush
      title={words.name(metric)}
      extra={t(`exp.role.${metric.role}`)}
      testId={`metric-${metric.metric}`}
    >
      <DataTable
        label={words.name(metric)}
        columns={columns}
        rows={metric.arms}
        rowKey={(arm) => arm.arm}
        empty={null}
      />
      {metric.variance_kept !== null && metric.variance_kept < 1 && (
        <p className={styles.note} style={{ padding: "0 16px 12px" }}>
          {t("exp.cuped", { share: format.share(metric.variance_kept, 1) })}
        </p>
      )}
    </Panel>
  );
}
