import { InputNumber } from "antd";
import { useI18n } from "../../../i18n";
import { Field } from "../fields";
import type { FieldsProps } from "./looks";
import type { RepeatNode } from "./split";

const TIMES_MAX = 100;

export function RepeatFields({ node, onChange }: FieldsProps<RepeatNode>) {
  const { t } = useI18n();
  return (
    <Field label={t("repeat.times")} hint={t("repeat.hint")}>
      <InputNumber
        aria-label={t("repeat.times")}
        min={1}
        max={TIMES_MAX}
        precision={0}
        value={node.times}
        onChange={(times) => times !== null && onChange({ ...node, times })}
        style={{ width: 110 }}
      />
    </Field>
  );
}
