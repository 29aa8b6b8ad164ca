/** Conditions on belonging: to segments, groups, accounts, members of staff and companies. */

import type { Comparison, Unit, Window } from "./tree";

/** When a membership began: at least (or at most) so long ago, or in a window. */
export type Stay = { kind: "ago"; op: "at_least" | "at_most"; amount: number; unit: Unit } | Window;

export interface SegmentCondition {
  kind: "segment";
  segment: string;
  since?: Stay;
}

export const MOVES = ["entered", "left"] as const;

export interface MoveCondition {
  kind: "segment_move";
  segment: string;
  move: (typeof MOVES)[number];
  window?: Window;
}

export const BONDS = ["group", "account", "staff"] as const;

export interface RelationCondition {
  kind: "relation";
  to: (typeof BONDS)[number];
  op?: "any" | "none";
  ids?: string[];
  since?: Window;
}

export interface CompanyContactCondition {
  kind: "company_contact";
  roles?: string[];
  /** A segment of companies. */
  segment?: string;
  /** What the very same company says. */
  where?: (Comparison & { key: string })[];
}

export const STAYS = ["any", "at_least", "window"] as const;

/** How a stay is asked about in the editor; "at most so long" is a window that ends now. */
export function stayOf(since: Stay | undefined): (typeof STAYS)[number] {
  if (since === undefined) return "any";
  return since.kind === "ago" && since.op === "at_least" ? "at_least" : "window";
}

export function windowOf(since: Stay): Window {
  return since.kind === "ago" ? { kind: "rolling", amount: since.amount, unit: since.unit } : since;
}

const MONTH = { amount: 30, unit: "days" } as const;

export function withStay(leaf: SegmentCondition, stay: (typeof STAYS)[number]): SegmentCondition {
  const { since: _, ...rest } = leaf;
  if (stay === "any") return rest;
  return {
    ...rest,
    since: stay === "window" ? { kind: "rolling", ...MONTH } : { kind: "ago", op: "at_least", ...MONTH },
  };
}
