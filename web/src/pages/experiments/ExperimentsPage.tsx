import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { type ExperimentRow, experimentsQuery } from "../../api/experiments";
import { useMay } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { HoldoutPanel } from "./HoldoutPanel";
import { STATUS_TONES } from "./words";

/** The brand's experiments, and the share nobody sends marketing to. */
export default function ExperimentsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(experimentsQuery);
  const columns: Column<ExperimentRow>[] = [
    {
      key: "name",
      title: t("exp.name"),
      lead: true,
      render: (row) => (
        <Link to={`/experiments/${row.id}`} style={{ color: "inherit" }}>
          <strong style={{ fontWeight: 550 }}>{row.name}</strong>
        </Link>
      ),
    },
    {
      key: "status",
      title: t("exp.status"),
      render: (row) => <Tag tone={STATUS_TONES[row.status]}>{t(`exp.status.${row.status}`)}</Tag>,
    },
    { key: "kind", title: t("exp.kind"), render: (row) => t(`exp.kind.${row.kind}`) },
    {
      key: "people",
      title: t("exp.people"),
      align: "end",
      render: (row) => format.count(row.people.reduce((sum, arm) => sum + arm.people, 0)),
    },
  ];
  return (
    <Page title={t("nav.experiments")} lead={t("exp.lead")} actions={<Create />}>
      <Panel flush>
        <DataTable
          label={t("nav.experiments")}
          testId="experiments-table"
          columns={columns}
          rows={data?.items}
          rowKey={(row) => row.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState title={t("exp.empty")} action={<Create />}>
              {t("exp.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
      <HoldoutPanel />
    </Page>
  );
}

function Create() {
  const { t } = useI18n();
  const navigate = useNavigate();
  if (!useMay()("experiments.write")) return null;
  return (
    <Button type="primary" onClick={() => navigate("/experiments/new/edit")}>
      {t("exp.create")}
    </Button>
  );
}
