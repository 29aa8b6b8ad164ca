import { useI18n } from "../../../i18n";
import type { WaitNode } from "../definition";
import { Field, SecondsInput } from "../fields";
import type { FieldsProps } from "./looks";

export function WaitFields({ node, onChange }: FieldsProps<WaitNode>) {
  const { t } = useI18n();
  return (
    <Field label={t("journey.waitFor")}>
      <SecondsInput
        label={t("journey.waitFor")}
        value={node.seconds}
        onChange={(seconds) => onChange({ ...node, seconds })}
      />
    </Field>
  );
}
