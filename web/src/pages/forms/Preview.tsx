import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import type { FormDefinition } from "../../api/forms";
import { mountForm } from "../../h5/form";
import sheet from "../../h5/form.css?inline";
import type { Answers, PublicForm } from "../../h5/types";
import { useI18n } from "../../i18n";
import { useDebounced } from "../../ui/useDebounced";
import styles from "./forms.module.css";

/** The very page people will open, in a phone of its own: its style sheet neither leaks out nor in. */
export function Preview({ definition }: { definition: FormDefinition }) {
  const { t, locale } = useI18n();
  const [round, setRound] = useState(0);
  const holder = useRef<HTMLDivElement>(null);
  const kept = useRef<{ answers: Answers; page: number }>({ answers: {}, page: 0 });
  const shown = useDebounced(definition, 300);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round begins again.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = `${sheet} .phone-form { padding: 12px; }`;
    const page = document.createElement("div");
    page.className = "phone-form";
    const card = document.createElement("div");
    card.className = "card";
    page.append(card);
    shadow.replaceChildren(style, page);
    mountForm(card, shown as unknown as PublicForm, {
      language: locale,
      answers: kept.current.answers,
      page: kept.current.page,
      onChange: (answers, at) => {
        kept.current = { answers, page: at };
      },
      onPage: (at) => {
        kept.current.page = at;
      },
      submit: async () => [{ place: "", text: t("forms.preview.sent"), text_zh: t("forms.preview.sent") }],
    });
  }, [shown, locale, round]);

  return (
    <aside className={styles.preview} aria-label={t("forms.preview")}>
      <div className={styles.row}>
        <strong>{t("forms.preview")}</strong>
        <Button
          size="small"
          className={styles.end}
          onClick={() => {
            kept.current = { answers: {}, page: 0 };
            setRound(round + 1);
          }}
        >
          {t("forms.preview.restart")}
        </Button>
      </div>
      <div ref={holder} className={styles.phone} data-testid="form-preview" />
    </aside>
  );
}
