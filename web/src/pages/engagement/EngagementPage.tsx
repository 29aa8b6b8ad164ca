import { useState } from "react";
import type { EngagementCard, EngagementSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { EngagementSettingsPanel } from "./EngagementSettingsPanel";

const TENS = ["90", "80", "70", "60", "50", "40", "30", "20", "10", "0"] as const;
const range = (ten: string) => `${ten}–${ten === "90" ? 100 : Number(ten) + 9}`;

/** How much people do of late, 0 to 100, and with what. */
export default function EngagementPage() {
  const { t } = useI18n();
  return (
    <StudyPage<EngagementSummary>
      kind="engagement"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("engagement.nobody")}
      foot={(summary) => <EngagementSettingsPanel summary={summary} />}
    >
      {(summary) => summary.card && <Board card={summary.card} summary={summary} />}
    </StudyPage>
  );
}

function Board({ card, summary }: { card: EngagementCard; summary: EngagementSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      <p className={styles.why}>
        {t("engagement.figures", {
          from: card.first_day,
          to: card.last_day,
          middle: format.decimal(card.middle, 1),
        })}
      </p>
      <Groups path="engagement" summary={summary} labels={TENS} name={range} onShow={setShown} />
      <Events card={card} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Events({ card }: { card: EngagementCard }) {
  const { t } = useI18n();
  const format = useFormat();
  const eventName = useEventName();
  return (
    <Panel title={t("engagement.events")} flush testId="engagement-events">
      <div className={styles.scroll}>
        <table className={styles.facts} aria-label={t("engagement.events")}>
          <thead>
            <tr>
              <th scope="col">{t("engagement.event")}</th>
              <th scope="col">{t("engagement.points")}</th>
              <th scope="col">{t("study.people")}</th>
            </tr>
          </thead>
          <tbody>
            {card.events.map((one) => (
              <tr key={one.name}>
                <th scope="row">{eventName(one.name)}</th>
                <td className="num">{format.decimal(one.points, 1)}</td>
                <td className="num">{format.count(one.people)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
