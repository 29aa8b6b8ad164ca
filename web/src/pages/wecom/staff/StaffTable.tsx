import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Switch } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { type StaffRow, switchOnline } from "../../../api/wecom/staff";
import { type MessageKey, useI18n } from "../../../i18n";
import { Avatar } from "../../../ui/Avatar";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Tag, type Tone } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";

interface StaffTableProps {
  rows: readonly StaffRow[] | undefined;
  error: Error | null;
  onRetry: () => void;
  empty: ReactNode;
}

export const FIGURES = [
  ["held", "wecom.staff.held"],
  ["added_today", "wecom.staff.addedToday"],
  ["added_7d", "wecom.staff.added7d"],
  ["lost_7d", "wecom.staff.lost7d"],
  ["deleted_7d", "wecom.staff.deleted7d"],
] as const;

export function StaffTable({ rows, error, onRetry, empty }: StaffTableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<StaffRow>[] = [
    { key: "member", title: t("wecom.staff.member"), lead: true, render: (row) => <Member row={row} /> },
    { key: "state", title: t("wecom.staff.state"), render: (row) => <MemberState row={row} /> },
    { key: "online", title: t("wecom.staff.online"), render: (row) => <OnlineSwitch row={row} /> },
    ...FIGURES.map(([key, title]) => ({
      key,
      title: t(title),
      align: "end" as const,
      render: (row: StaffRow) => format.count(row.figures[key] ?? 0),
    })),
  ];
  return (
    <DataTable
      label={t("nav.staff")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      error={error}
      onRetry={onRetry}
      empty={empty}
      testId="staff-table"
    />
  );
}

function Member({ row }: { row: StaffRow }) {
  return (
    <Link to={`/staff/${row.id}`} style={{ display: "inline-flex", gap: 10, alignItems: "center" }}>
      <Avatar seed={row.id} name={row.name} size={28} />
      <span>
        {row.name} {row.position && <small className="muted">{row.position}</small>}
      </span>
    </Link>
  );
}

const STATUS: Record<number, MessageKey> = {
  1: "wecom.staff.status.1",
  2: "wecom.staff.status.2",
  4: "wecom.staff.status.4",
  5: "wecom.staff.status.5",
};
const TONES: Record<number, Tone> = { 0: "plain", 1: "jade", 2: "red", 4: "amber", 5: "plain" };

export function MemberState({ row }: { row: StaffRow }) {
  const { t } = useI18n();
  const status = row.left_at ? 5 : row.status;
  return (
    <>
      <Tag tone={TONES[status] ?? "plain"}>{t(STATUS[status] ?? "wecom.staff.status.0")}</Tag>
      {status === 1 && !row.can_serve && <Tag tone="amber">{t("wecom.staff.cannotServe")}</Tag>}
    </>
  );
}

export function OnlineSwitch({ row }: { row: StaffRow }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (isOnline: boolean) => switchOnline(row.id, isOnline),
    onSettled: () => queries.invalidateQueries({ queryKey: ["staff"] }),
  });
  if (row.left_at) return <>–</>;
  return (
    <>
      <Switch
        size="small"
        aria-label={t("wecom.staff.online.of", { name: row.name })}
        checked={change.isPending ? change.variables : row.is_online}
        loading={change.isPending}
        onChange={(isOnline) => change.mutate(isOnline)}
      />
      {change.error && <ErrorNotice error={change.error} />}
    </>
  );
}
