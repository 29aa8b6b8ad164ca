import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Relation } from "../../../api/wecom/staff";
import { useAgo, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { type MessageKey, useI18n } from "../../../i18n";
import { Avatar } from "../../../ui/Avatar";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Tag, type Tone } from "../../../ui/Tag";

interface CustomersTableProps {
  rows: readonly Relation[] | undefined;
  error: Error | null;
  onRetry: () => void;
  empty: ReactNode;
  /** On a member's own page every row is theirs. */
  withoutStaff?: boolean;
}

export function CustomersTable({ rows, error, onRetry, empty, withoutStaff }: CustomersTableProps) {
  const { t } = useI18n();
  const wayOf = useWay();
  const columns: Column<Relation>[] = [
    { key: "customer", title: t("wecom.customers.customer"), lead: true, render: (row) => <Who row={row} /> },
    ...(withoutStaff
      ? []
      : [
          {
            key: "staff",
            title: t("wecom.customers.staff"),
            render: (row: Relation) => <StaffName row={row} />,
          },
        ]),
    { key: "status", title: t("wecom.customers.status"), render: (row) => <Status row={row} /> },
    { key: "way", title: t("wecom.customers.way"), render: (row) => wayOf(row) },
    { key: "state", title: t("wecom.customers.state"), render: (row) => row.code_name || row.state || "–" },
    { key: "tags", title: t("wecom.customers.tags"), wide: true, render: (row) => <Tags row={row} /> },
    { key: "added", title: t("wecom.customers.addedAt"), render: (row) => <AddedAt row={row} /> },
  ];
  return (
    <DataTable
      label={t("nav.customers")}
      columns={columns}
      rows={rows}
      rowKey={(row) => `${row.corp}:${row.staff_userid}:${row.customer}`}
      error={error}
      onRetry={onRetry}
      empty={empty}
      testId="customers-table"
    />
  );
}

/** The platform numbers the ways; one it adds one day is shown by its number. */
export function useWay(): (row: Relation) => string {
  const { t, has } = useI18n();
  return (row) => {
    const key = `wecom.way.${row.add_way}`;
    return has(key) ? t(key) : String(row.add_way);
  };
}

function Who({ row }: { row: Relation }) {
  const { t } = useI18n();
  const name = row.name || t("wecom.customers.unnamed");
  const shown = (
    <span style={{ display: "inline-flex", gap: 10, alignItems: "center" }}>
      <Avatar seed={row.person_id ?? row.customer} name={row.name || null} size={28} />
      <span>
        {name} {row.type === 2 && <small className="muted">{t("wecom.customers.wecomUser")}</small>}
      </span>
    </span>
  );
  return row.person_id ? <Link to={`/people/${row.person_id}`}>{shown}</Link> : shown;
}

function StaffName({ row }: { row: Relation }) {
  return row.staff_id ? <Link to={`/staff/${row.staff_id}`}>{row.staff_name}</Link> : row.staff_name;
}

const TONES: Record<Relation["status"], Tone> = {
  active: "jade",
  half: "amber",
  deleted_by_staff: "red",
  deleted_by_customer: "red",
  transferred: "plain",
};

export const STATUSES = Object.keys(TONES) as Relation["status"][];

export const statusKey = (status: Relation["status"]): MessageKey => `wecom.customers.status.${status}`;

export function Status({ row }: { row: Relation }) {
  const { t } = useI18n();
  const ago = useAgo();
  return (
    <>
      <Tag tone={TONES[row.status]}>{t(statusKey(row.status))}</Tag>
      {row.ended_at && (
        <small className="muted"> {t("wecom.customers.ended", { at: ago(row.ended_at) })}</small>
      )}
    </>
  );
}

function Tags({ row }: { row: Relation }) {
  if (row.tags.length === 0) return "–";
  return row.tags.map((tag) => (
    <Tag key={tag} tone="blue">
      {tag}
    </Tag>
  ));
}

function AddedAt({ row }: { row: Relation }) {
  const zone = useZone();
  return <span className="num">{row.added_at ? formatDateTime(row.added_at, zone) : "–"}</span>;
}
