import type { JourneyNode } from "../../api/types";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import styles from "./journeys.module.css";

/** How many came to a step, are in it, and have left it. */
export function Counts({ counts }: { counts: JourneyNode }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span className={`${styles.counts} num`}>
      <span>{t("node.entered", { count: format.compact(counts.entered) })}</span>
      <span className={counts.waiting > 0 ? styles.waiting : undefined}>
        {t("node.waiting", { count: format.compact(counts.waiting) })}
      </span>
      <span>{t("node.left", { count: format.compact(counts.left) })}</span>
    </span>
  );
}
