import { useState } from "react";
import type { SpendingCard, SpendingSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Matrix } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { SpendingSettingsPanel } from "./SpendingSettingsPanel";
import { AFFINITIES, POWERS, useSpendingWords } from "./words";

/** How much people spend, and how much a discount moves them. */
export default function SpendingPage() {
  const { t } = useI18n();
  return (
    <StudyPage<SpendingSummary>
      kind="spending"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("spending.nobody")}
      foot={(summary) => <SpendingSettingsPanel summary={summary} />}
    >
      {(summary) => summary.card && <Board card={summary.card} summary={summary} />}
    </StudyPage>
  );
}

function Board({ card, summary }: { card: SpendingCard; summary: SpendingSummary }) {
  const { t } = useI18n();
  const words = useSpendingWords();
  const [shown, setShown] = useState<Shown | null>(null);
  const groups = summary.groups.map(({ label, people }) => {
    const [before = "", affinity = ""] = label.split(".");
    return { before, label: affinity, people };
  });
  // A brand that never gave a discount has one column, and every other brand three.
  const columns = AFFINITIES.filter((one) => (one === "none") === (card.discounted === 0));
  return (
    <>
      <Matrix
        title={t("spending.groups")}
        hint={t("spending.groups.hint")}
        corner={t("spending.power")}
        labels={columns}
        rows={POWERS}
        moves={groups}
        name={words.affinity}
        rowName={words.power}
        told={(power, affinity) => words.group(`${power}.${affinity}`)}
        figure={(power, affinity) => ({ of: "spending", body: { label: `${power}.${affinity}` } })}
        onShow={setShown}
        testId="spending-groups"
      />
      <Compared card={card} judged={summary.people} />
      <Categories card={card} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Compared({ card, judged }: { card: SpendingCard; judged: number }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (amount: string) => format.money(amount, card.currency);
  const figures = [
    [t("spending.orders"), format.count(card.orders)],
    [
      t("spending.discounted"),
      `${format.count(card.discounted)} · ${format.share(card.discounted, Math.max(1, card.orders))}`,
    ],
    [t("spending.buyers"), format.count(card.judged_from)],
    [t("spending.judged"), format.count(judged)],
    [
      t("spending.typical"),
      [card.typical_low, card.typical_median, card.typical_high].map(money).join(" · "),
    ],
  ] as const;
  return (
    <Panel
      title={t("spending.figures")}
      extra={t("spending.figures.hint", {
        from: card.first_day,
        to: card.last_day,
        currency: card.currency,
      })}
      testId="spending-figures"
    >
      <dl className={styles.lines}>
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      {card.other_currencies.length > 0 && (
        <p className={styles.why}>{t("spending.others", { currencies: card.other_currencies.join(", ") })}</p>
      )}
    </Panel>
  );
}

function Categories({ card }: { card: SpendingCard }) {
  const { t } = useI18n();
  const format = useFormat();
  if (card.categories.length === 0) return null;
  const money = (amount: string) => format.money(amount, card.currency);
  return (
    <Panel title={t("spending.categories")} extra={t("spending.categories.hint")} flush>
      <div className={styles.scroll}>
        <table className={styles.facts} aria-label={t("spending.categories")}>
          <thead>
            <tr>
              <th scope="col">{t("spending.category")}</th>
              <th scope="col">{t("spending.lines")}</th>
              <th scope="col">{t("spending.low")}</th>
              <th scope="col">{t("spending.median")}</th>
              <th scope="col">{t("spending.high")}</th>
            </tr>
          </thead>
          <tbody>
            {card.categories.map((one) => (
              <tr key={one.category}>
                <th scope="row">{one.category || t("spending.category.none")}</th>
                <td className="num">{format.count(one.lines)}</td>
                <td className="num">{money(one.low)}</td>
                <td className="num">{money(one.median)}</td>
                <td className="num">{money(one.high)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
