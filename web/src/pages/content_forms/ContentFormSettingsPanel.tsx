import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import { useState } from "react";
import type { ContentFormSettings, ContentFormSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";
import { useFormName } from "./words";

type FormOf = NonNullable<ContentFormSettings["events"]>[number];
const NUMBERS = [
  { key: "days", label: "content_forms.days", min: 14, max: 366, usual: 90 },
  { key: "views_min", label: "content_forms.viewsMin", min: 1, max: 1000, usual: 3 },
  { key: "weight", label: "content_forms.weight", min: 0, max: 1000, usual: 5 },
] as const satisfies readonly {
  key: keyof ContentFormSettings;
  label: MessageKey;
  [more: string]: unknown;
}[];

/** What tells a form, how far back to look, and how little is too little. */
export function ContentFormSettingsPanel({ summary }: { summary: ContentFormSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<ContentFormSettings>("content_forms", summary.settings);
  return (
    <Panel
      title={t("content_forms.settings")}
      extra={t("clusters.settings.hint")}
      testId="content-form-settings"
    >
      <div className={styles.form}>
        {NUMBERS.map(({ key, label, min, max, usual }) => (
          <label key={key} htmlFor={`content-forms-${key}`}>
            {t(label)}
            <InputNumber
              id={`content-forms-${key}`}
              min={min}
              max={max}
              value={draft[key] ?? usual}
              onChange={(value) => setDraft({ ...draft, [key]: value ?? usual })}
            />
          </label>
        ))}
        <label htmlFor="content-forms-field">
          {t("content_forms.field")}
          <Input
            id="content-forms-field"
            style={{ width: 160 }}
            maxLength={200}
            value={draft.field ?? ""}
            onChange={(event) => setDraft({ ...draft, field: event.target.value })}
          />
        </label>
      </div>
      <Told
        title={t("content_forms.events")}
        told={draft.events ?? []}
        onChange={(events) => setDraft({ ...draft, events })}
      />
      <Told
        title={t("content_forms.values")}
        told={draft.values ?? []}
        onChange={(values) => setDraft({ ...draft, values })}
      />
      <div className={styles.form}>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}

interface ToldProps {
  title: string;
  told: readonly FormOf[];
  onChange: (told: FormOf[]) => void;
}

function Told({ title, told, onChange }: ToldProps) {
  const { t } = useI18n();
  const name = useFormName();
  const [value, setValue] = useState("");
  const [form, setForm] = useState("");
  const text = value.trim();
  return (
    <div className={styles.form} style={{ marginBlock: 14 }}>
      <span className={styles.why}>{title}</span>
      {told.map((one) => (
        <span key={one.told}>
          {one.told} → {name(one.form)}{" "}
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("interests.remove", { name: one.told })}
            onClick={() => onChange(told.filter((other) => other !== one))}
          />
        </span>
      ))}
      <Input
        style={{ width: 160 }}
        maxLength={200}
        aria-label={`${title} ${t("content_forms.told")}`}
        placeholder={t("content_forms.told")}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Input
        style={{ width: 120 }}
        maxLength={40}
        aria-label={`${title} ${t("content_forms.form")}`}
        placeholder={t("content_forms.form")}
        value={form}
        onChange={(event) => setForm(event.target.value)}
      />
      <Button
        disabled={text === "" || form.trim() === "" || told.some((one) => one.told === text)}
        onClick={() => {
          onChange([...told, { told: text, form: form.trim() }]);
          setValue("");
          setForm("");
        }}
      >
        {t("content_forms.add")}
      </Button>
    </div>
  );
}
