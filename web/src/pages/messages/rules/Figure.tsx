import { InputNumber } from "antd";
import { type MessageKey, useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";

interface FigureProps {
  label: MessageKey;
  min: number;
  max: number;
  value: number;
  onChange: (value: number | null) => void;
}

/** A whole number with its name above. */
export function Figure({ label, min, max, value, onChange }: FigureProps) {
  const { t } = useI18n();
  return (
    <Field label={t(label)}>
      <InputNumber
        aria-label={t(label)}
        min={min}
        max={max}
        precision={0}
        value={value}
        onChange={onChange}
        style={{ width: 120 }}
      />
    </Field>
  );
}
