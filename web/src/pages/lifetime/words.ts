import { yuanOf } from "../../format/fen";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";

/** The fields of both what the page and what a person's card show of money. */
export interface Unit {
  currency: string;
  minor_per_unit: number;
}

/** Whole minor units as a decimal text of the currency. */
export function decimalOf(minor: number, unit: Unit): string {
  return unit.minor_per_unit === 1 ? String(minor) : yuanOf(minor);
}

/** Minor units as money on the screen; a dash for what is not known. */
export function useMinor(unit: Unit): (minor: number | null) => string {
  const format = useFormat();
  return (minor) => (minor === null ? "–" : format.money(decimalOf(minor, unit), unit.currency));
}

/** A code in words; one this console does not know is shown as it is. */
export function useCode(): (group: string, code: string, params?: Record<string, string>) => string {
  const { t, has } = useI18n();
  return (group, code, params) => {
    const key = `lifetime.${group}.${code}`;
    return has(key) ? t(key, params) : code;
  };
}
