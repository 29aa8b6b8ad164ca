import type { ReactNode } from "react";
import type { LifetimeSummary, ModelCard } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./lifetime.module.css";
import { useCode, useMinor } from "./words";

/** When and on whom the models were fitted, and how they did on days they had not seen. */
export function CardPanel({ summary, card }: { summary: LifetimeSummary; card: ModelCard }) {
  const { t } = useI18n();
  return (
    <Panel title={t("lifetime.card")} extra={t("lifetime.card.hint")} testId="lifetime-card">
      <div className={styles.card}>
        <Fitted summary={summary} card={card} />
        {card.holdout && <Checked holdout={card.holdout} />}
      </div>
    </Panel>
  );
}

/** What to keep in mind while reading the figures; above them, not below. */
export function Cautions({ card }: { card: ModelCard }) {
  const code = useCode();
  const said = [
    ...(card.value_refusal ? [code("valueRefusal", card.value_refusal)] : []),
    ...(card.cautions ?? []).map((one) => code("caution", one)),
  ];
  return said.map((one) => (
    <p key={one} className={styles.caution}>
      {one}
    </p>
  ));
}

function Fitted({ summary, card }: { summary: LifetimeSummary; card: ModelCard }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const minor = useMinor(summary);
  const { frequency, spend } = card;
  return (
    <dl className={styles.lines}>
      {summary.computed_at && (
        <Line label={t("lifetime.card.computed")}>{formatDateTime(summary.computed_at, zone)}</Line>
      )}
      <Line label={t("lifetime.card.from")}>{card.first_day ?? "–"}</Line>
      <Line label={t("lifetime.card.people")}>{format.count(card.people)}</Line>
      <Line label={t("lifetime.card.repeat")}>{format.count(card.repeat_buyers)}</Line>
      {frequency && (
        <>
          <Line label={t("lifetime.card.bgnbd")}>
            {named({ r: frequency.r, α: frequency.alpha, a: frequency.a, b: frequency.b })}
          </Line>
          <Line label={t("lifetime.card.logLikelihood")}>{frequency.log_likelihood.toFixed(2)}</Line>
        </>
      )}
      {spend && (
        <>
          <Line label={t("lifetime.card.gammaGamma")}>{named({ p: spend.p, q: spend.q, v: spend.v })}</Line>
          <Line label={t("lifetime.card.logLikelihood")}>{spend.log_likelihood.toFixed(2)}</Line>
          <Line label={t("lifetime.card.spend")}>{minor(spend.mean_minor)}</Line>
        </>
      )}
    </dl>
  );
}

function Checked({ holdout }: { holdout: NonNullable<ModelCard["holdout"]> }) {
  const { t } = useI18n();
  const format = useFormat();
  const two = (model: number | null, baseline: number | null, digits: number) =>
    [model, baseline].map((one) => (one === null ? "–" : one.toFixed(digits))).join(" / ");
  return (
    <div>
      <dl className={styles.lines}>
        <Line label={t("lifetime.card.period")}>
          {t("lifetime.card.periodIs", { from: holdout.from_, days: format.count(holdout.days) })}
        </Line>
        <Line label={t("lifetime.card.total")}>
          {format.count(holdout.expected)} / {format.count(holdout.actual)}
        </Line>
        <Line label={t("lifetime.card.error")}>{format.share(holdout.error, 1)}</Line>
        <Line label={t("lifetime.card.perPerson")}>
          {two(holdout.per_person_error, holdout.pace_per_person_error, 3)}
        </Line>
        <Line label={t("lifetime.card.auc")}>{two(holdout.auc, holdout.recency_auc, 3)}</Line>
      </dl>
      <table className={styles.bins} aria-label={t("lifetime.card.bins")}>
        <thead>
          <tr>
            <th scope="col">{t("lifetime.card.repeats")}</th>
            <th scope="col">{t("lifetime.people")}</th>
            <th scope="col">{t("lifetime.card.expected")}</th>
            <th scope="col">{t("lifetime.card.actual")}</th>
          </tr>
        </thead>
        <tbody>
          {holdout.bins.map((bin) => (
            <tr key={bin.repeats}>
              <th scope="row">
                {bin.or_more ? t("lifetime.card.orMore", { count: bin.repeats }) : bin.repeats}
              </th>
              <td className="num">{format.count(bin.people)}</td>
              <td className="num">{bin.expected.toFixed(2)}</td>
              <td className="num">{bin.actual.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function named(parameters: Record<string, number>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(" · ");
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}
