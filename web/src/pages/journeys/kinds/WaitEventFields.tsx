import { useI18n } from "../../../i18n";
import type { WaitEventNode } from "../definition";
import { EventPicker } from "../EventPicker";
import { Field, SecondsInput } from "../fields";
import type { FieldsProps } from "./looks";

export function WaitEventFields({ node, onChange }: FieldsProps<WaitEventNode>) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("leaf.event")}>
        <EventPicker value={node.event} onChange={(event) => onChange({ ...node, event })} />
      </Field>
      <Field label={t("journey.waitAtMost")}>
        <SecondsInput
          label={t("journey.waitAtMost")}
          value={node.timeout_s}
          min={1}
          onChange={(timeout_s) => onChange({ ...node, timeout_s: Math.max(1, timeout_s) })}
        />
      </Field>
    </>
  );
}
