import { type MessageKey, useI18n } from "../../i18n";

/** The most at risk first. */
export const BANDS = ["5", "4", "3", "2", "1"] as const;

/** Words for a band; one this console does not know is shown as it is. */
export function useBandName(): (label: string) => string {
  const { t, has } = useI18n();
  return (label) => {
    const key = `churn.band.${label}`;
    return has(key) ? t(key as MessageKey) : label;
  };
}

/** Words for a feature or a model. */
export function useChurnWord(): (kind: "feature" | "model", name: string) => string {
  const { t, has } = useI18n();
  return (kind, name) => {
    const key = `churn.${kind}.${name}`;
    return has(key) ? t(key as MessageKey) : name;
  };
}
