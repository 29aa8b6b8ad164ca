import { useMemo } from "react";
import type { Metric, MetricUnit } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";

/** A metric's name, its formula and its figures in the reader's language. */
export function useMetricWords() {
  const { locale } = useI18n();
  const format = useFormat();
  return useMemo(
    () => ({
      name: (metric: Pick<Metric, "name" | "name_en">) =>
        locale === "en" ? metric.name_en || metric.name : metric.name,
      formula: (text: Metric["text"]) => text[locale],
      value: (value: string | null, unit: MetricUnit, currency: string | null) => {
        if (value === null) return "–";
        if (unit === "money") return format.money(value, currency);
        if (unit === "share") return format.share(Number(value), 1);
        return format.decimal(Number(value), 4);
      },
    }),
    [locale, format],
  );
}
