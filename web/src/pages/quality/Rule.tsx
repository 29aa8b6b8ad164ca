import { DeleteOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import { useId } from "react";
import type { AttributeRule } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { useAttributeWords } from "../../ui/useAttributeWords";
import styles from "./quality.module.css";

const AUTO = "auto" as const;
const KINDS = ["any", "text", "number", "date", "phone", "email", "id_number"] as const;

interface Props {
  rule: AttributeRule;
  onChange: (rule: AttributeRule) => void;
  onRemove: () => void;
}

/** What is expected of one attribute. */
export function Rule({ rule, onChange, onRemove }: Props) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const id = useId();
  const name = words.name(rule.key);
  const figure = (
    field: "fresh_days" | "minimum" | "maximum" | "weight",
    label: MessageKey,
    range: { min?: number; max?: number; precision?: number },
    otherwise: number | null,
  ) => (
    <label htmlFor={`${id}-${field}`}>
      {t(label)}
      <InputNumber
        id={`${id}-${field}`}
        style={{ width: 110 }}
        {...range}
        value={rule[field] ?? otherwise}
        onChange={(value) => onChange({ ...rule, [field]: value ?? otherwise })}
      />
    </label>
  );
  return (
    <div className={styles.rule}>
      <strong>{name}</strong>
      <label htmlFor={`${id}-kind`}>
        {t("quality.rule.kind")}
        <Select
          id={`${id}-kind`}
          style={{ width: 150 }}
          value={rule.kind ?? AUTO}
          onChange={(kind) => onChange({ ...rule, kind: kind === AUTO ? null : kind })}
          options={[
            { value: AUTO, label: t("quality.rule.kind.auto") },
            ...KINDS.map((kind) => ({ value: kind, label: t(`quality.kind.${kind}`) })),
          ]}
        />
      </label>
      <label htmlFor={`${id}-wanted`}>
        {t("quality.rule.wanted")}
        <InputNumber
          id={`${id}-wanted`}
          style={{ width: 110 }}
          min={1}
          max={100}
          value={Math.round((rule.wanted ?? 1) * 100)}
          onChange={(share) => onChange({ ...rule, wanted: (share ?? 100) / 100 })}
        />
      </label>
      {figure("fresh_days", "quality.rule.fresh", { min: 1, max: 3650, precision: 0 }, null)}
      {figure("minimum", "quality.rule.minimum", {}, null)}
      {figure("maximum", "quality.rule.maximum", {}, null)}
      {figure("weight", "quality.rule.weight", { min: 0, max: 10 }, 1)}
      <label htmlFor={`${id}-allowed`}>
        {t("quality.rule.allowed")}
        <Select
          id={`${id}-allowed`}
          mode="tags"
          open={false}
          suffixIcon={null}
          style={{ minWidth: 180 }}
          value={[...(rule.allowed ?? [])]}
          onChange={(allowed: string[]) => onChange({ ...rule, allowed })}
        />
      </label>
      <Button
        type="text"
        icon={<DeleteOutlined />}
        aria-label={t("quality.rule.remove", { attribute: name })}
        onClick={onRemove}
      />
    </div>
  );
}
