import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { eventDetailQuery } from "../../api/events";
import type { EventDetail, EventSample, EventSeen, PropertySeen, SourceVolume } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { JsonView } from "../../ui/JsonView";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Sparkline } from "../../ui/Sparkline";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import styles from "./events.module.css";
import { IssuesPanel } from "./IssuesPanel";
import { PlanPanel } from "./PlanPanel";
import { QuarantinePanel } from "./QuarantinePanel";
import { KeepPanel } from "./RetentionPanel";

/** One event name: its volume, its properties, and what its latest events hold. */
export default function EventPage() {
  const { t } = useI18n();
  const [name] = useSearchState("name");
  const inWords = useEventName();
  const { data, error, refetch } = useQuery(eventDetailQuery(name));
  return (
    <Page
      title={inWords(name)}
      back={{ to: "/events", label: t("nav.events") }}
      lead={<code className={`mono ${styles.wrap}`}>{name}</code>}
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={6} />}
      {data && <Volume detail={data} />}
      {data && <Properties detail={data} />}
      <PlanPanel name={name} />
      <IssuesPanel name={name} />
      <QuarantinePanel name={name} />
      <KeepPanel name={name} />
      {data && <Samples samples={data.samples} />}
    </Page>
  );
}

function Volume({ detail }: { detail: EventDetail }) {
  const { t } = useI18n();
  const format = useFormat();
  const { event, days } = detail;
  return (
    <Panel title={t("catalogue.days")} testId="event-volume">
      <Sparkline values={days.map((day) => day.events)} />
      <dl className={styles.figures}>
        <Figure label={t("catalogue.today")}>{format.count(event.today)}</Figure>
        <Figure label={t("catalogue.days30")}>{format.count(event.days_30)}</Figure>
        <Figure label={t("catalogue.total")}>{format.count(event.events)}</Figure>
        <Heard label={t("catalogue.firstSeen")} at={event.first_seen_at} />
        <Heard label={t("catalogue.lastSeen")} at={event.last_seen_at} />
      </dl>
      <Sources event={event} />
    </Panel>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

function Heard({ label, at }: { label: string; at: string }) {
  const ago = useAgo();
  const zone = useZone();
  return (
    <Figure label={label}>
      <time title={formatDateTime(at, zone)}>{ago(at)}</time>
    </Figure>
  );
}

function Sources({ event }: { event: EventSeen }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  if (event.sources.length < 2) {
    return <p className="muted">{`${t("catalogue.sources")} ${event.sources[0]?.source ?? ""}`}</p>;
  }
  const columns: Column<SourceVolume>[] = [
    { key: "source", title: t("catalogue.sources"), lead: true, render: (one) => one.source },
    { key: "today", title: t("catalogue.today"), align: "end", render: (one) => format.count(one.today) },
    { key: "days", title: t("catalogue.days30"), align: "end", render: (one) => format.count(one.days_30) },
    { key: "last", title: t("catalogue.lastSeen"), align: "end", render: (one) => ago(one.last_seen_at) },
  ];
  return (
    <DataTable
      label={t("catalogue.bySource")}
      columns={columns}
      rows={event.sources}
      rowKey={(one) => one.source}
      empty={null}
    />
  );
}

function Properties({ detail }: { detail: EventDetail }) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<PropertySeen>[] = [
    {
      key: "key",
      title: t("catalogue.key"),
      lead: true,
      width: "28%",
      render: (one) => <code className={`mono ${styles.wrap}`}>{one.key}</code>,
    },
    { key: "type", title: t("catalogue.type"), render: (one) => t(`propertyType.${one.type}`) },
    {
      key: "present",
      title: t("catalogue.present"),
      align: "end",
      render: (one) => format.share(one.present, detail.looked_at),
    },
    {
      key: "examples",
      title: t("catalogue.examples"),
      wide: true,
      width: "42%",
      render: (one) => (
        <span className={styles.examples}>
          {one.examples.map((text) => (
            <code key={text} className="mono">
              {text}
            </code>
          ))}
        </span>
      ),
    },
  ];
  return (
    <Panel flush title={t("catalogue.properties")} testId="event-properties">
      <p className={styles.note}>{t("catalogue.properties.text", { count: detail.looked_at })}</p>
      <DataTable
        label={t("catalogue.properties")}
        columns={columns}
        rows={detail.properties}
        rowKey={(one) => one.key}
        empty={<p className={styles.note}>{t("catalogue.properties.empty")}</p>}
      />
    </Panel>
  );
}

function Samples({ samples }: { samples: readonly EventSample[] }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Panel title={t("catalogue.samples")} testId="event-samples">
      <ul className={styles.samples}>
        {samples.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events of the list have no id of their own, and it is never reordered.
          <li key={index}>
            <p>
              <time>{formatDateTime(one.occurred_at, zone)}</time> <span className="muted">{one.source}</span>{" "}
              {one.person_id && <Link to={`/people/${one.person_id}`}>{t("catalogue.person")}</Link>}
            </p>
            <JsonView value={one.properties} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
