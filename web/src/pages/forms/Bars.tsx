import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import styles from "./forms.module.css";

interface BarsProps {
  bars: readonly { key: string; label: string; count: number }[];
  /** What shares are of. */
  whole: number;
  onBar?: (key: string) => void;
}

/** Counts as bars that read as a list. */
export function Bars({ bars, whole, onBar }: BarsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <ul className={styles.bars}>
      {bars.map((bar) => (
        <li key={bar.key}>
          {onBar && bar.count > 0 ? (
            <button
              type="button"
              onClick={() => onBar(bar.key)}
              title={t("forms.behind", { label: bar.label, n: format.count(bar.count) })}
            >
              {bar.label}
            </button>
          ) : (
            <span>{bar.label}</span>
          )}
          <span className={styles.bar} aria-hidden="true">
            <i style={{ width: `${(bar.count / most) * 100}%` }} />
          </span>
          <span className="num">
            {format.count(bar.count)}{" "}
            <small className="muted">{whole > 0 && format.share(bar.count, whole)}</small>
          </span>
        </li>
      ))}
    </ul>
  );
}
