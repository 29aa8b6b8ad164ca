import { useQuery } from "@tanstack/react-query";
import { Progress } from "antd";
import { type JourneyMigration, migrationsQuery } from "../../../api/journeys";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";

/** People that were moved between versions: when, by whom, how many, and how far it is. */
export function MigrationList({ journey }: { journey: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  const { data, error, refetch } = useQuery(migrationsQuery(journey));
  if (data?.items.length === 0) return null;
  const columns: Column<JourneyMigration>[] = [
    {
      key: "what",
      title: t("migrate.what"),
      lead: true,
      render: (row) => t("migrate.fromTo", { before: row.before, after: row.after }),
    },
    { key: "at", title: t("migrate.at"), render: (row) => formatDateTime(row.created_at, zone) },
    { key: "by", title: t("versions.by"), render: (row) => row.actor || "–" },
    { key: "moved", title: t("migrate.moved"), align: "end", render: (row) => format.count(row.moved) },
    { key: "out", title: t("migrate.out"), align: "end", render: (row) => format.count(row.let_out) },
    {
      key: "state",
      title: t("messages.state"),
      render: (row) =>
        row.state === "running" ? (
          <Progress
            percent={Math.round((100 * (row.moved + row.let_out)) / Math.max(1, row.people))}
            size="small"
            style={{ width: 120 }}
            aria-label={t("progress")}
          />
        ) : (
          t(`migrate.state.${row.state}`)
        ),
    },
  ];
  return (
    <Panel flush title={t("migrate.list")}>
      <DataTable
        label={t("migrate.list")}
        testId="migrations-table"
        columns={columns}
        rows={data?.items}
        rowKey={(row) => row.id}
        error={error}
        onRetry={refetch}
        empty={<EmptyState title={t("migrate.list")} />}
      />
    </Panel>
  );
}
