import { useCallback } from "react";
import { useI18n } from "../../i18n";
import type { Tone } from "../../ui/Tag";

const TONES: Record<string, Tone> = {
  champions: "jade",
  loyal: "jade",
  potential_loyal: "blue",
  new: "blue",
  promising: "blue",
  need_attention: "amber",
  about_to_sleep: "amber",
  at_risk: "red",
  cannot_lose: "red",
  hibernating: "plain",
  lost: "plain",
};

export function classTone(name: string): Tone {
  return TONES[name] ?? "plain";
}

/** Words for a class; one this console does not know is shown by its own name. */
export function useClassName(): (name: string) => string {
  const { t, has } = useI18n();
  return useCallback(
    (name: string) => {
      const key = `rfmClass.${name}`;
      return has(key) ? t(key) : name;
    },
    [t, has],
  );
}
