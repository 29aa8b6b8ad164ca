import type { NewSourceCode, SourceCode } from "../../../api/types";

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

/** The calendar day `days` before `today` ("2026-11-22"): calendar days know no zone. */
export function daysBefore(today: string, days: number): string {
  const at = new Date(`${today}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}
