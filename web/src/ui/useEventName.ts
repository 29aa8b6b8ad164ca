import { useCallback } from "react";
import { useI18n } from "../i18n";

/** An event's name in words: timeline, filters and lists all ask here. A name nobody knows stays itself. */
export function useEventName(): (name: string) => string {
  const { t, has } = useI18n();
  return useCallback(
    (name: string) => {
      const key = `event.${name}`;
      return has(key) ? t(key) : name;
    },
    [t, has],
  );
}
