import { DeleteOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import type { Option } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Field } from "../channels/content/Field";
import { TagsPick } from "../tags/TagSelect";
import { nextKey } from "./draft";
import styles from "./forms.module.css";
import { NumberField } from "./QuestionEditor";

interface OptionsEditorProps {
  label: string;
  options: readonly Option[];
  /** Rows and columns: words alone. */
  plain?: boolean;
  /** No more than so many. */
  most?: number;
  onChange: (options: Option[]) => void;
}

/** Options in order, each with what choosing it leads to. */
export function OptionsEditor({ label, options, plain, most = 100, onChange }: OptionsEditorProps) {
  const { t } = useI18n();
  const [opened, setOpened] = useState("");
  const set = (key: string, part: Partial<Option>) =>
    onChange(options.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const add = (more: Partial<Option>) => {
    const key = nextKey(
      "o",
      options.map((one) => one.key),
    );
    onChange([...options, { key, label: t("forms.option.label", { n: options.length + 1 }), ...more }]);
  };
  return (
    <fieldset className={styles.plain}>
      <legend>{label}</legend>
      <div className={styles.options}>
        {options.map((option, at) => (
          <div key={option.key}>
            <div className={styles.option}>
              <Input
                aria-label={t("forms.option.label", { n: at + 1 })}
                maxLength={200}
                value={option.label}
                onChange={(event) => set(option.key, { label: event.target.value })}
              />
              {!plain && (
                <Button
                  type="text"
                  icon={<SettingOutlined />}
                  aria-label={t("forms.option.more")}
                  aria-expanded={opened === option.key}
                  onClick={() => setOpened(opened === option.key ? "" : option.key)}
                />
              )}
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("forms.option.remove")}
                onClick={() => onChange(options.filter((one) => one.key !== option.key))}
              />
            </div>
            {opened === option.key && (
              <div className={`${styles.grid} ${styles.inner}`}>
                <NumberField
                  label={t("forms.option.score")}
                  value={option.score ?? 0}
                  min={-1000}
                  max={1000}
                  onChange={(score) => set(option.key, { score: Math.round(score ?? 0) })}
                />
                <NumberField
                  label={t("forms.option.limit")}
                  value={option.limit}
                  min={1}
                  max={10_000_000}
                  onChange={(limit) => set(option.key, { limit })}
                />
                <Field label={t("forms.option.tags")}>
                  {() => (
                    <TagsPick value={option.tags ?? []} onChange={(tags) => set(option.key, { tags })} />
                  )}
                </Field>
              </div>
            )}
          </div>
        ))}
        <div className={styles.row}>
          <Button size="small" disabled={options.length >= most} onClick={() => add({})}>
            {t("forms.option.add")}
          </Button>
          {!plain && !options.some((one) => one.is_other) && (
            <Button size="small" onClick={() => add({ is_other: true, label: t("forms.option.other") })}>
              {t("forms.option.addOther")}
            </Button>
          )}
        </div>
      </div>
    </fieldset>
  );
}
