import { useInfiniteQuery } from "@tanstack/react-query";
import { type CompanyEvent, companyTimelineQuery } from "../../api/companies";
import { useZone } from "../../app/session";
import { dayKey, formatDateTime, formatDay, formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useReasonText } from "../messages/words";
import { describeEvent } from "../people/events";
import { groupByDay } from "../people/groupByDay";
import { PersonName } from "../people/PersonName";
import { useSegmentName } from "../segments/useSegmentName";
import styles from "./companies.module.css";

/** What the company's people did, together. */
export function CompanyMoments({ company, isWhole }: { company: string; isWhole: boolean }) {
  const { t } = useI18n();
  const zone = useZone();
  const timeline = useInfiniteQuery(companyTimelineQuery(company, isWhole));
  const events = timeline.data?.pages.flatMap((page) => page.items);
  const days = groupByDay(events ?? [], (one) => dayKey(one.event.occurred_at, zone));
  return (
    <Panel title={t("companies.tab.timeline")} testId="company-timeline">
      {timeline.error && !events && <ErrorNotice error={timeline.error} onRetry={timeline.refetch} />}
      {timeline.isPending && <PanelSkeleton rows={5} />}
      {events?.length === 0 && (
        <EmptyState title={t("companies.timeline.empty")}>{t("companies.timeline.empty.text")}</EmptyState>
      )}
      {days.map(([day, items]) => (
        <section key={day}>
          <h3 className={`${styles.day} num`}>{formatDay(items[0]?.event.occurred_at ?? day, zone)}</h3>
          <ol className={styles.moments}>
            {items.map((one) => (
              <Moment key={one.event.id} moment={one} />
            ))}
          </ol>
        </section>
      ))}
      <LoadMore pager={timeline} />
    </Panel>
  );
}

function Moment({ moment }: { moment: CompanyEvent }) {
  const { t, has } = useI18n();
  const { money } = useFormat();
  const reason = useReasonText();
  const segment = useSegmentName();
  const zone = useZone();
  const { title, summary } = describeEvent(moment.event, { t, has, money, reason, segment });
  const at = moment.event.occurred_at;
  return (
    <li>
      <time dateTime={at} className="num" title={formatDateTime(at, zone)}>
        {formatTime(at, zone)}
      </time>
      <PersonName id={moment.person} name={moment.person_name} />
      <div>
        <strong>{title}</strong>
        {summary}
      </div>
    </li>
  );
}
