import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type JourneyVersion, restoreVersion, versionsQuery } from "../../../api/journeys";
import { journeyQuery } from "../../../api/queries";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import { Difference } from "./Difference";
import { MigrateDrawer } from "./MigrateDrawer";
import { MigrationList } from "./MigrationList";
import styles from "./versions.module.css";

const DRAFT = 0;

/** What was published of a journey, what changed from one to the other, and the way back. */
export default function VersionsPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: journey } = useQuery(journeyQuery(id));
  const versions = useQuery(versionsQuery(id));
  const [migrated, setMigrated] = useState<number | null>(null);
  return (
    <Page
      title={t("versions.title")}
      lead={t("versions.lead")}
      back={{ to: `/journeys/${id}`, label: journey?.name ?? t("nav.journeys") }}
    >
      <List
        journey={id}
        canRestore={journey !== undefined && journey.status !== "stopped"}
        rows={versions.data?.items}
        error={versions.error}
        onRetry={versions.refetch}
        onMigrate={setMigrated}
      />
      <MigrationList journey={id} />
      {versions.data?.items[0] && <Compare journey={id} versions={versions.data.items} />}
      {journey && <MigrateDrawer journey={journey} before={migrated} onClose={() => setMigrated(null)} />}
    </Page>
  );
}

interface ListProps {
  journey: string;
  canRestore: boolean;
  rows: readonly JourneyVersion[] | undefined;
  error: Error | null;
  onRetry: () => void;
  onMigrate: (version: number) => void;
}

function List({ journey, canRestore, rows, error, onRetry, onMigrate }: ListProps) {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(journey, version),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["journey", journey] });
      navigate(`/journeys/${journey}/edit`);
    },
  });
  const columns: Column<JourneyVersion>[] = [
    {
      key: "version",
      title: t("versions.version"),
      lead: true,
      render: (row) => (
        <span className={styles.pick}>
          <strong>{t("journey.version", { version: row.version })}</strong>
          {row.is_current && <Tag tone="jade">{t("versions.current")}</Tag>}
        </span>
      ),
    },
    { key: "at", title: t("versions.at"), render: (row) => formatDateTime(row.published_at, zone) },
    { key: "by", title: t("versions.by"), render: (row) => row.published_by || "–" },
    { key: "nodes", title: t("versions.nodes"), align: "end", render: (row) => format.count(row.nodes) },
    {
      key: "active",
      title: t("versions.active"),
      align: "end",
      render: (row) => format.count(row.active),
    },
    {
      key: "restore",
      title: "",
      align: "end",
      render: (row) =>
        canRestore && (
          <span className={styles.pick} style={{ justifyContent: "end" }}>
            {!row.is_current && row.active > 0 && (
              <Button size="small" onClick={() => onMigrate(row.version)}>
                {t("migrate.open")}
              </Button>
            )}
            <Popconfirm
              title={t("versions.restore.ask")}
              okText={t("versions.restore")}
              onConfirm={() => restore.mutate(row.version)}
            >
              <Button size="small" loading={restore.isPending && restore.variables === row.version}>
                {t("versions.restore")}
              </Button>
            </Popconfirm>
          </span>
        ),
    },
  ];
  return (
    <Panel flush>
      {restore.error && <ErrorNotice error={restore.error} />}
      <DataTable
        label={t("versions.title")}
        testId="versions-table"
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.version)}
        error={error}
        onRetry={onRetry}
        empty={<EmptyState title={t("versions.none")} />}
      />
    </Panel>
  );
}

function Compare({ journey, versions }: { journey: string; versions: readonly JourneyVersion[] }) {
  const { t } = useI18n();
  const newest = versions[0]?.version ?? 1;
  const [from, setFrom] = useSearchState("before");
  const [to, setTo] = useSearchState("after");
  const before = Number(from || newest);
  const after = Number(to || DRAFT);
  const options = [
    { value: DRAFT, label: t("versions.draft") },
    ...versions.map(({ version }) => ({ value: version, label: t("journey.version", { version }) })),
  ];
  return (
    <Panel
      title={t("versions.compare")}
      extra={
        <span className={styles.pick}>
          <Select
            aria-label={t("versions.before")}
            value={before}
            options={options}
            onChange={(version) => setFrom(String(version))}
          />
          →
          <Select
            aria-label={t("versions.after")}
            value={after}
            options={options}
            onChange={(version) => setTo(String(version))}
          />
        </span>
      }
    >
      <Difference journey={journey} before={before} after={after} />
    </Panel>
  );
}
