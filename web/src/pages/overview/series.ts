/** The minute that is running has counted only some of its seconds: drawn, it would look like a fall. */
export function wholeMinutes<T>(perMinute: readonly T[]): readonly T[] {
  return perMinute.length > 1 ? perMinute.slice(0, -1) : perMinute;
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
