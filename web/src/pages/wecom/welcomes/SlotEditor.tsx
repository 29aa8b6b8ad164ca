import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import type { WelcomeSlot, WelcomeVariant } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import { ContentEditor } from "./ContentEditor";
import { PeriodFields } from "./PeriodFields";
import { emptyContent, VARIANTS_MAX } from "./welcome";
import styles from "./welcomes.module.css";

interface SlotEditorProps {
  corp: string;
  slot: WelcomeSlot;
  hasCoupon: boolean;
  onChange: (slot: WelcomeSlot) => void;
  /** Left out for the default, which every rule has. */
  onRemove?: () => void;
}

const NAME_MAX = 60;
const WEIGHT_MAX = 100;

/** One slot of a rule: when it speaks, and in which variants. */
export function SlotEditor({ corp, slot, hasCoupon, onChange, onRemove }: SlotEditorProps) {
  const { t } = useI18n();
  const put = (index: number, variant: WelcomeVariant) =>
    onChange({ ...slot, variants: slot.variants.with(index, variant) });
  const add = () => {
    const taken = new Set(slot.variants.map((variant) => variant.name));
    const name = [..."ABCDEF"].find((letter) => !taken.has(letter)) ?? "Z";
    onChange({ ...slot, variants: [...slot.variants, { name, weight: 1, content: emptyContent() }] });
  };
  return (
    <fieldset className={styles.slot} data-testid="welcome-slot">
      <legend>{slot.name}</legend>
      <div className={styles.row}>
        <Field label={t("wecom.welcomes.slot")}>
          {(id) => (
            <Input
              id={id}
              value={slot.name}
              maxLength={NAME_MAX}
              onChange={(event) => onChange({ ...slot, name: event.target.value })}
            />
          )}
        </Field>
        {onRemove && (
          <Button
            danger
            icon={<DeleteOutlined />}
            aria-label={t("wecom.welcomes.slot.remove", { name: slot.name })}
            onClick={onRemove}
          />
        )}
      </div>
      {slot.period && (
        <PeriodFields period={slot.period} onChange={(period) => onChange({ ...slot, period })} />
      )}
      {slot.variants.map((variant, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a variant's name changes while it is written.
        <section key={index} className={styles.stack}>
          {slot.variants.length > 1 && (
            <div className={styles.row}>
              <Field label={t("wecom.welcomes.variant")}>
                {(id) => (
                  <Input
                    id={id}
                    value={variant.name}
                    maxLength={NAME_MAX}
                    onChange={(event) => put(index, { ...variant, name: event.target.value })}
                  />
                )}
              </Field>
              <Field label={t("wecom.welcomes.variant.weight")}>
                {(id) => (
                  <InputNumber
                    id={id}
                    min={1}
                    max={WEIGHT_MAX}
                    precision={0}
                    value={variant.weight}
                    onChange={(weight) => put(index, { ...variant, weight: weight ?? 1 })}
                  />
                )}
              </Field>
              <Button
                icon={<DeleteOutlined />}
                aria-label={t("wecom.welcomes.variant.remove", { name: variant.name })}
                onClick={() => onChange({ ...slot, variants: slot.variants.toSpliced(index, 1) })}
              />
            </div>
          )}
          <ContentEditor
            corp={corp}
            content={variant.content}
            hasCoupon={hasCoupon}
            onChange={(content) => put(index, { ...variant, content })}
          />
        </section>
      ))}
      {slot.variants.length < VARIANTS_MAX && (
        <div>
          <Button size="small" onClick={add}>
            {t("wecom.welcomes.variant.add")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
