import type { Bill, BillDifference, Payment, PaymentAttempt, Refund } from "../../api/types";
import { yuanOf } from "../../format/fen";
import { useI18n } from "../../i18n";
import type { Tone } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";

export const PAYMENT_STATES = ["open", "paid", "closed"] as const;
export const REFUND_STATES = ["planned", "processing", "succeeded", "abnormal", "closed", "refused"] as const;
export const DIFFERENCE_STATES = ["open", "gone", "resolved"] as const;

export const PAYMENT_TONES: Record<Payment["state"], Tone> = { open: "blue", paid: "jade", closed: "plain" };
export const ATTEMPT_TONES: Record<PaymentAttempt["state"], Tone> = {
  planned: "blue",
  open: "blue",
  closing: "amber",
  closed: "plain",
  refused: "red",
  paid: "jade",
  surplus: "amber",
};
export const REFUND_TONES: Record<Refund["state"], Tone> = {
  planned: "blue",
  processing: "blue",
  succeeded: "jade",
  abnormal: "red",
  closed: "amber",
  refused: "red",
};
export const BILL_TONES: Record<Bill["state"], Tone> = { waiting: "blue", done: "jade", failed: "red" };
export const DIFFERENCE_TONES: Record<BillDifference["state"], Tone> = {
  open: "red",
  gone: "plain",
  resolved: "jade",
};

/** Fen as money on the screen; a dash for an amount that one side does not have. */
export function useFen(): (fen: number | null) => string {
  const format = useFormat();
  return (fen) => (fen === null ? "–" : format.money(yuanOf(fen), "CNY"));
}

/** Words for a code of the platform that says why something stands still; an unknown one stays as it is. */
export function useNote(): (code: string) => string {
  const { t, has } = useI18n();
  return (code) => {
    const key = `payNote.${code}`;
    return has(key) ? t(key) : code;
  };
}
