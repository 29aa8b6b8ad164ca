import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { computedQuery } from "../api/computed";
import { useZone } from "../app/session";
import { formatDateTime } from "../format/times";
import { useI18n } from "../i18n";
import { useFormat } from "./useFormat";

export interface AttributeWords {
  name: (key: string) => string;
  value: (key: string, value: unknown) => string;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const NAMES_HOLD_MS = 60_000;

/** Attributes as a person reads them: codes in words, computed ones by their name, instants in the brand's zone. What nobody knows stays itself. */
export function useAttributeWords(): AttributeWords {
  const { t, has } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const { data } = useQuery({ ...computedQuery, refetchInterval: false, staleTime: NAMES_HOLD_MS });
  return useMemo(() => {
    const computed = new Map(data?.items.map((one) => [one.attribute, one.name]));
    const word = (key: string, otherwise: string) => (has(key) ? t(key) : otherwise);
    const figure: Record<string, (value: number) => string> = {
      rfm_recency_days: (days) => t("rfm.days", { count: format.count(days), n: days }),
      rfm_frequency: format.count,
      rfm_monetary: (amount) => format.money(amount),
      lifetime_alive: (chance) => format.share(chance, 1),
      lifetime_alive_band: (band) => word(`lifetime.alive.${band}`, String(band)),
      lifetime_buys_90d: (chance) => format.share(chance, 1),
      lifetime_purchases_365d: (times) => t("lifetime.times", { count: format.decimal(times, 1) }),
      lifetime_value: (amount) => format.money(amount),
      lifetime_value_band: (band) => word(`lifetime.value.${band}`, String(band)),
      churn_probability: (chance) => format.share(chance, 1),
      best_hour: (hour) => `${String(hour).padStart(2, "0")}:00`,
      best_weekday: (day) => word(`rhythm.weekday.${day}`, String(day)),
      price_level: (percent) => format.share(percent, 100),
      discount_share: (share) => format.share(share, 1),
      churn_band: (band) => word(`churn.band.${band}`, String(band)),
    };
    return {
      name: (key) => word(`attribute.${key}`, computed.get(key) ?? key),
      value: (key, value) => {
        if (typeof value === "boolean") return t(value ? "yes" : "no");
        if (value === null || value === undefined || value === "") return "–";
        if (typeof value === "object") return JSON.stringify(value);
        const text = String(value);
        const asFigure = figure[key];
        if (asFigure && Number.isFinite(Number(text))) return asFigure(Number(text));
        if (key === "lifecycle_stage") return word(`lifecycle.stage.${text}`, text);
        if (key === "engagement_level") return word(`engagement.level.${text}`, text);
        if (key === "content_form") return word(`content_forms.form.${text}`, text);
        if (key === "spending_power") return word(`spending.power.${text}`, text);
        if (key === "discount_affinity") return word(`spending.affinity.${text}`, text);
        if (key === "rfm_class") return word(`rfmClass.${text}`, text);
        if (INSTANT.test(text)) return formatDateTime(text, zone);
        return word(text.startsWith("ADD_SCENE_") ? `scene.${text}` : `value.${text}`, text);
      },
    };
  }, [t, has, format, zone, data]);
}
