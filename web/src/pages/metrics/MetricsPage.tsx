import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { type Metric, metricsQuery } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import styles from "./metrics.module.css";
import { useMetricWords } from "./useMetricWords";

/** Every metric there is: what it means, and who answers for it. */
export default function MetricsPage() {
  const { t } = useI18n();
  const words = useMetricWords();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(metricsQuery);
  const create = (
    <Button type="primary" onClick={() => navigate("/figures/new")}>
      {t("metric.create")}
    </Button>
  );
  const columns: Column<Metric>[] = [
    {
      key: "name",
      title: t("metric.name"),
      lead: true,
      render: (one) => (
        <Link to={`/figures/${one.id}`} className={styles.name}>
          <strong>{words.name(one)}</strong>
        </Link>
      ),
    },
    { key: "formula", title: t("metric.formula"), wide: true, render: (one) => words.formula(one.text) },
    { key: "unit", title: t("metric.unit"), render: (one) => t(`metric.unit.${one.unit}`) },
    {
      key: "owner",
      title: t("metric.owner"),
      render: (one) => (one.is_builtin ? <span className="muted">{t("metric.builtin")}</span> : one.owner),
    },
    { key: "version", title: t("metric.version"), align: "end", render: (one) => one.version },
  ];
  return (
    <Page title={t("nav.metrics")} lead={t("metric.lead")} actions={create}>
      <Panel flush>
        <DataTable
          label={t("nav.metrics")}
          testId="metrics-table"
          columns={columns}
          rows={data?.items}
          rowKey={(one) => one.id}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("metric.empty")} action={create} />}
        />
      </Panel>
    </Page>
  );
}
