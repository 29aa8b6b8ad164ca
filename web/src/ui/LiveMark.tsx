import { useI18n } from "../i18n";
import styles from "./LiveMark.module.css";

/** Whether the figures on the page are still arriving; if not, since when they stand still. */
export function LiveMark({ failing, updatedAt }: { failing: boolean; updatedAt: number }) {
  const { t, tag } = useI18n();
  const at = new Intl.DateTimeFormat(tag, { timeStyle: "medium" }).format(updatedAt);
  return (
    <p className={`${styles.live} ${failing ? styles.failing : ""}`} role="status" data-testid="live">
      <span aria-hidden="true" />
      {failing ? t("live.stale", { at }) : t("live.on")}
    </p>
  );
}
