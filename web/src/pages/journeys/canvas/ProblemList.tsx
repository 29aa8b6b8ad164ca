import { useI18n } from "../../../i18n";
import { ENTRY } from "../definition";
import styles from "./canvas.module.css";
import type { Problem } from "./useProblems";

interface ProblemListProps {
  problems: readonly Problem[];
  /** Whether the server has seen the graph as it is now. */
  isCurrent: boolean;
  onChoose: (id: string) => void;
}

/** What keeps the journey from being published; pressing one shows where. */
export function ProblemList({ problems, isCurrent, onChoose }: ProblemListProps) {
  const { t } = useI18n();
  if (problems.length === 0) {
    return (
      <p className={styles.fine} data-testid="journey-problems">
        {t(isCurrent ? "canvas.fine" : "canvas.checking")}
      </p>
    );
  }
  return (
    <div className={styles.problems} data-testid="journey-problems">
      <strong>{t("journey.problems")}</strong>
      <ul>
        {problems.map(({ node, text }) => (
          <li key={`${node} ${text}`}>
            <button type="button" onClick={() => onChoose(node ?? ENTRY)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
