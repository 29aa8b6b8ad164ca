import type { FormRow } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";

/** Whether a form takes answers now. */
export function OpeningTag({ row }: { row: FormRow }) {
  const { t } = useI18n();
  const word = row.state === "draft" || row.state === "archived" ? row.state : row.opening;
  const tone = word === "open" ? "jade" : word === "full" || word === "not_yet" ? "amber" : "plain";
  return <Tag tone={tone}>{t(`forms.opening.${word === "answered" ? "open" : word}`)}</Tag>;
}
