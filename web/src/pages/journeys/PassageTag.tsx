import type { Passage } from "../../api/profiles";
import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";

/** Whether somebody is still on the way. */
export function PassageTag({ passage }: { passage: Passage }) {
  const { t } = useI18n();
  if (passage.status === "active") return <Tag tone="jade">{t("passage.active")}</Tag>;
  if (passage.status === "completed") return <Tag tone="blue">{t("passage.completed")}</Tag>;
  return (
    <span title={passage.exit_reason ?? undefined}>
      <Tag tone="plain">{t("passage.exited")}</Tag>
    </span>
  );
}
