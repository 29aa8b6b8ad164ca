import { useState } from "react";
import type { ChurnCard, ChurnSummary } from "../../api/studies";
import { useZone } from "../../app/session";
import { formatDate } from "../../format/times";
import { type MessageKey, useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { ChurnSettingsPanel } from "./ChurnSettingsPanel";
import { Quality } from "./Quality";
import { BANDS, useBandName } from "./words";

export default function ChurnPage() {
  const { t } = useI18n();
  const format = useFormat();
  const refusal = ({ card }: ChurnSummary) =>
    card?.refusal &&
    t(`churn.refusal.${card.refusal}` as MessageKey, {
      days: format.count(card.history_days ?? 0),
      learned: format.count(card.learned ?? 0),
      tested: format.count(card.tested ?? 0),
      need: format.count(card.least_people),
      each: format.count(card.least_each),
    });
  return (
    <StudyPage<ChurnSummary>
      kind="churn"
      refusal={refusal}
      foot={(summary) => <ChurnSettingsPanel summary={summary} />}
    >
      {(summary) => <Board summary={summary} />}
    </StudyPage>
  );
}

function Board({ summary }: { summary: ChurnSummary }) {
  const { t } = useI18n();
  const [shown, setShown] = useState<Shown | null>(null);
  const name = useBandName();
  const card = summary.card;
  if (!card?.quality) return null;
  return (
    <>
      <Groups
        path="churn"
        summary={summary}
        labels={BANDS}
        name={name}
        about={(label) => <span className={styles.why}>{t(`churn.about.${label}` as MessageKey)}</span>}
        onShow={setShown}
      />
      <Quality quality={card.quality} />
      <About card={card} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

/** On whom and over which time it was learned. */
function About({ card }: { card: ChurnCard }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const cuts = (card.cut_offs ?? []).map((one) => formatDate(one, zone)).join("、");
  const rows = (all: number | undefined, left: number | undefined) =>
    t("churn.card.rows", { all: format.count(all ?? 0), left: format.count(left ?? 0) });
  const lines: [MessageKey, string][] = [
    ["churn.basis", t(`churn.basis.${card.basis}` as MessageKey)],
    ["churn.horizon", t("rfm.days", { count: format.count(card.horizon_days ?? 0) })],
    ["churn.recent", t("rfm.days", { count: format.count(card.recent_days ?? 0) })],
    ["churn.card.learnedFrom", cuts],
    ["churn.card.learned", rows(card.learned, card.learned_left)],
    ["churn.card.testedAt", card.tested_at ? formatDate(card.tested_at, zone) : ""],
    ["churn.card.tested", rows(card.tested, card.tested_left)],
    ["clusters.card.library", card.library ?? ""],
    ["clusters.card.seed", String(card.seed)],
  ];
  return (
    <Panel title={t("study.card")} extra={t("study.card.hint")} testId="study-card">
      <dl className={styles.lines}>
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
