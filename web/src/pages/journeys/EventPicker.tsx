import { useQuery } from "@tanstack/react-query";
import { catalogueQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useNodeWords } from "./words";

/** What starts or ends something in most journeys, offered before the first such event was ever seen. */
const USUAL = ["wechat.official_account.followed", "Order Completed", "Product Viewed", "Product Added"];

export function EventPicker({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const { t } = useI18n();
  const { event } = useNodeWords();
  const { data } = useQuery(catalogueQuery);
  const names = new Set([...(data?.events.map(({ name }) => name) ?? []), ...USUAL]);
  return (
    <PickOrType
      label={t("segment.eventName")}
      value={value}
      onChange={onChange}
      options={[...names].map((name) => ({ value: name, label: event(name) }))}
      style={{ width: "100%" }}
    />
  );
}
