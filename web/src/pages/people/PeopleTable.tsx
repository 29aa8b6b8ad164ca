import type { ReactNode } from "react";
import type { PersonRow } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { RfmClassTag } from "../rfm/RfmClassTag";
import { PersonName } from "./PersonName";

interface PeopleTableProps {
  rows: readonly PersonRow[] | undefined;
  error?: Error | null;
  onRetry?: () => void;
  empty: ReactNode;
}

export function PeopleTable({ rows, error, onRetry, empty }: PeopleTableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const columns: Column<PersonRow>[] = [
    {
      key: "name",
      title: t("people.name"),
      lead: true,
      render: (row) => (
        <PersonName id={row.id} name={row.display_name} seed={row.avatar_seed} note={row.city} />
      ),
    },
    {
      key: "class",
      title: t("people.class"),
      render: (row) => (row.rfm_class ? <RfmClassTag name={row.rfm_class} /> : <Nothing />),
    },
    {
      key: "reachable",
      title: t("people.reach"),
      render: (row) => (row.reachable === null ? <Nothing /> : <Reach reachable={row.reachable} />),
    },
    {
      key: "orders",
      title: t("people.orders"),
      align: "end",
      render: (row) => (row.orders === null ? <Nothing /> : format.count(row.orders)),
    },
    {
      key: "revenue",
      title: t("people.revenue"),
      align: "end",
      render: (row) => (row.revenue === null ? <Nothing /> : format.money(row.revenue, row.currency)),
    },
    {
      key: "seen",
      title: t("people.lastSeen"),
      align: "end",
      render: (row) => (row.last_seen_at ? ago(row.last_seen_at) : <Nothing />),
    },
  ];
  return (
    <DataTable
      label={t("nav.people")}
      testId="people-table"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      error={error}
      onRetry={onRetry}
      empty={empty}
    />
  );
}

function Reach({ reachable }: { reachable: boolean }) {
  const { t } = useI18n();
  return (
    <Tag tone={reachable ? "jade" : "plain"}>{t(reachable ? "people.reachable" : "people.unreachable")}</Tag>
  );
}

function Nothing() {
  return <span className="muted">–</span>;
}
