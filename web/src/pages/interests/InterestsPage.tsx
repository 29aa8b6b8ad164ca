import { useState } from "react";
import type { InterestCard, InterestSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { InterestSettingsPanel } from "./InterestSettingsPanel";

/** What people turn to, and whose first interest it is. */
export default function InterestsPage() {
  const { t } = useI18n();
  return (
    <StudyPage<InterestSummary>
      kind="interests"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("interests.nobody")}
      foot={(summary) => <InterestSettingsPanel summary={summary} />}
    >
      {(summary) => summary.card && <Board card={summary.card} summary={summary} />}
    </StudyPage>
  );
}

function Board({ card, summary }: { card: InterestCard; summary: InterestSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const [shown, setShown] = useState<Shown | null>(null);
  const first = new Map(summary.groups.map((group) => [group.label, group.people]));
  const most = Math.max(0.0001, ...card.categories.map((one) => one.share));
  const change = (share: number, before: number | null) => {
    if (before === null) return "–";
    const points = (share - before) * 100;
    return t("interests.points", { points: `${points > 0 ? "+" : ""}${format.decimal(points, 1)}` });
  };
  return (
    <Panel
      title={t("interests.categories")}
      extra={t("interests.categories.hint")}
      flush
      testId="interest-categories"
    >
      {card.categories.length === 0 && <EmptyState title={t("interests.nobody")} />}
      <div className={styles.scroll}>
        <table className={styles.groups} aria-label={t("interests.categories")}>
          <thead>
            <tr>
              <th scope="col">{t("interests.category")}</th>
              <th scope="col">{t("interests.share")}</th>
              <th scope="col">{t("interests.first")}</th>
              <th scope="col">{t("interests.people")}</th>
              <th scope="col">{t("interests.change")}</th>
            </tr>
          </thead>
          <tbody>
            {card.categories.map((one) => (
              <tr key={one.category}>
                <th scope="row">
                  <span>{one.category}</span>
                  <span className={styles.bar} aria-hidden="true">
                    <span style={{ width: `${(one.share / most) * 100}%` }} />
                  </span>
                </th>
                <td className="num">{format.share(one.share, 1)}</td>
                <td className="num">
                  <button
                    type="button"
                    aria-label={`${format.count(first.get(one.category) ?? 0)} · ${t("interests.show", { category: one.category })}`}
                    onClick={() =>
                      setShown({
                        title: t("interests.show", { category: one.category }),
                        figure: { of: "interests", body: { label: one.category } },
                      })
                    }
                  >
                    {format.count(first.get(one.category) ?? 0)}
                  </button>
                </td>
                <td className="num">{format.count(one.people)}</td>
                <td className="num">{change(one.share, one.share_before)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {card.left_out > 0 && (
        <p className={styles.why}>{t("interests.leftOut", { count: format.count(card.left_out) })}</p>
      )}
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </Panel>
  );
}
