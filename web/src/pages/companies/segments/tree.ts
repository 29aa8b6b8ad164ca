/** The tree of an account segment as the server reads it. */

import type { AccountDefinition } from "../../../api/companies";
import {
  type AggregateCondition,
  type Comparison,
  type Condition,
  type EventCondition,
  emptyLeaf,
  isComplete as isWhoComplete,
  type NumberTest,
  takesNoValue,
} from "../../segments/tree";

export interface CompanyCondition extends Comparison {
  kind: "company";
  key: string;
}

interface OfPeople {
  roles?: string[];
  with_below?: boolean;
}

export interface ContactsCondition extends OfPeople {
  kind: "contacts";
  who?: Condition;
  count: NumberTest;
}

export type Measure = EventCondition | AggregateCondition;

export interface ContactFactsCondition extends OfPeople {
  kind: "contact_facts";
  measure: Measure;
}

export type AccountLeaf = CompanyCondition | ContactsCondition | ContactFactsCondition;
export type AccountNot = { kind: "not"; of: AccountCondition };
export type AccountGroup = { kind: "all" | "any"; of: AccountCondition[] };
export type AccountCondition = AccountLeaf | AccountNot | AccountGroup;

export const ACCOUNT_LEAVES = ["company", "contacts", "contact_facts"] as const;

export function emptyAccountLeaf(kind: AccountLeaf["kind"]): AccountLeaf {
  if (kind === "company") return { kind, key: "", op: "eq", value: "" };
  if (kind === "contacts") return { kind, count: { op: "gte", value: 1 } };
  return { kind, measure: emptyLeaf("aggregate") as AggregateCondition };
}

/** Whether every blank is filled in, so that asking the server makes sense. */
export function isComplete(node: AccountCondition): boolean {
  switch (node.kind) {
    case "all":
    case "any":
      return node.of.every(isComplete);
    case "not":
      return isComplete(node.of);
    case "company":
      return node.key !== "" && (takesNoValue(node.op) || (node.value !== undefined && node.value !== ""));
    case "contacts":
      return node.who === undefined || isWhoComplete(node.who);
    case "contact_facts":
      return isWhoComplete(node.measure);
  }
}

/** The editor's root is always a group; another root is put into one, which means the same. */
export function asAccountGroup(definition: AccountDefinition): AccountGroup {
  const node = definition as unknown as AccountCondition;
  return node.kind === "all" || node.kind === "any" ? node : { kind: "all", of: [node] };
}

export const toDefinition = (node: AccountCondition) => node as unknown as AccountDefinition;
