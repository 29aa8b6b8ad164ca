import { type MessageKey, useI18n } from "../../i18n";

/** In the order of a customer's life. */
export const STAGES = ["new", "active", "repeat", "loyal", "won_back", "sleeping", "lost"] as const;

/** Words for a stage; one this console does not know is shown by its own name. */
export function useStageName(): (label: string) => string {
  const { t, has } = useI18n();
  return (label) => {
    if (label === "") return t("lifecycle.nowhere");
    const key = `lifecycle.stage.${label}`;
    return has(key) ? t(key as MessageKey) : label;
  };
}
