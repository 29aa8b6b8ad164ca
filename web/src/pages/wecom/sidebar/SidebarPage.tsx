import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { deedsQuery, type StaffDeed, sidebarAddressesQuery } from "../../../api/wecom/inheritance";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { type MessageKey, useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";

/** Where the page beside chats lies, and what members did there. */
export default function SidebarPage() {
  const { t } = useI18n();
  return (
    <Page title={t("nav.staffSidebar")} lead={t("wecom.sidebar.lead")}>
      <Addresses />
      <Deeds />
    </Page>
  );
}

function Addresses() {
  const { t } = useI18n();
  const addresses = useQuery(sidebarAddressesQuery);
  if (addresses.error) return <ErrorNotice error={addresses.error} onRetry={addresses.refetch} />;
  return (
    <Panel title={t("wecom.sidebar.addresses")} testId="sidebar-addresses">
      {addresses.data?.items.length === 0 && <p>{t("wecom.inherit.noCorp")}</p>}
      {addresses.data?.items.map((one) => (
        <div key={one.corp}>
          <strong>{one.corp_name}</strong>
          <p>
            <code className="mono" style={{ overflowWrap: "anywhere" }}>
              {one.url}
            </code>{" "}
            <CopyButton text={one.url} />
          </p>
          <p className="muted">
            {t("wecom.sidebar.address.text", { agent: one.agent_id, domain: one.domain })}
            {!one.has_https && ` ${t("wecom.sidebar.https")}`}
          </p>
        </div>
      ))}
    </Panel>
  );
}

function Deeds() {
  const { t, has } = useI18n();
  const zone = useZone();
  const deeds = useInfiniteQuery(deedsQuery);
  const word = (key: string, otherwise: string) => (has(key) ? t(key as MessageKey) : otherwise);
  const columns: Column<StaffDeed>[] = [
    { key: "member", title: t("wecom.sidebar.member"), lead: true, render: (row) => row.name },
    {
      key: "what",
      title: t("wecom.sidebar.what"),
      render: (row) =>
        `${word(`wecom.sidebar.what.${row.what}`, row.what)} ${row.fields.length ? `(${row.fields.join(" ")})` : ""}`,
    },
    {
      key: "customer",
      title: t("wecom.sidebar.customer"),
      render: (row) =>
        row.person_id ? (
          <Link to={`/people/${row.person_id}`}>{row.customer_name || row.person_id}</Link>
        ) : (
          "–"
        ),
    },
    {
      key: "outcome",
      title: t("wecom.sidebar.outcome"),
      render: (row) => `${word(`wecom.sidebar.outcome.${row.state}`, row.state)} ${row.reason}`,
    },
    { key: "at", title: t("wecom.sidebar.at"), render: (row) => formatDateTime(row.at, zone) },
  ];
  return (
    <Panel title={t("wecom.sidebar.deeds")} flush>
      <DataTable
        label={t("wecom.sidebar.deeds")}
        columns={columns}
        rows={deeds.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.id}
        error={deeds.error}
        onRetry={deeds.refetch}
        testId="sidebar-deeds"
        empty={<EmptyState title={t("wecom.sidebar.deeds.none")} />}
      />
      <LoadMore pager={deeds} />
    </Panel>
  );
}
