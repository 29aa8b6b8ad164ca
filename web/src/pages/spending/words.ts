import { type MessageKey, useI18n } from "../../i18n";

export const POWERS = ["high", "middle", "low"] as const;
export const AFFINITIES = ["high", "usual", "low", "none"] as const;

/** Names of bands, and of the group of two of them. */
export function useSpendingWords() {
  const { t } = useI18n();
  const power = (band: string) => t(`spending.power.${band}` as MessageKey);
  const affinity = (band: string) => t(`spending.affinity.${band}` as MessageKey);
  const group = (label: string) => {
    const [one = "", other = ""] = label.split(".");
    return t("spending.group", { power: power(one), affinity: affinity(other) });
  };
  return { power, affinity, group };
}
