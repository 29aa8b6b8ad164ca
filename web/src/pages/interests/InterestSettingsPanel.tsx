import { DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { eventCatalogueQuery } from "../../api/events";
import type { InterestSettings, InterestSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PickOrType } from "../../ui/PickOrType";
import { useEventName } from "../../ui/useEventName";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";
import { Proposals } from "./Proposals";

const ITEMS = "items.category";

/** Where categories stand, what they are called, and what counts how much. */
export function InterestSettingsPanel({ summary }: { summary: InterestSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<InterestSettings>("interests", summary.settings, [
    "interest-proposals",
  ]);
  const fields = draft.fields ?? [];
  const figure = (
    field: "half_life_days" | "weight" | "page_weight" | "other_weight",
    label: MessageKey,
    range: { min: number; max: number; precision?: number },
    otherwise: number,
  ) => (
    <label htmlFor={`interests-${field}`}>
      {t(label)}
      <InputNumber
        id={`interests-${field}`}
        style={{ width: 100 }}
        {...range}
        value={draft[field] ?? otherwise}
        onChange={(value) => setDraft({ ...draft, [field]: value ?? otherwise })}
      />
    </label>
  );
  return (
    <>
      <Panel title={t("interests.settings")} extra={t("clusters.settings.hint")} testId="interest-settings">
        <div className={styles.form}>
          <label htmlFor="interests-fields">
            {t("interests.fields")}
            <Select
              id="interests-fields"
              mode="tags"
              className={styles.wide}
              value={[...fields]}
              onChange={(next: string[]) => next.length > 0 && setDraft({ ...draft, fields: next })}
              options={[{ value: ITEMS, label: t("interests.items") }]}
            />
          </label>
          {figure("half_life_days", "interests.halfLife", { min: 1, max: 365, precision: 0 }, 30)}
          {figure("weight", "interests.weight", { min: 0, max: 1000 }, 5)}
          {figure("page_weight", "interests.pageWeight", { min: 0, max: 100 }, 0.5)}
          {figure("other_weight", "interests.otherWeight", { min: 0, max: 100 }, 1)}
        </div>
        <Weights draft={draft} onChange={setDraft} />
        <Names draft={draft} onChange={setDraft} />
        <div className={styles.form}>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
          {save.isSuccess && <span role="status">{t("study.saved")}</span>}
        </div>
        {save.error && <ErrorNotice error={save.error} />}
      </Panel>
      <Proposals
        fields={fields}
        onUse={(field) => !fields.includes(field) && setDraft({ ...draft, fields: [...fields, field] })}
      />
    </>
  );
}

interface DraftProps {
  draft: InterestSettings;
  onChange: (draft: InterestSettings) => void;
}

function Weights({ draft, onChange }: DraftProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  const { data } = useQuery(eventCatalogueQuery);
  const weights = draft.weights ?? [];
  const known = new Set(weights.map((one) => one.name));
  return (
    <div className={styles.form} style={{ marginBlock: 14 }}>
      <span className={styles.why}>{t("interests.weights")}</span>
      {weights.map((one, at) => (
        <label key={one.name} htmlFor={`interests-event-${at}`}>
          {eventName(one.name)}
          <InputNumber
            id={`interests-event-${at}`}
            style={{ width: 80 }}
            min={0}
            max={100}
            value={one.weight}
            onChange={(weight) =>
              onChange({
                ...draft,
                weights: weights.map((other) => (other === one ? { ...one, weight: weight ?? 0 } : other)),
              })
            }
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("interests.remove", { name: eventName(one.name) })}
            onClick={() => onChange({ ...draft, weights: weights.filter((other) => other !== one) })}
          />
        </label>
      ))}
      <PickOrType
        label={t("interests.weight.add")}
        value=""
        options={(data?.items ?? [])
          .filter((one) => !known.has(one.name))
          .map((one) => ({ value: one.name, label: eventName(one.name) }))}
        onChange={(name) =>
          name && !known.has(name) && onChange({ ...draft, weights: [...weights, { name, weight: 1 }] })
        }
        style={{ minWidth: 180 }}
      />
    </div>
  );
}

function Names({ draft, onChange }: DraftProps) {
  const { t } = useI18n();
  const [value, setValue] = useState("");
  const [category, setCategory] = useState("");
  const names = draft.names ?? [];
  const text = value.trim();
  return (
    <div className={styles.form} style={{ marginBlock: 14 }}>
      <span className={styles.why}>
        {t("interests.names")} · {t("interests.names.hint")}
      </span>
      {names.map((one) => (
        <span key={one.value}>
          {one.value} → {one.category || "–"}{" "}
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("interests.remove", { name: one.value })}
            onClick={() => onChange({ ...draft, names: names.filter((other) => other !== one) })}
          />
        </span>
      ))}
      <Input
        style={{ width: 160 }}
        maxLength={200}
        aria-label={t("interests.names.value")}
        placeholder={t("interests.names.value")}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Input
        style={{ width: 160 }}
        maxLength={100}
        aria-label={t("interests.names.category")}
        placeholder={t("interests.names.category")}
        value={category}
        onChange={(event) => setCategory(event.target.value)}
      />
      <Button
        disabled={text === "" || names.some((one) => one.value === text)}
        onClick={() => {
          onChange({ ...draft, names: [...names, { value: text, category: category.trim() }] });
          setValue("");
          setCategory("");
        }}
      >
        {t("interests.names.add")}
      </Button>
    </div>
  );
}
