import { useInfiniteQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { timelineQuery } from "../../api/queries";
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
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { useReasonText } from "../messages/words";
import { useSegmentName } from "../segments/useSegmentName";
import { describeEvent, KNOWN_EVENTS } from "./events";
import { groupByDay } from "./groupByDay";
import styles from "./people.module.css";

export function Timeline({ personId }: { personId: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const [name, setName] = useState<string>();
  const timeline = useInfiniteQuery(timelineQuery(personId, name));
  const events = timeline.data?.pages.flatMap((page) => page.items);
  const days = groupByDay(events ?? [], (event) => dayKey(event.occurred_at, zone));
  return (
    <Panel
      title={t("person.timeline")}
      extra={<NameFilter value={name} onChange={setName} seen={events ?? []} />}
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
            {items.map((event) => (
              <Moment key={event.id} event={event} />
            ))}
          </ol>
        </section>
      ))}
      <LoadMore pager={timeline} />
    </Panel>
  );
}

interface NameFilterProps {
  value: string | undefined;
  onChange: (name: string | undefined) => void;
  seen: readonly TimelineEvent[];
}

function NameFilter({ value, onChange, seen }: NameFilterProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  const names = [...new Set([...seen.map((event) => event.name), ...KNOWN_EVENTS])];
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      size="small"
      aria-label={t("person.timeline.filter")}
      placeholder={t("person.timeline.filter")}
      value={value}
      onChange={onChange}
      popupMatchSelectWidth={260}
      options={names.map((name) => ({ value: name, label: eventName(name) }))}
      style={{ width: 170 }}
    />
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
