import { useCallback } from "react";
import type { FigureGroup } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { useAttributeWords } from "../../ui/useAttributeWords";
import type { Breakdown } from "./inputs";

/** A group of a breakdown in words. */
export function useGroupName(): (group: FigureGroup, breakdown: Breakdown | null | undefined) => string {
  const { t } = useI18n();
  const words = useAttributeWords();
  return useCallback(
    (group, breakdown) => {
      if (!group) return t("behaviour.group.all");
      if (group.kind === "other") return t("behaviour.group.other");
      if (group.kind === "missing") return t("behaviour.group.missing");
      return breakdown?.kind === "person" ? words.value(breakdown.key, group.value) : String(group.value);
    },
    [t, words],
  );
}
