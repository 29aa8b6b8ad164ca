import { Select } from "antd";
import type { TimelineFilter } from "../../api/queries";
import type { TimelineEvent } from "../../api/types";
import { useNow } from "../../app/session";
import { useI18n } from "../../i18n";
import { useEventName } from "../../ui/useEventName";
import { KNOWN_EVENTS } from "./events";
import styles from "./people.module.css";

const KINDS = ["track", "identify", "page", "screen", "group", "alias"] as const;
const PERIODS = ["7", "30", "365"] as const;
const DAY_MS = 86_400_000;

interface TimelineFiltersProps {
  value: TimelineFilter;
  onChange: (filter: TimelineFilter) => void;
  seen: readonly TimelineEvent[];
}

/** What of a timeline is shown: names, kinds, channels that were seen, and a period. */
export function TimelineFilters({ value, onChange, seen }: TimelineFiltersProps) {
  const { t } = useI18n();
  const now = useNow();
  const eventName = useEventName();
  const names = [...new Set([...seen.map((event) => event.name), ...KNOWN_EVENTS])];
  const channels = [...new Set([value.channel, ...seen.map((event) => event.context.channel)])].filter(
    (channel): channel is string => Boolean(channel),
  );
  const choose = (part: TimelineFilter) => onChange({ ...value, ...part });
  return (
    <div className={styles.filters}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        size="small"
        aria-label={t("person.timeline.filter")}
        placeholder={t("person.timeline.filter")}
        value={value.name}
        onChange={(name) => choose({ name })}
        popupMatchSelectWidth={260}
        options={names.map((name) => ({ value: name, label: eventName(name) }))}
        style={{ width: 150 }}
      />
      <Select
        allowClear
        size="small"
        aria-label={t("person.timeline.kind")}
        placeholder={t("person.timeline.kind")}
        value={value.kind}
        onChange={(kind) => choose({ kind })}
        options={KINDS.map((kind) => ({ value: kind, label: t(`person.timeline.kind.${kind}`) }))}
        style={{ width: 110 }}
      />
      {channels.length > 0 && (
        <Select
          allowClear
          size="small"
          aria-label={t("person.timeline.channel")}
          placeholder={t("person.timeline.channel")}
          value={value.channel}
          onChange={(channel) => choose({ channel })}
          options={channels.map((channel) => ({ value: channel, label: channel }))}
          style={{ width: 120 }}
        />
      )}
      <Select
        allowClear
        size="small"
        aria-label={t("person.timeline.period")}
        placeholder={t("person.timeline.period")}
        onChange={(days: string | undefined) =>
          choose({
            since: days && new Date(now.getTime() - Number(days) * DAY_MS).toISOString(),
          })
        }
        options={PERIODS.map((days) => ({ value: days, label: t(`person.timeline.period.${days}`) }))}
        style={{ width: 110 }}
      />
    </div>
  );
}
