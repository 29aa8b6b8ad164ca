import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import type { FormDefinition } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Field } from "../channels/content/Field";
import styles from "./forms.module.css";

interface ThanksEditorProps {
  definition: FormDefinition;
  onChange: (definition: FormDefinition) => void;
}

type ThanksPart = keyof NonNullable<FormDefinition["thanks"]>;
const PARTS: readonly [ThanksPart, "title" | "text" | "link" | "linkLabel", number][] = [
  ["title", "title", 200],
  ["text", "text", 2000],
  ["link_url", "link", 500],
  ["link_label", "linkLabel", 60],
];

/** What is shown after the answer, and what a score means. */
export function ThanksEditor({ definition, onChange }: ThanksEditorProps) {
  const { t } = useI18n();
  const thanks = definition.thanks ?? {};
  const results = definition.results ?? [];
  const set = (changed: typeof results) => onChange({ ...definition, results: changed });
  return (
    <Panel title={t("forms.thanks")}>
      <div className={styles.stack}>
        <div className={styles.grid}>
          {PARTS.map(([part, word, most]) => (
            <Field key={part} label={t(`forms.thanks.${word}`)}>
              {(id) => (
                <Input
                  id={id}
                  maxLength={most}
                  placeholder={part === "link_url" ? "https://" : undefined}
                  value={thanks[part]}
                  onChange={(event) =>
                    onChange({ ...definition, thanks: { ...thanks, [part]: event.target.value } })
                  }
                />
              )}
            </Field>
          ))}
        </div>
        <fieldset className={styles.plain}>
          <legend>{t("forms.scoreResults")}</legend>
          <p className="muted">{t("forms.scoreResults.hint")}</p>
          <div className={styles.options}>
            {results.map((result, at) => {
              const change = (part: Partial<typeof result>) =>
                set(results.map((one, index) => (index === at ? { ...one, ...part } : one)));
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a result has no name of its own.
                <div key={at} className={styles.row}>
                  <InputNumber
                    aria-label={t("forms.scoreResults.least")}
                    value={result.least}
                    onChange={(value) => change({ least: Math.round(value ?? 0) })}
                  />
                  –
                  <InputNumber
                    aria-label={t("forms.scoreResults.most")}
                    value={result.most}
                    onChange={(value) => change({ most: Math.round(value ?? 0) })}
                  />
                  <Input
                    className={styles.wide}
                    aria-label={t("forms.title")}
                    placeholder={t("forms.title")}
                    maxLength={200}
                    value={result.title}
                    onChange={(event) => change({ title: event.target.value })}
                  />
                  <Input
                    className={styles.wide}
                    aria-label={t("forms.intro")}
                    placeholder={t("forms.intro")}
                    maxLength={2000}
                    value={result.text}
                    onChange={(event) => change({ text: event.target.value })}
                  />
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={t("forms.scoreResults.remove")}
                    onClick={() => set(results.filter((_, index) => index !== at))}
                  />
                </div>
              );
            })}
            <div>
              <Button
                size="small"
                disabled={results.length >= 20}
                onClick={() => {
                  const from = Math.max(-1, ...results.map((one) => one.most)) + 1;
                  set([...results, { least: from, most: from + 9, title: "" }]);
                }}
              >
                {t("forms.scoreResults.add")}
              </Button>
            </div>
          </div>
        </fieldset>
      </div>
    </Panel>
  );
}
