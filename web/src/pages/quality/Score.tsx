import { Sparkline } from "../../ui/Sparkline";
import { useFormat } from "../../ui/useFormat";
import styles from "./quality.module.css";

const GOOD = 80;
const FAIR = 60;

/** A score as figure, bar and the days before. */
export function Score({ score, history }: { score: number; history: readonly unknown[] }) {
  const format = useFormat();
  const tone = score >= GOOD ? "var(--jade)" : score >= FAIR ? "var(--amber)" : "var(--red)";
  const past = history.map((point) => Number((point as [string, number])[1]));
  return (
    <div className={styles.score}>
      <strong className="num">{format.decimal(score, 1)}</strong>
      <span className={styles.bar} aria-hidden="true">
        <span style={{ width: `${score}%`, background: tone }} />
      </span>
      {past.length > 1 && <Sparkline values={past} color={tone} />}
    </div>
  );
}
