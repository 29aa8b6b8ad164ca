import type { MetricAnswer, MetricUnit } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import type { Shown } from "../behaviour/FigureDrawer";
import { changeOf } from "../behaviour/figures";
import { MetricChart } from "./MetricChart";
import styles from "./metrics.module.css";
import { useMetricWords } from "./useMetricWords";

interface Props {
  name: string;
  answer: MetricAnswer;
  unit: MetricUnit;
  height?: number;
  onShow: (shown: Shown) => void;
}

/** The figure of a period with the one before, its course, and the way to the people behind it. */
export function MetricFigures({ name, answer, unit, height, onShow }: Props) {
  const show = (bucket: string) =>
    onShow({
      title: `${name} · ${bucket}`,
      figure: { of: "behaviour/trend", body: { query: answer.people_of, previous: false, bucket } },
    });
  return (
    <>
      <Headline name={name} answer={answer} unit={unit} onShow={onShow} />
      <MetricChart name={name} answer={answer} unit={unit} height={height} onPick={show} />
    </>
  );
}

/** The figure alone: value, change against the days before, people behind it. */
export function Headline({ name, answer, unit, onShow }: Omit<Props, "height">) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useMetricWords();
  const { current, previous } = answer;
  const change = previous ? changeOf(current.total.value, previous.total.value) : null;
  const show = () =>
    onShow({
      title: name,
      figure: { of: "behaviour/trend", body: { query: answer.people_of, previous: false } },
    });
  return (
    <div className={styles.headline}>
      <strong className={`num ${styles.value}`} data-testid="metric-value">
        {words.value(current.total.value, unit, answer.currency)}
      </strong>
      {change !== null && (
        <span className={`num ${change >= 0 ? styles.up : styles.down}`}>
          {change >= 0 ? "▲" : "▼"} {format.share(Math.abs(change), 1)}
        </span>
      )}
      {previous && (
        <span className="muted num">
          {t("metric.before", { value: words.value(previous.total.value, unit, answer.currency) })}
        </span>
      )}
      <button type="button" className={styles.people} onClick={show} disabled={current.total.people === 0}>
        {t("people.total", { count: format.count(current.total.people), n: current.total.people })}
      </button>
      {answer.other_currencies.length > 0 && (
        <span className="muted">
          {t("behaviour.others", { currencies: answer.other_currencies.join(", ") })}
        </span>
      )}
    </div>
  );
}
