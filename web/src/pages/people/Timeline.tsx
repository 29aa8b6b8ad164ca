import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type TimelineFilter, timelineQuery } from "../../api/queries";
import type { TimelineEvent } from "../../api/types";
import { useZone } from "../../app/session";
import { dayKey, formatDateTime, formatDay, formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { JsonView } from "../../ui/JsonView";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Dot } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useReasonText } from "../messages/words";
import { useSegmentName } from "../segments/useSegmentName";
import { describeEvent } from "./events";
import { groupByDay, runsOf } from "./groupByDay";
import styles from "./people.module.css";
import { TimelineFilters } from "./TimelineFilters";

export function Timeline({ personId }: { personId: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const [filter, setFilter] = useState<TimelineFilter>({});
  const timeline = useInfiniteQuery(timelineQuery(personId, filter));
  const events = timeline.data?.pages.flatMap((page) => page.items);
  const days = groupByDay(events ?? [], (event) => dayKey(event.occurred_at, zone));
  return (
    <Panel
      title={t("person.timeline")}
      extra={<TimelineFilters value={filter} onChange={setFilter} seen={events ?? []} />}
      testId="timeline"
    >
      {timeline.error && !events && <ErrorNotice error={timeline.error} onRetry={timeline.refetch} />}
      {timeline.isPending && <PanelSkeleton rows={6} />}
      {events?.length === 0 && (
        <EmptyState title={t("person.timeline.empty")}>{t("person.timeline.empty.text")}</EmptyState>
      )}
      {days.map(([day, items]) => (
        <section key={day} className={styles.day}>
          <h3 className="num">{formatDay(items[0]?.occurred_at ?? day, zone)}</h3>
          <ol>
            {runsOf(items).map((run) => (
              <Run key={run[0]?.id} events={run} />
            ))}
          </ol>
        </section>
      ))}
      <LoadMore pager={timeline} />
    </Panel>
  );
}

/** The same thing many times on end is one line, which opens. */
function Run({ events }: { events: readonly TimelineEvent[] }) {
  const { t } = useI18n();
  const { count } = useFormat();
  const [open, setOpen] = useState(false);
  const shown = open ? events : events.slice(0, 1);
  return (
    <>
      {shown.map((event) => (
        <Moment key={event.id} event={event} />
      ))}
      {shown.length < events.length && (
        <li className={styles.run}>
          <Button type="link" size="small" onClick={() => setOpen(true)}>
            {t("person.timeline.more", { count: count(events.length - 1) })}
          </Button>
        </li>
      )}
    </>
  );
}

function Moment({ event }: { event: TimelineEvent }) {
  const { t, has } = useI18n();
  const { money } = useFormat();
  const reason = useReasonText();
  const segment = useSegmentName();
  const zone = useZone();
  const [open, setOpen] = useState(false);
  const { title, summary, tone } = describeEvent(event, { t, has, money, reason, segment });
  return (
    <li className={styles.moment}>
      <time dateTime={event.occurred_at} className="num" title={formatDateTime(event.occurred_at, zone)}>
        {formatTime(event.occurred_at, zone)}
      </time>
      <Dot tone={tone} />
      <div>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className={styles.momentHead}
        >
          <strong>{title}</strong>
          {summary && <span>{summary}</span>}
        </button>
        {open && <MomentDetail event={event} />}
      </div>
    </li>
  );
}

function MomentDetail({ event }: { event: TimelineEvent }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <div className={styles.detail}>
      <dl>
        <dt>{t("eventField.source")}</dt>
        <dd>{event.source}</dd>
        <dt>{t("eventField.name")}</dt>
        <dd className="mono">{event.name}</dd>
        <dt>{t("eventField.occurred")}</dt>
        <dd className="num">{formatDateTime(event.occurred_at, zone)}</dd>
        <dt>{t("eventField.received")}</dt>
        <dd className="num">{formatDateTime(event.received_at, zone)}</dd>
      </dl>
      <JsonView value={{ properties: event.properties, context: event.context }} />
    </div>
  );
}
