import { useCallback } from "react";
import type { Message, MessageChannel, MessageState } from "../../api/types";
import { useI18n } from "../../i18n";
import type { Tone } from "../../ui/Tag";
import { usePurposeName } from "../consent/words";

/** Words for a reason code; a code from a newer server stays readable as itself. */
export function useReasonText(): (code: string) => string {
  const { t, has } = useI18n();
  return useCallback(
    (code: string) => {
      const key = `reason.${code}`;
      return has(key) ? t(key) : code;
    },
    [t, has],
  );
}

const ABOUT_CONSENT: readonly string[] = ["opted_out", "no_consent"];

/** The server's own sentence where it sent one, else ours; of consent, also for which purpose. */
export function useMessageReason(): (message: Message) => string {
  const { locale, t } = useI18n();
  const reasonText = useReasonText();
  const purposeName = usePurposeName();
  return ({ reason, reason_text, purpose }) => {
    const words = reason_text?.[locale] ?? (reason ? reasonText(reason) : "");
    if (!reason || !ABOUT_CONSENT.includes(reason)) return words;
    return t("messages.reasonFor", { reason: words, purpose: purposeName(purpose) });
  };
}

export const CHANNELS: readonly MessageChannel[] = [
  "official_account",
  "mini_program",
  "sms",
  "email",
  "webhook",
];

export const STATES: readonly MessageState[] = [
  "planned",
  "reserved",
  "handed",
  "accepted",
  "delivered",
  "refused",
  "rejected",
  "failed",
  "unknown",
];

export const STATE_TONES: Record<MessageState, Tone> = {
  planned: "blue",
  reserved: "blue",
  handed: "blue",
  accepted: "jade",
  delivered: "jade",
  refused: "plain",
  rejected: "red",
  failed: "red",
  unknown: "amber",
};

export function isMessageState(state: string): state is MessageState {
  return (STATES as readonly string[]).includes(state);
}
