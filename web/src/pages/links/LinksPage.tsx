import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { linksQuery, type ShortLink } from "../../api/links";
import { useMay, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { LinkDrawer } from "./LinkDrawer";
import { LinkForm } from "./LinkForm";
import styles from "./links.module.css";

/** The brand's short links, newest first, with what came of each in 30 days. */
export default function LinksPage() {
  const { t } = useI18n();
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const [edited, setEdited] = useState<ShortLink | "new" | null>(null);
  const found = useInfiniteQuery(linksQuery(search.get("campaign") ?? ""));
  const rows = found.data?.pages.flatMap((page) => page.items);
  const shown = rows?.find((row) => row.id === search.get("link"));
  const show = (id: string | null) => {
    const next = new URLSearchParams(search);
    if (id) next.set("link", id);
    else next.delete("link");
    setSearch(next);
  };
  const create = may("messages.send") && (
    <Button type="primary" onClick={() => setEdited("new")}>
      {t("links.create")}
    </Button>
  );
  return (
    <Page title={t("nav.links")} lead={t("links.lead")} actions={create}>
      <Panel flush>
        <Table rows={rows} found={found} onShow={show}>
          <EmptyState title={t("links.empty")} action={create}>
            {t("links.empty.text", { example: '{{ "https://…" | short_link }}' })}
          </EmptyState>
        </Table>
        <LoadMore pager={found} />
      </Panel>
      {shown && <LinkDrawer link={shown} onEdit={() => setEdited(shown)} onClose={() => show(null)} />}
      {edited && (
        <LinkForm link={edited === "new" ? null : edited} onClose={() => setEdited(null)} onSaved={show} />
      )}
    </Page>
  );
}

interface TableProps {
  rows: ShortLink[] | undefined;
  found: { error: Error | null; refetch: () => void };
  onShow: (id: string) => void;
  children: ReactNode;
}

function Table({ rows, found, onShow, children }: TableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const count = (value: number | null) => (value === null ? "–" : format.count(value));
  const columns: Column<ShortLink>[] = [
    {
      key: "name",
      title: t("links.name"),
      lead: true,
      render: (row) => (
        <button type="button" className={styles.name} onClick={() => onShow(row.id)}>
          <strong>{row.name}</strong>
          {row.name !== row.target && <small>{row.target}</small>}
        </button>
      ),
    },
    { key: "origin", title: t("links.origin"), render: (row) => <Origin link={row} /> },
    { key: "clicks", title: t("links.clicks"), align: "end", render: (row) => count(row.clicks) },
    { key: "people", title: t("links.people"), align: "end", render: (row) => count(row.people) },
    { key: "bots", title: t("links.bots"), align: "end", render: (row) => count(row.bots) },
    {
      key: "created",
      title: t("links.created"),
      align: "end",
      render: (row) => formatDateTime(row.created_at, zone),
    },
  ];
  return (
    <DataTable
      label={`${t("nav.links")} · ${t("links.last30")}`}
      testId="links-table"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      error={found.error}
      onRetry={found.refetch}
      empty={children}
    />
  );
}

/** Where a link came about: by hand, or by whose messages. */
export function Origin({ link }: { link: ShortLink }) {
  const { t } = useI18n();
  if (link.broadcast_id)
    return <Link to={`/broadcasts/${link.broadcast_id}`}>{t("links.origin.broadcast")}</Link>;
  if (link.journey_id) return <Link to={`/journeys/${link.journey_id}`}>{t("links.origin.journey")}</Link>;
  return t(link.url ? "links.origin.own" : "links.origin.hand");
}
