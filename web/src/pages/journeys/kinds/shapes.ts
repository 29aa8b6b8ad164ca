/**
 * What the graph knows of each kind of step: its ways out, where it leads when it is put in, whether it is
 * filled in. A kind is added here and, with its icon and its form, in `icons.ts` and `looks.tsx`; nothing else tells kinds apart.
 */

import type { MessageKind } from "../../../api/types";
import type { SendNode, StepNode, Way, WayName } from "../definition";
import { NOTHING_ASKED } from "./split";
import { FRESH_CHANGE, isChangeReady } from "./update";
import { FRESH_UNTIL, isUntilReady } from "./waitUntil";

/** Where a new step leads: its main way on, any other way aside. */
export interface Targets {
  on: string;
  aside: string;
}

export interface Shape<T extends StepNode> {
  /** Each way out and the step it leads to, in the order they are drawn. */
  exits: (node: T) => [Way, string][];
  /** The same step with one way out leading elsewhere. */
  lead: (node: T, way: Way, to: string) => T;
  /** The way that is followed when the step is taken away. */
  main: (node: T) => Way | null;
  /** A new step; `accountId` speaks where it speaks. */
  fresh: (to: Targets, accountId: string) => T;
  isReady: (node: T) => boolean;
}

type Shapes = { [K in StepNode["kind"]]: Shape<Extract<StepNode, { kind: K }>> };

const always = () => true;

/** Ways out that are fields of the step's own, named like the way. */
function ways<T extends StepNode>(...names: Exclude<Way, WayName>[]): Pick<Shape<T>, "exits" | "lead"> {
  return {
    exits: (node) => names.map((way) => [way, (node as unknown as Record<string, string>)[way] ?? ""]),
    lead: (node, way, to) => ({ ...node, [way]: to }),
  };
}

export const SHAPES: Shapes = {
  wait: {
    ...ways("next"),
    main: () => "next",
    fresh: ({ on }) => ({ kind: "wait", seconds: 3_600, next: on }),
    isReady: always,
  },
  wait_until: {
    exits: ({ next, missing }) => [
      ["next", next],
      ...(missing ? [["missing", missing] as [Way, string]] : []),
    ],
    lead: (node, way, to) => ({ ...node, [way]: to }),
    main: () => "next",
    fresh: ({ on }) => ({ kind: "wait_until", until: FRESH_UNTIL, next: on }),
    isReady: ({ until }) => isUntilReady(until),
  },
  send: {
    ...ways("next"),
    main: () => "next",
    fresh: ({ on }, accountId) => ({
      kind: "send",
      account_id: accountId,
      message_kind: "customer_service_text",
      content: { text: "" },
      next: on,
    }),
    isReady: (node) => node.account_id !== "" && hasContent(node),
  },
  condition: {
    ...ways("yes", "no"),
    main: () => "yes",
    fresh: ({ on, aside }) => ({ kind: "condition", test: { kind: "all", of: [] }, yes: on, no: aside }),
    isReady: always,
  },
  split: {
    exits: ({ branches, otherwise }) => [
      ...branches.map(({ name, next }) => [name, next] as [Way, string]),
      ["otherwise", otherwise],
    ],
    lead: (node, way, to) =>
      way === "otherwise"
        ? { ...node, otherwise: to }
        : {
            ...node,
            branches: node.branches.map((each) => (each.name === way ? { ...each, next: to } : each)),
          },
    main: () => "otherwise",
    fresh: ({ on, aside }) => ({
      kind: "split",
      branches: [{ name: "a", test: NOTHING_ASKED, next: aside }],
      otherwise: on,
    }),
    isReady: always,
  },
  repeat: {
    ...ways("again", "next"),
    main: () => "next",
    fresh: ({ on, aside }) => ({ kind: "repeat", times: 3, again: aside, next: on }),
    isReady: always,
  },
  update: {
    ...ways("next"),
    main: () => "next",
    fresh: ({ on }) => ({ kind: "update", change: FRESH_CHANGE.tags, next: on }),
    isReady: ({ change }) => isChangeReady(change),
  },
  wait_event: {
    ...ways("matched", "timeout"),
    main: () => "timeout",
    fresh: ({ on, aside }) => ({
      kind: "wait_event",
      event: "",
      timeout_s: 86_400,
      matched: aside,
      timeout: on,
    }),
    isReady: (node) => node.event !== "",
  },
  random: {
    exits: (node) => node.ways.map(({ name, next }) => [name, next]),
    lead: (node, way, to) => ({
      ...node,
      ways: node.ways.map((each) => (each.name === way ? { ...each, next: to } : each)),
    }),
    main: (node) => node.ways[0]?.name ?? null,
    fresh: ({ on, aside }) => ({
      kind: "random",
      ways: [
        { name: "a", weight: 50, next: on },
        { name: "b", weight: 50, next: aside },
      ],
    }),
    isReady: always,
  },
  end: {
    exits: () => [],
    lead: (node) => node,
    main: () => null,
    fresh: () => ({ kind: "end" }),
    isReady: always,
  },
};

/** Kinds that may be put before a step, in the order they are offered. */
export const INSERT_KINDS = [
  "wait",
  "wait_until",
  "send",
  "condition",
  "split",
  "wait_event",
  "random",
  "repeat",
  "update",
] as const satisfies readonly StepNode["kind"][];
export type InsertKind = (typeof INSERT_KINDS)[number];

/** What is known of a step's kind. The table keeps each kind with its own shape; which one is not known here. */
export function shapeOf(kind: StepNode["kind"]): Shape<StepNode> {
  return SHAPES[kind] as unknown as Shape<StepNode>;
}

/** What each kind of message cannot be without; a template is named by its id. */
const NEEDED: Record<MessageKind, readonly string[]> = {
  customer_service_text: ["text"],
  customer_service_image: ["media_id"],
  customer_service_news: ["title", "url"],
  customer_service_mini_program: ["title", "appid", "pagepath", "thumb_media_id"],
  customer_service_menu: ["head"],
  template: ["template_id"],
  official_account_notice: ["template_id"],
  mini_program_subscribe: ["template_id"],
  sms: ["template_id"],
  email: ["subject", "text"],
  webhook: ["event"],
};

function hasContent(node: SendNode): boolean {
  return NEEDED[node.message_kind].every((key) => String(node.content[key] ?? "").trim() !== "");
}
