import { ApiError } from "../../../api/client";
import type { ReplyDraft, ReplyRule, ReplyTrigger } from "../../../api/types";
import { areReady } from "../content/content";

/** In the order the server lists them. */
export const TRIGGERS: readonly ReplyTrigger[] = ["follow", "keyword", "menu", "default"];

export const KEYWORDS_MAX = 50;
export const PATTERN_MAX = 300;
const PRIORITY_MAX = 1_000;

export function emptyRule(trigger: ReplyTrigger, name: string, priority: number): ReplyDraft {
  return {
    name,
    trigger,
    keywords: trigger === "keyword" ? [{ match: "contains", text: "" }] : [],
    menu_key: "",
    contents: [{ kind: "text", text: "" }],
    mode: "all",
    priority,
    enabled: true,
  };
}

/** A new rule is tried after all others, so that what worked before still does. */
export function lastPriority(rules: readonly ReplyRule[]): number {
  const lowest = Math.min(...rules.map((rule) => rule.priority), PRIORITY_MAX / 2 + 1);
  return Math.max(0, lowest - 1);
}

/** The part of a kept rule that a person writes. */
export function draftOf(rule: ReplyRule): ReplyDraft {
  const { name, trigger, keywords, menu_key, contents, mode, priority, enabled } = rule;
  return { name, trigger, keywords, menu_key, contents, mode, priority, enabled };
}

export function isReady(draft: ReplyDraft): boolean {
  if (!draft.name.trim() || draft.contents.length === 0) return false;
  if (draft.trigger === "keyword" && !hasKeywords(draft)) return false;
  if (draft.trigger === "menu" && !draft.menu_key.trim()) return false;
  return areReady(draft.contents, draft.mode);
}

export function hasKeywords(draft: ReplyDraft): boolean {
  return draft.keywords.length > 0 && draft.keywords.every((keyword) => keyword.text.trim() !== "");
}

/** Only these exist once: a second one that is switched on is refused. */
export function isSingle(trigger: ReplyTrigger): boolean {
  return trigger === "follow" || trigger === "default";
}

export interface Refusals {
  /** What the server said of a content or keyword, by its place. */
  contents: ReadonlyMap<number, string>;
  keywords: ReadonlyMap<number, string>;
  /** What it said of nothing that is on the screen. */
  rest: Error | null;
}

const PLACE = /^body\.(contents|keywords)\.(\d+)/;

/** Put what the server refused beside the fields it is about. */
export function refusalsOf(error: Error | null): Refusals {
  const found = { contents: new Map<number, string>(), keywords: new Map<number, string>() };
  const errors = error instanceof ApiError && Array.isArray(error.problem.errors) ? error.problem.errors : [];
  let placed = 0;
  for (const { where, what } of errors as { where: string; what: string }[]) {
    const place = PLACE.exec(where);
    if (!place) continue;
    found[place[1] as "contents" | "keywords"].set(Number(place[2]), what.replace(/^Value error, /, ""));
    placed += 1;
  }
  return { ...found, rest: placed > 0 && placed === errors.length ? null : error };
}
