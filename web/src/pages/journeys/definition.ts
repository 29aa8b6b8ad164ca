/** A journey's definition as the server reads it, and the changes its editor makes. */

import type { Journey, JourneyDraft, Json, MessageKind } from "../../api/types";
import type { Condition } from "../segments/tree";
import { type InsertKind, shapeOf } from "./kinds/shapes";
import type { RepeatNode, SplitNode } from "./kinds/split";
import type { UpdateNode } from "./kinds/update";
import type { WaitUntilNode } from "./kinds/waitUntil";

export interface PropertyFilter {
  field: string;
  op: string;
  value?: Json;
}

export interface Reentry {
  mode: "never" | "after_exit" | "cool_down" | "per_period";
  cool_down_s?: number;
  /** At most so many entries within any so many seconds. */
  times?: number;
  period_s?: number;
}

export type Entry =
  | { kind: "segment_entered"; segment_id: string; existing?: boolean; reentry?: Reentry }
  | { kind: "segment_left"; segment_id: string; reentry?: Reentry }
  | { kind: "request"; reentry?: Reentry }
  | { kind: "event"; event: string; where?: PropertyFilter[]; entry_key?: string; reentry?: Reentry };

/** What ends a passage wherever somebody stands. */
export type ExitRule =
  | { kind: "event"; event: string; where?: PropertyFilter[] }
  | { kind: "segment"; segment_id: string; move: "entered" | "left" }
  | { kind: "consent_withdrawn"; purpose: string };

export interface Goal {
  event: string;
  where?: PropertyFilter[];
  within_s?: number;
  /** Whether who reached it is told nothing more; so unless it says otherwise. */
  leaves?: boolean;
}

interface Labelled {
  label?: string;
}

export interface WaitNode extends Labelled {
  kind: "wait";
  seconds: number;
  next: string;
}

export interface ConditionNode extends Labelled {
  kind: "condition";
  test: Condition;
  yes: string;
  no: string;
}

export interface SendNode extends Labelled {
  kind: "send";
  account_id: string;
  message_kind: MessageKind;
  content: Record<string, Json>;
  message_class?: "marketing" | "transactional";
  /** What people agreed to that lets it go out; none: that of its class. */
  purpose?: string;
  expires_after_s?: number;
  next: string;
}

export interface WaitEventNode extends Labelled {
  kind: "wait_event";
  event: string;
  where?: PropertyFilter[];
  timeout_s: number;
  matched: string;
  timeout: string;
}

export const WAY_NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;
export type WayName = (typeof WAY_NAMES)[number];

export interface RandomWay {
  name: WayName;
  weight?: number;
  next: string;
}

/** Parts people by chance, in proportion to weights; somebody always takes the same way. */
export interface RandomNode extends Labelled {
  kind: "random";
  ways: RandomWay[];
}

export interface EndNode extends Labelled {
  kind: "end";
}

export type StepNode =
  | WaitNode
  | WaitUntilNode
  | SplitNode
  | UpdateNode
  | RepeatNode
  | ConditionNode
  | SendNode
  | WaitEventNode
  | RandomNode
  | EndNode;

export interface Definition {
  entry: Entry;
  start: string;
  nodes: Record<string, StepNode>;
  exits?: ExitRule[];
  goal?: Goal | null;
  /** Where things are drawn, the entry under `ENTRY`; without it places are computed. */
  layout?: Record<string, { x: number; y: number }>;
  notes?: Note[];
}

/** What the entry is called among the steps. */
export const ENTRY = "@entry";

/** What somebody wrote beside a step; the server says who and when. */
export interface Note {
  id: string;
  node: string;
  text: string;
  author?: string;
  at?: string | null;
}

export function readDefinition(definition: JourneyDraft["definition"]): Definition {
  return definition as unknown as Definition;
}

export function writeDefinition(definition: Definition): JourneyDraft["definition"] {
  return definition as unknown as JourneyDraft["definition"];
}

/** The graph people move through; before the first publishing, the draft. */
export function graphOf(journey: Journey): JourneyDraft["definition"] {
  return journey.published ?? journey.definition;
}

/** Whether the draft differs from what was published; a draft may leave out what publishing filled in. */
export function hasChanges({ definition: draft, published }: Journey): boolean {
  if (published === null) return false;
  const ids = (graph: JourneyDraft["definition"]) =>
    Object.keys((graph.nodes as object) ?? {})
      .toSorted()
      .join();
  return ids(draft) !== ids(published) || !isWithin(moving(draft), published);
}

/** What people move by: without where things are drawn and what is written beside them. */
export function moving<T extends object>(definition: T): T {
  return { ...definition, layout: undefined, notes: undefined };
}

function isWithin(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part) && Array.isArray(whole)) {
    return part.length === whole.length && part.every((item, index) => isWithin(item, whole[index]));
  }
  if (!isObject(part) || !isObject(whole)) return part === undefined || part === whole;
  return Object.entries(part).every(([key, value]) => isWithin(value, whole[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export interface Edge {
  from: string;
  to: string;
  way: Way;
}

export type Way = "next" | "yes" | "no" | "matched" | "timeout" | "missing" | "otherwise" | "again" | WayName;

/** Each way out of a step and the step it leads to. */
export function exitsOf(node: StepNode): [Way, string][] {
  return shapeOf(node.kind).exits(node);
}

export function edgesOf(nodes: Definition["nodes"]): Edge[] {
  return Object.entries(nodes).flatMap(([from, node]) =>
    exitsOf(node)
      .filter(([, to]) => to in nodes)
      .map(([way, to]) => ({ from, to, way })),
  );
}

/** Nodes in the order people meet them: none, loops apart, before one that leads to it; unreachable ones last. */
export function inOrder({ start, nodes }: Definition): [string, StepNode][] {
  const seen = new Set<string>();
  const finished: string[] = [];
  const visit = (id: string) => {
    const node = nodes[id];
    if (!node || seen.has(id)) return;
    seen.add(id);
    for (const [, to] of exitsOf(node).toReversed()) visit(to);
    finished.push(id);
  };
  visit(start);
  const unreached = Object.keys(nodes).filter((id) => !seen.has(id));
  return [...finished.toReversed(), ...unreached].map((id) => [id, nodes[id] as StepNode]);
}

export function withNode(definition: Definition, id: string, node: StepNode): Definition {
  return { ...definition, nodes: { ...definition.nodes, [id]: node } };
}

/** A free id such as "wait-2": short enough to read in a log. */
export function freshId(nodes: Definition["nodes"], kind: string): string {
  const stem = kind.replace("_", "-");
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (!(id in nodes)) return id;
  }
}

/**
 * Put a step before another: everything that led there leads to the new one, which leads on. Of two ways one
 * leads on, the other to an end of its own, before which more may be put.
 */
export function insertBefore(
  definition: Definition,
  target: string,
  kind: InsertKind,
  accountId: string,
): Definition {
  const id = freshId(definition.nodes, kind);
  const moved = redirect(definition, target, id);
  const aside = freshId(moved.nodes, "end");
  const node = shapeOf(kind).fresh({ on: target, aside }, accountId);
  const put = withNode(moved, id, node);
  return exitsOf(node).some(([, to]) => to === aside) ? withNode(put, aside, END) : put;
}

const END: EndNode = { kind: "end" };

/** Let one way out of a step lead to another step, or (`null`) to a new end. */
export function leadTo(definition: Definition, id: string, way: Way, target: string | null): Definition {
  const node = definition.nodes[id];
  if (!node) return definition;
  const to = target ?? freshId(definition.nodes, "end");
  const led = withNode(definition, id, withTarget(node, way, to));
  return withoutLostEnds(definition, target === null ? withNode(led, to, END) : led);
}

function withTarget(node: StepNode, way: Way, to: string): StepNode {
  return shapeOf(node.kind).lead(node, way, to);
}

/** What share of people each way of a random split gets, in per cent. */
export function shares({ ways }: RandomNode): string[] {
  const total = ways.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return ways.map(({ weight = 1 }) => `${Math.round((weight / total) * 1000) / 10}%`);
}

/** Add a way to a random split, to an end of its own. */
export function addWay(definition: Definition, id: string, node: RandomNode): Definition {
  const name = WAY_NAMES.find((each) => node.ways.every((way) => way.name !== each));
  if (name === undefined) return definition;
  const end = freshId(definition.nodes, "end");
  const ways = [...node.ways, { name, weight: node.ways[0]?.weight ?? 1, next: end }];
  return withNode(withNode(definition, id, { ...node, ways }), end, END);
}

/** Take a way of a random split away, and the end it alone led to. */
export function removeWay(definition: Definition, id: string, node: RandomNode, name: WayName): Definition {
  const ways = node.ways.filter((way) => way.name !== name);
  return withoutLostEnds(definition, withNode(definition, id, { ...node, ways }));
}

/** Whether a step may be taken away: not an end that people come to. */
export function isRemovable(definition: Definition, id: string): boolean {
  return definition.nodes[id]?.kind !== "end" || !reached(definition).has(id);
}

/** Take a step away: what led to it leads to where its main way out led. Other steps stay, ends nobody comes to go. */
export function removeStep(definition: Definition, id: string): Definition {
  return isRemovable(definition, id) ? removeSteps(definition, [id]) : definition;
}

/** Take steps away, ends too: what led to an end leads nowhere then. */
export function removeSteps(definition: Definition, ids: readonly string[]): Definition {
  return withoutLostEnds(definition, ids.reduce(withoutStep, definition));
}

function withoutStep(definition: Definition, id: string): Definition {
  const node = definition.nodes[id];
  if (!node) return definition;
  const { [id]: _, ...nodes } = definition.nodes;
  const on = mainWayOf(node);
  return redirect({ ...definition, nodes }, id, on === null || on === id ? "" : on);
}

function mainWayOf(node: StepNode): string | null {
  const main = shapeOf(node.kind).main(node);
  return exitsOf(node).find(([way]) => way === main)?.[1] ?? null;
}

function reached({ start, nodes }: Definition): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes[id];
    if (!node || seen.has(id)) continue;
    seen.add(id);
    open.push(...exitsOf(node).map(([, to]) => to));
  }
  return seen;
}

/** Without ends people came to before and do not any more. */
export function withoutLostEnds(before: Definition, after: Definition): Definition {
  const [came, comes] = [reached(before), reached(after)];
  const kept = Object.entries(after.nodes).filter(
    ([id, node]) => node.kind !== "end" || comes.has(id) || !came.has(id),
  );
  return { ...after, nodes: Object.fromEntries(kept) };
}

function redirect(definition: Definition, from: string, to: string): Definition {
  const turn = (id: string) => (id === from ? to : id);
  const nodes = Object.entries(definition.nodes).map(([id, node]) => {
    const turned = exitsOf(node).reduce((led, [way, target]) => withTarget(led, way, turn(target)), node);
    return [id, turned] as const;
  });
  return { ...definition, start: turn(definition.start), nodes: Object.fromEntries(nodes) };
}

/** Whether the blanks of the entry, of the goal and of what ends the journey are filled in. */
export function isFrameReady({ entry, exits, goal }: Definition): boolean {
  return isEntryReady(entry) && goal?.event !== "" && (exits ?? []).every(isExitReady);
}

function isEntryReady(entry: Entry): boolean {
  if (entry.kind === "request") return true;
  return entry.kind === "event" ? entry.event !== "" : entry.segment_id !== "";
}

function isExitReady(rule: ExitRule): boolean {
  switch (rule.kind) {
    case "event":
      return rule.event !== "";
    case "segment":
      return rule.segment_id !== "";
    case "consent_withdrawn":
      return rule.purpose !== "";
  }
}

export function isNodeReady(node: StepNode): boolean {
  return shapeOf(node.kind).isReady(node);
}
