import type { ValueSpread } from "../../api/computed";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import styles from "./computed.module.css";

/** How values are spread: a bar for each, with how many people have it. */
export function Spread({ spread }: { spread: ValueSpread }) {
  const { t } = useI18n();
  const format = useFormat();
  const most = Math.max(1, ...spread.bins.map((bin) => bin.people));
  if (spread.people === 0) return <p className="muted">{t("computed.noValues")}</p>;
  const label = (text: string) => (spread.type === "bool" ? t(text === "true" ? "yes" : "no") : text);
  return (
    <>
      <ul className={styles.bars} aria-label={t("computed.spread")}>
        {spread.bins.map((bin) => (
          <li key={bin.label}>
            <span className={styles.barLabel} title={label(bin.label)}>
              {label(bin.label)}
            </span>
            <span className={styles.bar} aria-hidden="true">
              <span style={{ width: `${(bin.people / most) * 100}%` }} />
            </span>
            <span className="num">{format.count(bin.people)}</span>
          </li>
        ))}
      </ul>
      {spread.median !== null && spread.median !== undefined && (
        <p className="muted">
          {t("computed.summary", {
            least: format.decimal(spread.least ?? 0, 2),
            median: format.decimal(spread.median, 2),
            mean: format.decimal(spread.mean ?? 0, 2),
            most: format.decimal(spread.most ?? 0, 2),
          })}
        </p>
      )}
      {spread.other > 0 && <p className="muted">{t("computed.other", { n: format.count(spread.other) })}</p>}
    </>
  );
}
