import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { archiveMetric, type MetricDetail, metricAnswerQuery, metricQuery } from "../../api/metrics";
import { useZone } from "../../app/session";
import { formatDay } from "../../format/times";
import { useI18n } from "../../i18n";
import { Code } from "../../ui/Code";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton, PanelSkeleton } from "../../ui/PageSkeleton";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { type Period, PeriodInput } from "../behaviour/inputs";
import { MetricFigures } from "./MetricFigures";
import styles from "./metrics.module.css";
import { useMetricWords } from "./useMetricWords";

const BACK = "/figures";

/** One metric: its figure, what it means, the same figure in SQL, and what it meant before. */
export default function MetricPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const words = useMetricWords();
  const { data, error, refetch } = useQuery(metricQuery(id));
  if (!data && !error) return <PageSkeleton />;
  const back = { to: BACK, label: t("nav.metrics") };
  if (!data) {
    return (
      <Page title={t("nav.metrics")} back={back}>
        <ErrorNotice error={error} onRetry={refetch} />
      </Page>
    );
  }
  return (
    <Page
      title={words.name(data)}
      lead={words.formula(data.text)}
      back={back}
      actions={<Actions metric={data} />}
    >
      <Figures metric={data} />
      <Meaning metric={data} />
      {data.versions.length > 0 && <Versions metric={data} />}
    </Page>
  );
}

function Actions({ metric }: { metric: MetricDetail }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const archive = useMutation({
    mutationFn: () => archiveMetric(metric.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["metrics"] });
      navigate(BACK);
    },
  });
  return (
    <>
      <Button onClick={() => navigate(`/figures/new?from=${metric.id}`)}>{t("metric.duplicate")}</Button>
      {!metric.is_builtin && (
        <>
          <Popconfirm title={t("metric.archive.sure")} onConfirm={() => archive.mutate()}>
            <Button loading={archive.isPending}>{t("metric.archive")}</Button>
          </Popconfirm>
          <Button type="primary" onClick={() => navigate(`/figures/${metric.id}/edit`)}>
            {t("metric.edit")}
          </Button>
        </>
      )}
    </>
  );
}

function Figures({ metric }: { metric: MetricDetail }) {
  const words = useMetricWords();
  const [period, setPeriod] = useState<Period>({ kind: "last_days", days: 30 });
  const [shown, setShown] = useState<Shown | null>(null);
  const { data, error, refetch } = useQuery(
    metricAnswerQuery({ metric: metric.id, period, compare: true, unit: "day", where: [] }),
  );
  return (
    <Panel testId="metric-answer" extra={<PeriodInput value={period} onChange={setPeriod} />}>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={5} />}
      {data && <MetricFigures name={words.name(metric)} answer={data} unit={metric.unit} onShow={setShown} />}
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </Panel>
  );
}

function Meaning({ metric }: { metric: MetricDetail }) {
  const { t, locale } = useI18n();
  // What the platform says of its own metrics is Chinese; the formula says the same in both languages.
  const description = metric.is_builtin && locale === "en" ? "" : metric.description;
  return (
    <Panel title={t("metric.meaning")}>
      <dl className={styles.facts}>
        {description && (
          <>
            <dt>{t("metric.description")}</dt>
            <dd>{description}</dd>
          </>
        )}
        <dt>{t("metric.unit")}</dt>
        <dd>{t(`metric.unit.${metric.unit}`)}</dd>
        <dt>{t("metric.owner")}</dt>
        <dd>{metric.is_builtin ? t("metric.builtin") : metric.owner || "–"}</dd>
        {metric.used_by.length > 0 && (
          <>
            <dt>{t("metric.usedBy")}</dt>
            <dd>{metric.used_by.join("、")}</dd>
          </>
        )}
        <dt>SQL</dt>
        <dd>
          {metric.sql ? (
            <>
              <Code className={styles.sql} text={metric.sql} />
              <p className={styles.sqlBar}>
                <CopyButton text={metric.sql} />
                <Link to={`/warehouse?sql=${encodeURIComponent(metric.sql)}`}>{t("metric.sql.open")}</Link>
              </p>
            </>
          ) : (
            <span className="muted">{t("metric.sql.none")}</span>
          )}
        </dd>
      </dl>
    </Panel>
  );
}

function Versions({ metric }: { metric: MetricDetail }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Panel title={t("metric.versions")}>
      <ol className={styles.versions} data-testid="metric-versions">
        {metric.versions.map((one) => (
          <li key={one.version}>
            <strong>v{one.version}</strong>
            <span>{one.draft.name}</span>
            <code>{JSON.stringify(one.draft.formula)}</code>
            <small className="muted">
              {formatDay(one.changed_at, zone)} · {one.changed_by}
            </small>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
