export const SPAN_UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const;
export type SpanUnit = keyof typeof SPAN_UNITS;

/** The largest unit that says the length without a fraction. */
export function largestUnit(seconds: number): SpanUnit {
  if (seconds > 0 && seconds % SPAN_UNITS.days === 0) return "days";
  return seconds > 0 && seconds % SPAN_UNITS.hours === 0 ? "hours" : "minutes";
}
