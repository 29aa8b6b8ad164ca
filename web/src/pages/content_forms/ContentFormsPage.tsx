import { useState } from "react";
import type { ContentFormCard, ContentFormSummary } from "../../api/studies";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { ContentFormSettingsPanel } from "./ContentFormSettingsPanel";
import { useFormName } from "./words";

/** Which form of content people turn to. */
export default function ContentFormsPage() {
  const { t } = useI18n();
  return (
    <StudyPage<ContentFormSummary>
      kind="content_forms"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("content_forms.nobody")}
      foot={(summary) => <ContentFormSettingsPanel summary={summary} />}
    >
      {(summary) => summary.card && <Board card={summary.card} summary={summary} />}
    </StudyPage>
  );
}

function Board({ card, summary }: { card: ContentFormCard; summary: ContentFormSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useFormName();
  const [shown, setShown] = useState<Shown | null>(null);
  const forms = new Map(card.forms.map((one) => [one.form, one]));
  return (
    <>
      <p className={styles.why}>
        {t("content_forms.figures", {
          from: card.first_day,
          to: card.last_day,
          views: format.count(card.views),
          viewers: format.count(card.viewers),
        })}
      </p>
      <Groups
        path="content_forms"
        summary={summary}
        labels={card.forms.map((one) => one.form)}
        name={name}
        about={(label) => (
          <span className={styles.why}>
            {t("content_forms.share", { share: format.share(forms.get(label)?.share ?? 0, 1) })}
          </span>
        )}
        onShow={setShown}
      />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}
