import { InputNumber, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useI18n } from "../../i18n";
import styles from "./journeys.module.css";
import { largestUnit, SPAN_UNITS, type SpanUnit } from "./spans";

export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <span>{label}</span>
      {children}
      {hint && <small>{hint}</small>}
    </div>
  );
}

interface SecondsInputProps {
  label: string;
  value: number;
  min?: number;
  onChange: (seconds: number) => void;
}

/** A length of time in the unit a person would say it in. */
export function SecondsInput({ label, value, min = 0, onChange }: SecondsInputProps) {
  const { t } = useI18n();
  const [unit, setUnit] = useState<SpanUnit>(() => largestUnit(value));
  const size = SPAN_UNITS[unit];
  return (
    <span className={styles.pair}>
      <InputNumber
        aria-label={label}
        min={min}
        value={value / size}
        onChange={(amount) => amount !== null && onChange(Math.round(amount * size))}
        style={{ width: 110 }}
      />
      <Select
        aria-label={t("segment.unit")}
        value={unit}
        onChange={(next: SpanUnit) => {
          setUnit(next);
          onChange(Math.round((value / size) * SPAN_UNITS[next]));
        }}
        options={(Object.keys(SPAN_UNITS) as SpanUnit[]).map((each) => ({
          value: each,
          label: t(`unit.${each}`),
        }))}
        style={{ width: 96 }}
      />
    </span>
  );
}
