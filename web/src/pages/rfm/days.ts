/** Return the local day `ago` days before an instant, as `2026-03-04`. */
export function localDay(now: Date, timeZone: string, ago: number): string {
  const at = new Date(now.getTime() - ago * 86_400_000);
  // The Swedish form of a date is the one of ISO 8601.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(at);
}
