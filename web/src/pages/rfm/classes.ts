import { useCallback } from "react";
import { useI18n } from "../../i18n";
import type { Tone } from "../../ui/Tag";

/** High monetary scores are "important"; green buys now, blue begins, amber cools, red is nearly gone. */
const TONES: Record<string, Tone> = {
  important_value: "jade",
  important_develop: "blue",
  important_keep: "amber",
  important_win_back: "red",
  general_value: "jade",
  general_develop: "blue",
  general_keep: "amber",
  general_win_back: "plain",
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

/** Words for a channel; "" is what states none, and one this console does not know is shown by its own name. */
export function useChannelName(): (channel: string) => string {
  const { t } = useI18n();
  return (channel) => (channel === "" ? t("rfm.channel.none") : channel);
}
