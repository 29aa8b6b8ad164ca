import { useState } from "react";
import type { QualityCard, QualitySummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Sparkline } from "../../ui/Sparkline";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { StudyPage } from "../studies/StudyPage";
import { AttributesPanel } from "./AttributesPanel";
import { QualitySettingsPanel } from "./QualitySettingsPanel";
import styles from "./quality.module.css";
import { SourcesPanel } from "./SourcesPanel";

/** How far attributes and sources can be relied on, and where to begin. */
export default function QualityPage() {
  const { t } = useI18n();
  const refusal = ({ card }: QualitySummary) => card?.score === null && t("quality.nobody");
  return (
    <StudyPage<QualitySummary>
      kind="quality"
      refusal={refusal}
      foot={(summary) => <QualitySettingsPanel summary={summary} />}
    >
      {(summary) => summary.card && <Board card={summary.card} />}
    </StudyPage>
  );
}

function Board({ card }: { card: QualityCard }) {
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <>
      <Scores card={card} />
      <AttributesPanel card={card} onShow={setShown} />
      <SourcesPanel card={card} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Scores({ card }: { card: QualityCard }) {
  const { t } = useI18n();
  const format = useFormat();
  const days = card.history;
  const lines = [
    [t("quality.score"), card.score],
    [t("quality.attributesScore"), card.attributes_score],
    [t("quality.sourcesScore"), card.sources_score],
  ] as const;
  return (
    <Panel testId="quality-scores">
      <div className={styles.scores}>
        {lines.map(([label, score]) => (
          <div key={label}>
            <span className={styles.label}>{label}</span>
            <strong className="num">{score === null ? "–" : format.decimal(score, 1)}</strong>
          </div>
        ))}
        {days.length > 1 && (
          <figure className={styles.trend}>
            <figcaption className={styles.label}>
              {t("quality.trend")} ·{" "}
              {t("quality.trend.hint", { from: days[0]?.day ?? "", to: days.at(-1)?.day ?? "" })}
            </figcaption>
            <Sparkline values={days.map((day) => day.score ?? 0)} />
          </figure>
        )}
      </div>
    </Panel>
  );
}
