import { useInfiniteQuery } from "@tanstack/react-query";
import { App, Button, Input, Select } from "antd";
import { type AuditFilter, auditFile, auditQuery, type LoggedDeed } from "../../api/audit";
import { download } from "../../api/download";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { type MessageKey, useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { useSearchState } from "../../ui/useSearchState";
import styles from "./audit.module.css";
import { Chain } from "./Chain";
import { Deed, Objects } from "./words";

const AREAS = [
  "people",
  "segments",
  "insight",
  "warehouse",
  "journeys",
  "experiments",
  "messages",
  "forms",
  "wecom",
  "channels",
  "payments",
  "consent",
  "rights",
  "events",
  "imports",
  "settings",
  "access",
  "audit",
] as const;

/** Who did what: everything that was changed, opened, shown in full or taken away. */
export default function AuditPage() {
  const { t } = useI18n();
  const { message } = App.useApp();
  const filter = useAuditFilter();
  const entries = useInfiniteQuery(auditQuery(filter));
  const isFiltered = Object.values(filter).some(Boolean);
  const take = () =>
    download(auditFile(filter), "audit.csv", "GET").catch((error: Error) => message.error(error.message));
  return (
    <Page
      title={t("nav.audit")}
      lead={t("audit.lead")}
      actions={<Button onClick={take}>{t("audit.take")}</Button>}
    >
      <Chain />
      <Filters />
      <Panel flush>
        <DataTable
          label={t("nav.audit")}
          testId="audit-table"
          columns={useColumns()}
          rows={entries.data?.pages.flatMap((page) => page.items)}
          rowKey={(entry) => entry.id}
          error={entries.error}
          onRetry={entries.refetch}
          empty={
            <EmptyState title={t(isFiltered ? "audit.notFound" : "audit.empty")}>
              {t(isFiltered ? "audit.notFound.text" : "audit.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={entries} />
      </Panel>
    </Page>
  );
}

/** The filter as it stands in the address; days are those of the person who looks. */
function useAuditFilter(): AuditFilter {
  const [member] = useSearchState("member");
  const [area] = useSearchState("area");
  const [object] = useSearchState("object");
  const [since] = useSearchState("since");
  const [until] = useSearchState("until");
  const after = until && new Date(`${until}T00:00:00`);
  if (after) after.setDate(after.getDate() + 1);
  return {
    member: member || undefined,
    area: area || undefined,
    object: object || undefined,
    since: since ? new Date(`${since}T00:00:00`).toISOString() : undefined,
    until: after ? after.toISOString() : undefined,
  };
}

function Filters() {
  const { t } = useI18n();
  const [member, setMember] = useSearchState("member");
  const [object, setObject] = useSearchState("object");
  const [area, setArea] = useSearchState("area");
  return (
    <div className={styles.tools}>
      <SearchBox value={member} onChange={setMember} label={t("audit.member")} />
      <SearchBox value={object} onChange={setObject} label={t("audit.object")} />
      <Select
        allowClear
        aria-label={t("audit.area")}
        placeholder={t("audit.area")}
        value={area || undefined}
        onChange={(value: string | undefined) => setArea(value ?? "")}
        options={AREAS.map((value) => ({ value, label: t(`permissionArea.${value}` as MessageKey) }))}
        style={{ minWidth: 160 }}
      />
      <Day name="since" />
      <Day name="until" />
    </div>
  );
}

function Day({ name }: { name: "since" | "until" }) {
  const { t } = useI18n();
  const [day, setDay] = useSearchState(name);
  return (
    <span className={styles.day}>
      {t(`audit.${name}`)}
      <Input
        type="date"
        aria-label={t(`audit.${name}`)}
        value={day}
        onChange={(event) => setDay(event.target.value)}
      />
    </span>
  );
}

function useColumns(): Column<LoggedDeed>[] {
  const { t } = useI18n();
  const zone = useZone();
  return [
    { key: "deed", title: t("audit.deed"), lead: true, render: (entry) => <Deed entry={entry} /> },
    {
      key: "who",
      title: t("audit.who"),
      render: (entry) => (
        <>
          {entry.actor === "local" ? t("audit.local") : entry.actor}
          <span className={styles.below}>{entry.address}</span>
        </>
      ),
    },
    { key: "object", title: t("audit.what"), render: (entry) => <Objects entry={entry} /> },
    {
      key: "at",
      title: t("audit.at"),
      align: "end",
      render: (entry) => (
        <>
          {formatDateTime(entry.at, zone)}
          <span className={styles.below}>
            {entry.number === null ? t("audit.waiting") : t("audit.number", { number: String(entry.number) })}
          </span>
        </>
      ),
    },
  ];
}
