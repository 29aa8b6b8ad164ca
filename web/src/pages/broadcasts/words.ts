import type { BroadcastStatus } from "../../api/broadcasts";
import type { Tone } from "../../ui/Tag";

export const BACK = "/broadcasts";

export const STATUS_TONES: Record<BroadcastStatus, Tone> = {
  draft: "plain",
  scheduled: "blue",
  snapshotting: "blue",
  sending: "jade",
  paused: "amber",
  cancelling: "amber",
  cancelled: "plain",
  done: "plain",
};

export const PERSON_STATES = [
  "planned",
  "waiting",
  "control",
  "held_out",
  "excluded",
  "duplicate",
  "cancelled",
] as const;
