import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { eventCatalogueQuery } from "../../api/events";
import type { EventSeen } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import styles from "./events.module.css";
import { IssuesPanel } from "./IssuesPanel";
import { eventPath } from "./paths";
import { QuarantinePanel } from "./QuarantinePanel";
import { RetentionPanel } from "./RetentionPanel";
import { SourceRules } from "./SourceRules";

/** Every event name that was ever heard. */
export default function EventsPage() {
  const { t } = useI18n();
  const [word, setWord] = useSearchState("q");
  const { data, error, refetch } = useQuery(eventCatalogueQuery);
  const inWords = useEventName();
  const wanted = word.trim().toLowerCase();
  const rows = data?.items.filter((one) => `${one.name} ${inWords(one.name)}`.toLowerCase().includes(wanted));
  return (
    <Page
      title={t("nav.events")}
      lead={t("catalogue.lead")}
      actions={<SearchBox value={word} onChange={setWord} label={t("catalogue.search")} />}
    >
      <Panel flush>
        <DataTable
          label={t("nav.events")}
          testId="events-table"
          columns={useColumns()}
          rows={rows}
          rowKey={(one) => one.name}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState
              title={t(wanted ? "catalogue.none" : "catalogue.empty")}
              action={!wanted && <Link to="/sources">{t("nav.sources")}</Link>}
            >
              {t(wanted ? "catalogue.none.text" : "catalogue.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
      <QuarantinePanel />
      <SourceRules />
      <IssuesPanel />
      <RetentionPanel />
    </Page>
  );
}

function useColumns(): Column<EventSeen>[] {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const zone = useZone();
  return [
    {
      key: "name",
      title: t("catalogue.event"),
      lead: true,
      width: "34%",
      render: (one) => <EventName name={one.name} />,
    },
    {
      key: "sources",
      title: t("catalogue.sources"),
      width: "24%",
      render: (one) => (
        <span className={styles.sources}>
          {one.sources.map((source) => (
            <span key={source.source}>{source.source || "–"}</span>
          ))}
        </span>
      ),
    },
    { key: "today", title: t("catalogue.today"), align: "end", render: (one) => format.count(one.today) },
    { key: "days", title: t("catalogue.days30"), align: "end", render: (one) => format.count(one.days_30) },
    {
      key: "last",
      title: t("catalogue.lastSeen"),
      align: "end",
      render: (one) => <time title={formatDateTime(one.last_seen_at, zone)}>{ago(one.last_seen_at)}</time>,
    },
  ];
}

function EventName({ name }: { name: string }) {
  const { t } = useI18n();
  const inWords = useEventName();
  if (!name) return <span className="muted">{t("catalogue.rest")}</span>;
  const words = inWords(name);
  return (
    <span className={styles.name}>
      <Link to={eventPath(name)}>{words}</Link>
      {words !== name && <code className="mono">{name}</code>}
    </span>
  );
}
