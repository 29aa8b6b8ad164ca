import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { type TemplateVariant, templateChoicesQuery } from "../../../api/messageTemplates";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";

/** Begin with what a template says now. Nothing where the brand has none. */
export function FromTemplate({ onChoose }: { onChoose: (variant: TemplateVariant) => void }) {
  const { t } = useI18n();
  const { data } = useQuery({ ...templateChoicesQuery, enabled: useMay()("messages.read") });
  if (!data?.items.length) return null;
  const options = data.items.map((template) => ({
    label: template.name,
    options: template.variants.map((variant, index) => ({
      value: `${template.id}:${index}`,
      label: `${template.name} · ${t(`messageKind.${variant.message_kind}`)}`,
    })),
  }));
  const choose = (value: string) => {
    const [id, index] = value.split(":");
    const variant = data.items.find((one) => one.id === id)?.variants[Number(index)];
    if (variant) onChoose(variant);
  };
  return (
    <Field label={t("mtp.from")} hint={t("mtp.from.hint")}>
      <Select
        aria-label={t("mtp.from")}
        placeholder={t("mtp.from")}
        value={null}
        onChange={choose}
        options={options}
        style={{ width: "100%" }}
      />
    </Field>
  );
}
