import type { Inheritance } from "../../../api/wecom/inheritance";
import type { Tone } from "../../../ui/Tag";

export const STATE_TONES: Record<Inheritance["state"], Tone> = {
  open: "amber",
  draft: "plain",
  running: "blue",
  stopped: "amber",
  done: "jade",
  dropped: "plain",
};

export const ITEM_STATES = ["planned", "submitted", "waiting", "done", "refused", "failed"] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export const ITEM_TONES: Record<ItemState, Tone> = {
  planned: "plain",
  submitted: "blue",
  waiting: "blue",
  done: "jade",
  refused: "amber",
  failed: "red",
};

/** How many items there are, and how many have come to an end. */
export function endedOf(counts: Record<string, number>): { total: number; ended: number } {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const open = (counts.planned ?? 0) + (counts.submitted ?? 0) + (counts.waiting ?? 0);
  return { total, ended: total - open };
}
