import { useMemo } from "react";
import { useSession } from "../app/session";
import {
  formatAxis,
  formatCompact,
  formatCount,
  formatDecimal,
  formatMoney,
  formatMoneyShort,
  formatShare,
} from "../format/numbers";
import { useI18n } from "../i18n";

/** The formatters of src/format, bound to the reader's language and the brand's currency. */
export function useFormat() {
  const { tag } = useI18n();
  const { session } = useSession();
  const home = session.brand.currency;
  return useMemo(
    () => ({
      count: (value: number) => formatCount(value, tag),
      compact: (value: number) => formatCompact(value, tag),
      axis: (value: number) => formatAxis(value, tag),
      decimal: (value: number, digits?: number) => formatDecimal(value, tag, digits),
      share: (part: number, whole: number) => formatShare(part, whole, tag),
      money: (decimal: string | number, currency?: string | null) =>
        formatMoney(decimal, currency || home, tag),
      moneyShort: (decimal: string | number, currency?: string | null) =>
        formatMoneyShort(decimal, currency || home, tag),
    }),
    [tag, home],
  );
}
