import { useState } from "react";
import type { RhythmCard, RhythmSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Scroll } from "../../ui/Scroll";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { RhythmSettingsPanel } from "./RhythmSettingsPanel";
import { PARTS, WEEKDAYS } from "./words";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export default function RhythmPage() {
  const { t } = useI18n();
  return (
    <StudyPage<RhythmSummary>
      kind="rhythm"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("rhythm.nobody")}
      foot={(summary) => <RhythmSettingsPanel summary={summary} />}
    >
      {(summary) => <Board summary={summary} />}
    </StudyPage>
  );
}

function Board({ summary }: { summary: RhythmSummary }) {
  const { t } = useI18n();
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      {summary.card && <Week card={summary.card} />}
      <Groups
        path="rhythm"
        summary={summary}
        labels={PARTS}
        name={(label) => t(`rhythm.part.${label}` as MessageKey)}
        about={(label) => <span className={styles.why}>{t(`rhythm.about.${label}` as MessageKey)}</span>}
        onShow={setShown}
      />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

/** How often people are there in each hour of the week. */
function Week({ card }: { card: RhythmCard }) {
  const { t } = useI18n();
  const format = useFormat();
  const most = Math.max(1, ...card.week.flat());
  return (
    <Panel
      title={t("rhythm.week")}
      extra={t("rhythm.week.hint", { from: card.first_day, to: card.last_day })}
      flush
      testId="rhythm-week"
    >
      <Scroll label={t("rhythm.week")}>
        <table className={styles.week} aria-label={t("rhythm.week")}>
          <thead>
            <tr>
              <th scope="col">{t("rhythm.hour")}</th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {WEEKDAYS.map((weekday, row) => (
              <tr key={weekday}>
                <th scope="row">{t(`rhythm.weekday.${weekday}` as MessageKey)}</th>
                {HOURS.map((hour) => {
                  const visits = card.week[row]?.[hour] ?? 0;
                  const heat = { "--heat": `${Math.round((visits / most) * 90)}%` } as React.CSSProperties;
                  return (
                    <td
                      key={hour}
                      style={heat}
                      title={t("rhythm.visits", { count: format.count(visits), n: visits })}
                    >
                      <span className="visually-hidden">{visits}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
