import type { RightsRequest, RightsState } from "../../api/rights";
import { useNow, useZone } from "../../app/session";
import { formatCalendarDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { Tag, type Tone } from "../../ui/Tag";
import styles from "./rights.module.css";

const TONE: Record<RightsState, Tone> = {
  open: "amber",
  confirmed: "amber",
  running: "blue",
  done: "jade",
  refused: "plain",
};

export function StateTag({ state }: { state: RightsState }) {
  const { t } = useI18n();
  return <Tag tone={TONE[state]}>{t(`rights.state.${state}`)}</Tag>;
}

/** The day by which a request is to be done, and whether that day is over. */
export function Due({ request }: { request: RightsRequest }) {
  const { t, tag } = useI18n();
  const { timeZone } = useZone();
  // Days as Swedes write them compare as texts do.
  const today = useNow().toLocaleDateString("sv-SE", { timeZone });
  const day = formatCalendarDate(request.due_on, tag);
  if (request.closed_at || request.due_on >= today) return day;
  return (
    <span className={styles.late}>
      {day} · {t("rights.overdue")}
    </span>
  );
}
