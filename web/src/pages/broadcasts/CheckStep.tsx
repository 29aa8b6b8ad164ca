import { useQuery } from "@tanstack/react-query";
import { audienceQuery, type BroadcastPlan } from "../../api/broadcasts";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useFormat } from "../../ui/useFormat";
import styles from "./broadcasts.module.css";
import { Figure } from "./Figure";

/** Whom the plan would reach, before anything goes out. */
export function CheckStep({ plan }: { plan: BroadcastPlan }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(audienceQuery(plan));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  const shown = (value: number | undefined) => (value === undefined ? "–" : format.count(value));
  return (
    <div data-testid="audience">
      <div className={styles.figures}>
        <Figure label={t("bct.check.members")}>{shown(data?.members)}</Figure>
        <Figure label={t("bct.check.excluded")}>{shown(data?.excluded)}</Figure>
        <Figure label={t("bct.check.control")}>{shown(data?.control)}</Figure>
        <Figure label={t("bct.check.toSend")}>{shown(data?.to_send)}</Figure>
      </div>
      <p className={styles.note}>{t("bct.check.note")}</p>
    </div>
  );
}
