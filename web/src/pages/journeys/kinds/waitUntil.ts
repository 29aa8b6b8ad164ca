/** A step that waits for a date or a time of day. */

import { type Definition, leadTo, withNode, withoutLostEnds } from "../definition";

export type UntilUnit = "minutes" | "hours" | "days" | "months";

/** Times of day are the brand's, as "09:00". */
export type Until =
  | { kind: "day"; day: string; at?: string }
  | {
      kind: "date";
      attribute: string;
      offset?: number;
      unit?: UntilUnit;
      at?: string;
      yearly?: boolean;
    }
  | { kind: "window"; weekdays: number[]; opens: string; closes: string };

export interface WaitUntilNode {
  kind: "wait_until";
  label?: string;
  until: Until;
  next: string;
  /** Where those go who have no such date. */
  missing?: string | null;
}

const FRESH: { [K in Until["kind"]]: Extract<Until, { kind: K }> } = {
  window: { kind: "window", weekdays: [1, 2, 3, 4, 5], opens: "09:00", closes: "18:00" },
  day: { kind: "day", day: "", at: "09:00" },
  date: { kind: "date", attribute: "", offset: 0, unit: "days", at: "09:00" },
};

export const FRESH_UNTIL: Until = FRESH.window;
export const UNTIL_KINDS = Object.keys(FRESH) as Until["kind"][];

/** Wait for something of another kind; only a date of an attribute may be missing. */
export function waitFor(
  definition: Definition,
  id: string,
  node: WaitUntilNode,
  kind: Until["kind"],
): Definition {
  if (kind === node.until.kind) return definition;
  const { missing: _, ...rest } = node;
  const turned = withNode(definition, id, { ...rest, until: FRESH[kind] });
  return kind === "date" ? leadTo(turned, id, "missing", null) : withoutLostEnds(definition, turned);
}

export function isUntilReady(until: Until): boolean {
  switch (until.kind) {
    case "day":
      return until.day !== "";
    case "date":
      return until.attribute !== "";
    case "window":
      return until.weekdays.length > 0;
  }
}
