import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link } from "react-router";
import { type AccountSegment, accountSegmentsQuery } from "../../../api/companies";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";

/** All segments of companies. */
export function AccountSegments() {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const segments = useQuery(accountSegmentsQuery);
  const create = (
    <Link to="/account-segments/new">
      <Button>{t("accounts.new")}</Button>
    </Link>
  );
  const columns: Column<AccountSegment>[] = [
    {
      key: "name",
      title: t("accounts.name"),
      lead: true,
      render: (row) => <Link to={`/account-segments/${row.id}`}>{row.name}</Link>,
    },
    {
      key: "size",
      title: t("accounts.size"),
      align: "end",
      render: (row) => (row.size == null ? "–" : format.count(row.size)),
    },
    { key: "seen", title: t("accounts.seen"), render: (row) => (row.sized_at ? ago(row.sized_at) : "–") },
  ];
  return (
    <Panel flush title={t("accounts.tab")} extra={create}>
      <DataTable
        label={t("accounts.tab")}
        columns={columns}
        rows={segments.data?.items}
        rowKey={(row) => row.id}
        error={segments.error}
        onRetry={segments.refetch}
        testId="account-segments"
        empty={
          <EmptyState title={t("accounts.empty")} action={create}>
            {t("accounts.empty.text")}
          </EmptyState>
        }
      />
    </Panel>
  );
}
