/** Parts of the day in which somebody's best hour can be. */
export const PARTS = ["morning", "noon", "afternoon", "evening", "night"] as const;
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** Write hours as they begin: `20:00、21:00`. */
export function hoursText(hours: readonly number[]): string {
  return hours.map((hour) => `${String(hour).padStart(2, "0")}:00`).join("、");
}
