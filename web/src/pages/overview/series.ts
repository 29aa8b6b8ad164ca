import type { Overview } from "../../api/types";

/**
 * The minutes history has counted in full. Drawn, the running one and those still waiting in the pipeline
 * would look like a fall. `lag_s` is real time and the minutes are the brand's, which may pass faster.
 */
export function wholeMinutes(
  { as_of, events, pipeline }: Pick<Overview, "as_of" | "events" | "pipeline">,
  clockRate: number,
): Overview["events"]["per_minute"] {
  const counted = Date.parse(as_of) - pipeline.lag_s * clockRate * 1000;
  return events.per_minute.filter((minute) => Date.parse(minute.at) + 60_000 <= counted);
}

export interface OutcomeCounts {
  delivered: number;
  underway: number;
  refused: number;
  rejected: number;
  unknown: number;
}

const GROUPS: Record<keyof OutcomeCounts, readonly string[]> = {
  delivered: ["accepted", "delivered", "read", "clicked"],
  underway: ["planned", "reserved", "handed"],
  refused: ["refused"],
  rejected: ["rejected", "failed"],
  unknown: ["unknown"],
};

/** Nine states of a message, as the five answers an operator looks for. */
export function groupOutcomes(states: Readonly<Record<string, number>>): OutcomeCounts {
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (states[name] ?? 0), 0);
  return {
    delivered: sum(GROUPS.delivered),
    underway: sum(GROUPS.underway),
    refused: sum(GROUPS.refused),
    rejected: sum(GROUPS.rejected),
    unknown: sum(GROUPS.unknown),
  };
}
