import { useQuery } from "@tanstack/react-query";
import type { ConsentState } from "../../api/consent";
import { EVERY, purposesQuery } from "../../api/consent";
import { useI18n } from "../../i18n";
import type { Tone } from "../../ui/Tag";

export const STATE_TONE: Record<ConsentState | "silent", Tone> = {
  granted: "jade",
  withdrawn: "red",
  expired: "amber",
  silent: "plain",
};

/** What purposes are called, in the reader's language; one nobody knows any more by its key. */
export function usePurposeName(): (key: string) => string {
  const { t, locale } = useI18n();
  const { data } = useQuery(purposesQuery);
  return (key) => {
    if (key === EVERY) return t("consent.purpose.*");
    const found = data?.items.find((one) => one.key === key);
    if (!found) return key;
    return locale === "zh" ? found.name_zh : found.name_en;
  };
}
