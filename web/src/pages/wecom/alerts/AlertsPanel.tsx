import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type AlertKind, alertsQuery, handleAlert, type StaffAlert } from "../../../api/wecom/staff";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { Tag, type Tone } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";

const TONES: Record<AlertKind, Tone> = {
  lost_by_customer: "amber",
  lost_by_staff: "amber",
  many_deletions: "red",
  deleted_before_leaving: "red",
};
const KINDS = Object.keys(TONES) as AlertKind[];

/** Lost customers, with who has seen to each; of one member, or of all. */
export function AlertsPanel({ staff }: { staff?: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const [state, setState] = useSearchState("alertState");
  const [kind, setKind] = useSearchState("alertKind");
  const alerts = useInfiniteQuery(alertsQuery({ staff, state: state || undefined, kind: kind || undefined }));
  const open = alerts.data?.pages[0]?.open;
  return (
    <Panel
      flush
      testId="staff-alerts"
      title={t("wecom.staff.tab.alerts")}
      extra={
        <>
          {!staff && open !== undefined && (
            <span className="muted">{t("wecom.alerts.open", { count: format.count(open) })}</span>
          )}
          <Select
            allowClear
            size="small"
            aria-label={t("wecom.alerts.state")}
            placeholder={t("wecom.alerts.state")}
            value={state || undefined}
            onChange={(chosen: string | undefined) => setState(chosen ?? "")}
            options={(["open", "handled"] as const).map((value) => ({
              value,
              label: t(`wecom.alerts.state.${value}`),
            }))}
            style={{ width: 110 }}
          />
          <Select
            allowClear
            size="small"
            aria-label={t("wecom.alerts.kind")}
            placeholder={t("wecom.alerts.kind")}
            value={kind || undefined}
            onChange={(chosen: string | undefined) => setKind(chosen ?? "")}
            options={KINDS.map((value) => ({ value, label: t(`wecom.alerts.kind.${value}`) }))}
            style={{ width: 160 }}
          />
        </>
      }
    >
      <AlertsTable
        rows={alerts.data?.pages.flatMap((page) => page.items)}
        error={alerts.error}
        onRetry={alerts.refetch}
      />
      <LoadMore pager={alerts} />
    </Panel>
  );
}

interface AlertsTableProps {
  rows: readonly StaffAlert[] | undefined;
  error: Error | null;
  onRetry: () => void;
}

function AlertsTable({ rows, error, onRetry }: AlertsTableProps) {
  const { t } = useI18n();
  const zone = useZone();
  const columns: Column<StaffAlert>[] = [
    {
      key: "what",
      title: t("wecom.alerts.what"),
      lead: true,
      render: (row) => <Tag tone={TONES[row.kind]}>{t(`wecom.alerts.kind.${row.kind}`)}</Tag>,
    },
    {
      key: "staff",
      title: t("wecom.customers.staff"),
      render: (row) =>
        row.staff_id ? <Link to={`/staff/${row.staff_id}`}>{row.staff_name}</Link> : row.staff_name,
    },
    { key: "customer", title: t("wecom.customers.customer"), render: (row) => <Whom row={row} /> },
    {
      key: "at",
      title: t("wecom.alerts.at"),
      render: (row) => <span className="num">{formatDateTime(row.happened_at, zone)}</span>,
    },
    { key: "state", title: t("wecom.alerts.state"), wide: true, render: (row) => <Handling row={row} /> },
  ];
  return (
    <DataTable
      label={t("wecom.staff.tab.alerts")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      error={error}
      onRetry={onRetry}
      empty={<EmptyState title={t("wecom.alerts.empty")}>{t("wecom.alerts.empty.text")}</EmptyState>}
    />
  );
}

function Whom({ row }: { row: StaffAlert }) {
  const { t } = useI18n();
  if (row.kind === "many_deletions" || row.kind === "deleted_before_leaving") {
    return <>{t("wecom.alerts.count", { count: row.count })}</>;
  }
  const name = row.customer_name || t("wecom.customers.unnamed");
  return row.person_id ? <Link to={`/people/${row.person_id}`}>{name}</Link> : name;
}

function Handling({ row }: { row: StaffAlert }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const handle = useMutation({
    mutationFn: () => handleAlert(row.id, row.state === "open" ? "handled" : "open", note),
    onSuccess: () => setNote(""),
    onSettled: () => queries.invalidateQueries({ queryKey: ["staff-alerts"] }),
  });
  if (handle.error) return <ErrorNotice error={handle.error} />;
  if (row.state === "handled") {
    return (
      <>
        <span className="muted">
          {t("wecom.alerts.handledBy", { name: row.handled_by })}
          {row.note && ` · ${row.note}`}
        </span>{" "}
        <Button size="small" type="link" loading={handle.isPending} onClick={() => handle.mutate()}>
          {t("wecom.alerts.reopen")}
        </Button>
      </>
    );
  }
  return (
    <Popconfirm
      icon={null}
      title={t("wecom.alerts.handle")}
      description={
        <Input
          value={note}
          maxLength={500}
          onChange={(event) => setNote(event.target.value)}
          placeholder={t("wecom.alerts.note")}
          aria-label={t("wecom.alerts.note")}
        />
      }
      onConfirm={() => handle.mutate()}
    >
      <Button size="small" loading={handle.isPending}>
        {t("wecom.alerts.handle")}
      </Button>
    </Popconfirm>
  );
}
