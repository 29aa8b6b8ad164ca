/** The tree of a segment as the server reads it. Every part is told apart by `kind`. */

import type { SegmentDraft } from "../../api/types";
import type {
  CompanyContactCondition,
  MoveCondition,
  RelationCondition,
  SegmentCondition,
} from "./belonging";

type Stored = SegmentDraft["definition"];

export type Scalar = string | number | boolean;

export const OPERATORS = [
  "eq",
  "ne",
  "ne_or_missing",
  "in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "contains",
  "starts_with",
  "is_set",
  "is_missing",
] as const;
export type Operator = (typeof OPERATORS)[number];

export const NUMBER_OPERATORS = [
  "gte",
  "gt",
  "lte",
  "lt",
  "eq",
  "ne",
  "between",
] as const satisfies readonly Operator[];

export interface Comparison {
  op: Operator;
  value?: Scalar | Scalar[];
}

export interface NumberTest {
  op: (typeof NUMBER_OPERATORS)[number];
  value: number | [number, number];
}

export interface Filter extends Comparison {
  field: string;
}

export const UNITS = ["minutes", "hours", "days", "weeks"] as const;
export type Unit = (typeof UNITS)[number] | "seconds";

export const PERIODS = ["today", "yesterday", "last_days", "this_week", "this_month", "this_year"] as const;
export type Period = (typeof PERIODS)[number];

export type Window =
  | { kind: "ever" }
  | { kind: "rolling"; amount: number; unit: Unit }
  | { kind: "absolute"; from?: string; to?: string }
  | { kind: "calendar"; period: Period; n?: number };

export interface Facts {
  name: string | string[];
  each?: "event" | "items";
  where?: Filter[];
  window?: Window;
}

export interface AttributeCondition extends Comparison {
  kind: "attribute";
  key: string;
}

export const TAG_OPERATORS = ["any", "all", "none"] as const;

export interface TagCondition {
  kind: "tag";
  op?: (typeof TAG_OPERATORS)[number];
  tags: string[];
}

export interface EventCondition extends Facts {
  kind: "event";
  count?: NumberTest;
}

export type When =
  | { kind: "ago"; op: "at_least" | "at_most"; amount: number; unit: Unit }
  | { kind: "at"; op: "at_least" | "at_most"; instant: string };

export interface RecencyCondition extends Facts {
  kind: "recency";
  which?: "last" | "first";
  when?: When;
  /** What that very event says. */
  having?: Filter[];
}

export const FUNCTIONS = ["sum", "count", "max", "min", "avg", "distinct"] as const;

export type Measured = { kind: "field"; field: string } | { kind: "product"; of: [string, string] };

export interface AggregateCondition extends Facts {
  kind: "aggregate";
  function: (typeof FUNCTIONS)[number];
  of: Measured;
  test: NumberTest;
}

export interface Span {
  amount: number;
  unit: Unit;
}

/** Did it in [T − earlier, T − recent) and not since; or not then, but before and since. */
export interface TurnCondition extends Facts {
  kind: "stopped" | "restarted";
  earlier: Span;
  recent: Span;
}

export const REGULAR_PERIODS = ["day", "week", "month"] as const;

export interface RegularCondition extends Facts {
  kind: "regular";
  period: (typeof REGULAR_PERIODS)[number];
  of: number;
  at_least: number;
}

export interface Happening {
  name: string | string[];
  where?: Filter[];
}

export interface SequenceStep extends Happening {
  within?: Span;
}

export interface SequenceCondition {
  kind: "sequence";
  steps: SequenceStep[];
  within?: Span;
  without?: Happening[];
  same?: string;
  window?: Window;
}

export interface BucketCondition {
  kind: "bucket";
  salt: string;
  from?: number;
  to: number;
}

export const DATE_PERIODS = ["day", "week", "month", "year"] as const;

export type DateWhen =
  | { kind: "days"; from: number; to: number }
  | { kind: "anniversary"; from: number; to: number; calendar?: "solar" | "lunar" }
  | { kind: "this"; period: (typeof DATE_PERIODS)[number] }
  | { kind: "ago" | "ahead"; op: "at_least" | "at_most"; amount: number; unit: Unit }
  | { kind: "at"; op: "at_least" | "at_most"; instant: string };

export interface DateCondition {
  kind: "date";
  key: string;
  when: DateWhen;
}

export const STANCES = ["granted", "withdrawn", "expired", "silent"] as const;

export interface ConsentCondition {
  kind: "consent";
  purpose: string;
  channel: "official_account" | "mini_program" | "wecom" | "sms" | "email" | "call";
  state: (typeof STANCES)[number];
  since?: Window;
}

export interface Group {
  kind: "all" | "any";
  of: Condition[];
}

export interface Not {
  kind: "not";
  of: Condition;
}

export type FactsCondition =
  | EventCondition
  | RecencyCondition
  | AggregateCondition
  | TurnCondition
  | RegularCondition;
export type Leaf =
  | AttributeCondition
  | TagCondition
  | FactsCondition
  | SequenceCondition
  | BucketCondition
  | DateCondition
  | SegmentCondition
  | MoveCondition
  | RelationCondition
  | CompanyContactCondition
  | ConsentCondition;
export type Condition = Group | Not | Leaf;
export type LeafKind = Leaf["kind"];

export const LEAF_KINDS: readonly LeafKind[] = [
  "event",
  "attribute",
  "tag",
  "recency",
  "aggregate",
  "sequence",
  "stopped",
  "restarted",
  "regular",
  "date",
  "relation",
  "consent",
  "company_contact",
  "segment",
  "segment_move",
  "bucket",
];

const TURN = {
  earlier: { amount: 90, unit: "days" },
  recent: { amount: 30, unit: "days" },
} satisfies { earlier: Span; recent: Span };

const EMPTY_LEAVES: Record<LeafKind, () => Leaf> = {
  attribute: () => ({ kind: "attribute", key: "", op: "eq", value: "" }),
  tag: () => ({ kind: "tag", op: "any", tags: [] }),
  event: () => ({
    kind: "event",
    name: "",
    window: { kind: "rolling", amount: 30, unit: "days" },
    count: { op: "gte", value: 1 },
  }),
  recency: () => ({
    kind: "recency",
    name: "Order Completed",
    when: { kind: "ago", op: "at_least", amount: 90, unit: "days" },
  }),
  aggregate: () => ({
    kind: "aggregate",
    name: "Order Completed",
    function: "sum",
    of: { kind: "field", field: "revenue" },
    test: { op: "gte", value: 1000 },
  }),
  stopped: () => ({ kind: "stopped", name: "", ...TURN }),
  restarted: () => ({ kind: "restarted", name: "", ...TURN }),
  regular: () => ({ kind: "regular", name: "", period: "week", of: 4, at_least: 3 }),
  sequence: () => ({
    kind: "sequence",
    steps: [{ name: "" }, { name: "" }],
    window: { kind: "rolling", amount: 90, unit: "days" },
  }),
  date: () => ({ kind: "date", key: "", when: { kind: "anniversary", from: 0, to: 7 } }),
  relation: () => ({ kind: "relation", to: "group", op: "any" }),
  consent: () => ({ kind: "consent", purpose: "marketing", channel: "official_account", state: "granted" }),
  company_contact: () => ({ kind: "company_contact" }),
  segment: () => ({ kind: "segment", segment: "" }),
  segment_move: () => ({
    kind: "segment_move",
    segment: "",
    move: "entered",
    window: { kind: "rolling", amount: 30, unit: "days" },
  }),
  bucket: () => ({ kind: "bucket", salt: "", from: 0, to: 1000 }),
};

export function emptyLeaf(kind: LeafKind): Leaf {
  return EMPTY_LEAVES[kind]();
}

export function emptyGroup(): Group {
  return { kind: "all", of: [] };
}

/** The editor's root is always a group; another root is put into one, which means the same. */
export function asGroup(definition: Condition): Group {
  return definition.kind === "all" || definition.kind === "any"
    ? definition
    : { kind: "all", of: [definition] };
}

export function namesOf(facts: Happening): string[] {
  return (Array.isArray(facts.name) ? facts.name : [facts.name]).filter(Boolean);
}

export function takesNoValue(op: Operator): boolean {
  return op === "is_set" || op === "is_missing";
}

function hasValue({ op, value }: Comparison): boolean {
  if (takesNoValue(op)) return true;
  if (Array.isArray(value)) return op === "between" ? value.length === 2 : value.length > 0;
  return value !== undefined && value !== "";
}

/** Whether every blank is filled in, so that asking the server makes sense. */
export function isComplete(condition: Condition): boolean {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.of.every(isComplete);
    case "not":
      return isComplete(condition.of);
    case "attribute":
      return condition.key !== "" && hasValue(condition);
    case "tag":
      return condition.tags.length > 0;
    case "bucket":
      return condition.salt !== "";
    case "date":
      return condition.key !== "";
    case "segment":
    case "segment_move":
      return condition.segment !== "";
    case "relation":
      return true;
    case "company_contact":
      return (condition.where ?? []).every((test) => test.key !== "" && hasValue(test));
    case "consent":
      return condition.purpose !== "";
    case "sequence":
      return [...condition.steps, ...(condition.without ?? [])].every(isNamed);
    case "recency":
      return isNamed(condition) && (condition.having ?? []).every(isFilled);
    default:
      return isNamed(condition);
  }
}

function isNamed(happening: Happening): boolean {
  return namesOf(happening).length > 0 && (happening.where ?? []).every(isFilled);
}

function isFilled(filter: Filter): boolean {
  return filter.field !== "" && hasValue(filter);
}

/** The part at a place as the server names it, such as `of.1.of`; the whole tree for an empty one. */
export function partAt(tree: Condition, path: string): Condition | undefined {
  const keys = path === "" ? [] : path.split(".");
  const found = keys.reduce<unknown>(
    (part, key) => (part as Record<string, unknown> | undefined)?.[key],
    tree,
  );
  return found as Condition | undefined;
}

/** What a condition is about, where it is about events (in the order asked) or an attribute. */
export function aboutOf(condition: Condition | undefined): string[] {
  switch (condition?.kind) {
    case "sequence":
      return condition.steps.flatMap(namesOf);
    case "event":
    case "recency":
    case "aggregate":
    case "stopped":
    case "restarted":
    case "regular":
      return namesOf(condition);
    case "attribute":
    case "date":
      return [condition.key];
    default:
      return [];
  }
}

export function countLeaves(condition: Condition): number {
  if (condition.kind === "all" || condition.kind === "any") {
    return condition.of.reduce((sum, part) => sum + countLeaves(part), 0);
  }
  return condition.kind === "not" ? countLeaves(condition.of) : 1;
}

/** The value kept when the operator changes, where it still fits; else one that does. */
export function withOperator<T extends Comparison>(comparison: T, op: Operator): T {
  const { value, ...rest } = comparison;
  const first = Array.isArray(value) ? value[0] : value;
  if (takesNoValue(op)) return { ...rest, op } as T;
  if (op === "in") return { ...rest, op, value: first === undefined || first === "" ? [] : [first] } as T;
  if (op === "between") return { ...rest, op, value: [first ?? 0, first ?? 0] } as T;
  return { ...rest, op, value: first ?? "" } as T;
}

export function withNumberOperator(test: NumberTest, op: NumberTest["op"]): NumberTest {
  const first = Array.isArray(test.value) ? test.value[0] : test.value;
  return op === "between" ? { op, value: [first, first] } : { op, value: first };
}

const KINDS = new Set(["all", "any", "not", ...LEAF_KINDS]);

/** Read what was typed as JSON; the server stays the judge of everything below the outermost shape. */
export function parseTree(text: string): Condition {
  const parsed: unknown = JSON.parse(text);
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    !("kind" in parsed) ||
    !KINDS.has(String(parsed.kind))
  ) {
    throw new Error(`kind: ${[...KINDS].join(" | ")}`);
  }
  return parsed as Condition;
}

export function toJson(condition: Condition): Stored {
  return condition as unknown as Stored;
}

export function fromJson(definition: Stored): Condition {
  return definition as unknown as Condition;
}
