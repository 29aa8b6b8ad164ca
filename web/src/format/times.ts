/** Instants in the brand's own time zone. Pure: zone, locale and "now" come in. */

export interface Zone {
  tag: string;
  timeZone: string;
}

function parts(at: Date, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(zone.tag, { timeZone: zone.timeZone, hourCycle: "h23", ...options }).format(
    at,
  );
}

export function formatTime(iso: string, zone: Zone): string {
  return parts(new Date(iso), zone, { hour: "2-digit", minute: "2-digit" });
}

export function formatDateTime(iso: string, zone: Zone): string {
  return parts(new Date(iso), zone, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

export function formatDay(iso: string, zone: Zone): string {
  return parts(new Date(iso), zone, { month: "short", day: "numeric", weekday: "short" });
}

export function formatDate(iso: string, zone: Zone): string {
  return parts(new Date(iso), zone, { year: "numeric", month: "short", day: "numeric" });
}

/** For lists: the year only where it is another one. */
export function formatMoment(iso: string, now: Date, zone: Zone): string {
  const at = new Date(iso);
  const sameYear = parts(at, zone, { year: "numeric" }) === parts(now, zone, { year: "numeric" });
  return parts(at, zone, {
    year: sameYear ? undefined : "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** A calendar date ("2026-11-22") is already local: it must not move with a zone. */
export function formatCalendarDate(date: string, tag: string): string {
  return parts(new Date(`${date}T00:00:00Z`), { tag, timeZone: "UTC" }, { month: "numeric", day: "numeric" });
}

/** The local calendar day an instant falls on, as a key for grouping. */
export function dayKey(iso: string, zone: Zone): string {
  return parts(
    new Date(iso),
    { ...zone, tag: "en-CA" },
    { year: "numeric", month: "2-digit", day: "2-digit" },
  );
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 分钟前" / "3 minutes ago"; under a minute it is "now" in the locale's word. */
export function formatAgo(iso: string, now: Date, tag: string): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  const formatter = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return formatter.format(Math.trunc(seconds / size), unit);
  }
  return formatter.format(0, "second");
}

/** A length of time in its two largest units: "1天 2小时", "3 min 20 s". */
export function formatDuration(seconds: number, tag: string): string {
  const zh = tag.startsWith("zh");
  if (seconds < 1) return zh ? `${Math.round(seconds * 1000)} 毫秒` : `${Math.round(seconds * 1000)} ms`;
  const steps: [number, string][] = [
    [86_400, zh ? "天" : "d"],
    [3_600, zh ? "小时" : "h"],
    [60, zh ? "分" : "min"],
    [1, zh ? "秒" : "s"],
  ];
  let rest = Math.round(seconds);
  const found: string[] = [];
  for (const [size, name] of steps) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) found.push(`${amount} ${name}`);
    if (found.length === 2) break;
  }
  return found.join(" ");
}
