import { useCallback } from "react";
import type { PathPoint } from "../../api/behaviour";
import { useI18n } from "../../i18n";
import { useEventName } from "../../ui/useEventName";

/** A point of a path in words. */
export function usePointName(): (at: PathPoint) => string {
  const { t } = useI18n();
  const eventName = useEventName();
  return useCallback(
    (at) => (at.kind === "name" ? eventName(at.name ?? "") : t(`behaviour.point.${at.kind}`)),
    [t, eventName],
  );
}
