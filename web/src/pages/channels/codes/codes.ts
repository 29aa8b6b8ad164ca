import type { CodeStatistics, NewSourceCode, SourceCode } from "../../../api/types";

type CodeDay = CodeStatistics["days"][number];

/** The platform's limits. */
export const DAYS_MAX = 30;
export const TAGS_MAX = 20;

const SCENE = /^[A-Za-z0-9_\-.:@/]{0,64}$/;

export function isScene(text: string): boolean {
  return SCENE.test(text);
}

export function emptyCode(): NewSourceCode {
  return { name: "", tags: [], contents: [], mode: "all", kind: "permanent", days: DAYS_MAX, scene: "" };
}

/** A kept code as the form writes it. */
export function newCodeOf({ name, tags, contents, mode, kind, scene }: SourceCode): NewSourceCode {
  return { name, tags, contents, mode, kind, days: DAYS_MAX, scene };
}

/** Every day of the period: history tells only those on which something happened. */
export function filledDays(days: readonly CodeDay[], from: string, to: string): CodeDay[] {
  const known = new Map(days.map((day) => [day.date, day]));
  const filled: CodeDay[] = [];
  for (let date = from; date <= to; date = daysBefore(date, -1)) {
    filled.push(known.get(date) ?? { date, scans: 0, follows: 0, people: 0 });
  }
  return filled;
}

/** The calendar day `days` before `today` ("2026-11-22"): calendar days know no zone. */
export function daysBefore(today: string, days: number): string {
  const at = new Date(`${today}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}
