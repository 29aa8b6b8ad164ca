import type { LifetimeBar, LifetimeSummary } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./lifetime.module.css";
import { decimalOf, useCode } from "./words";

interface BarsProps {
  measure: "alive" | "value";
  summary: LifetimeSummary;
  chosen: string;
  onChoose: (band: string) => void;
}

/** People by band; a bar chooses its people below. */
export function Bars({ measure, summary, chosen, onChoose }: BarsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const code = useCode();
  const bars = summary[measure];
  const most = Math.max(1, ...bars.map((bar) => bar.people));
  const value = (bar: LifetimeBar) =>
    bar.value_minor === null ? "–" : format.moneyShort(decimalOf(bar.value_minor, summary), summary.currency);
  return (
    <Panel
      title={t(`lifetime.${measure}` as MessageKey)}
      extra={t(`lifetime.${measure}.hint` as MessageKey)}
      flush
      testId={`lifetime-${measure}`}
    >
      <table className={styles.bars}>
        <thead>
          <tr>
            <th scope="col">{t("lifetime.band")}</th>
            <th scope="col">{t("lifetime.people")}</th>
            <th scope="col">{t("lifetime.purchases")}</th>
            <th scope="col">{t("lifetime.yearValue")}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => {
            const band = String(bar.band);
            return (
              <tr key={band} aria-selected={chosen === band}>
                <th scope="row">
                  <button
                    type="button"
                    aria-pressed={chosen === band}
                    onClick={() => onChoose(chosen === band ? "" : band)}
                  >
                    {code(measure, band)}
                  </button>
                  <span className={styles.bar} aria-hidden="true">
                    <span style={{ width: `${(bar.people / most) * 100}%` }} />
                  </span>
                </th>
                <td className="num">
                  {format.count(bar.people)} <small>{format.share(bar.people, summary.people)}</small>
                </td>
                <td className="num">{format.count(bar.purchases)}</td>
                <td className="num">{value(bar)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
