/** The offset of a zone at an instant, in milliseconds, as the browser's own calendar knows it. */
function offsetMs(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    read("year"),
    read("month") - 1,
    read("day"),
    read("hour"),
    read("minute"),
    read("second"),
  );
  return local - Math.floor(at.getTime() / 1000) * 1000;
}

/** Local midnight that begins a calendar date, as an instant. */
export function startOfDate(date: string, timeZone: string): string {
  const asUtc = new Date(`${date}T00:00:00Z`);
  const guess = new Date(asUtc.getTime() - offsetMs(asUtc, timeZone));
  // Where the clocks change between the guess and midnight, the second look is right.
  return new Date(asUtc.getTime() - offsetMs(guess, timeZone)).toISOString();
}

export function dateOf(iso: string, timeZone: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() + offsetMs(at, timeZone)).toISOString().slice(0, 10);
}
