import type { ExperimentRow } from "../../api/experiments";
import type { Tone } from "../../ui/Tag";

export const STATUS_TONES: Record<ExperimentRow["status"], Tone> = {
  draft: "plain",
  running: "jade",
  stopped: "amber",
  decided: "blue",
};

/** Basis points as percent, and back. */
export const percent = (bps: number) => bps / 100;
export const basisPoints = (share: number) => Math.round(share * 100);
