import { Link } from "react-router";
import type { Overview } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Dot, type Tone } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useReasonText } from "../messages/words";
import styles from "./overview.module.css";
import { groupOutcomes, type OutcomeCounts } from "./series";

const OUTCOMES: readonly { key: keyof OutcomeCounts; tone: Tone; state: string }[] = [
  { key: "delivered", tone: "jade", state: "accepted" },
  { key: "underway", tone: "blue", state: "planned" },
  { key: "refused", tone: "plain", state: "refused" },
  { key: "rejected", tone: "red", state: "rejected" },
  { key: "unknown", tone: "amber", state: "unknown" },
];

const REFUSALS_SHOWN = 4;

export function MessagesPanel({ messages }: { messages: Overview["messages"] }) {
  const { t } = useI18n();
  const format = useFormat();
  const reasonText = useReasonText();
  const counts = groupOutcomes(messages.by_state);
  const refusals = messages.reasons
    .filter((each) => each.state === "refused")
    .toSorted((a, b) => b.count - a.count)
    .slice(0, REFUSALS_SHOWN);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <Panel
      title={t("overview.messages")}
      extra={<Link to="/messages">{t("more")}</Link>}
      testId="panel-messages"
    >
      <div className={styles.stack} aria-hidden="true">
        {OUTCOMES.filter(({ key }) => counts[key] > 0).map(({ key, tone }) => (
          <span key={key} className={styles[tone]} style={{ flexGrow: counts[key] }} />
        ))}
      </div>
      <ul className={styles.outcomes}>
        {OUTCOMES.map(({ key, tone, state }) => (
          <li key={key}>
            <Dot tone={tone} />
            <Link to={`/messages?state=${state}`}>{t(`outcome.${key}`)}</Link>
            <span className="num muted">{format.share(counts[key], total)}</span>
            <strong className="num">{format.count(counts[key])}</strong>
          </li>
        ))}
      </ul>
      {refusals.length > 0 && (
        <div className={styles.refusals}>
          <h3>{t("overview.refusals")}</h3>
          <ul>
            {refusals.map(({ reason, count }) => (
              <li key={reason}>
                <span>{reasonText(reason)}</span>
                <span className="num">{format.count(count)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}
