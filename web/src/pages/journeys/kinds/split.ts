/** A step that parts people by the first of some conditions that holds for them. */

import type { Condition } from "../../segments/tree";
import { type Definition, leadTo, WAY_NAMES, type WayName, withNode, withoutLostEnds } from "../definition";

export interface Branch {
  name: WayName;
  label?: string;
  test: Condition;
  next: string;
}

export interface SplitNode {
  kind: "split";
  label?: string;
  branches: Branch[];
  otherwise: string;
}

/** A step that leads back, at most so many times in a passage. */
export interface RepeatNode {
  kind: "repeat";
  label?: string;
  times: number;
  again: string;
  next: string;
}

export const NOTHING_ASKED: Condition = { kind: "all", of: [] };

/** Add a branch after the others, to an end of its own. */
export function addBranch(definition: Definition, id: string, node: SplitNode): Definition {
  const name = WAY_NAMES.find((each) => node.branches.every((branch) => branch.name !== each));
  if (name === undefined) return definition;
  const branches = [...node.branches, { name, test: NOTHING_ASKED, next: node.otherwise }];
  return leadTo(withNode(definition, id, { ...node, branches }), id, name, null);
}

/** Take a branch away, and the end it alone led to. */
export function removeBranch(definition: Definition, id: string, node: SplitNode, name: WayName): Definition {
  const branches = node.branches.filter((branch) => branch.name !== name);
  return withoutLostEnds(definition, withNode(definition, id, { ...node, branches }));
}

/** Ask a branch earlier or later: the first that holds counts. */
export function moveBranch(node: SplitNode, from: number, to: number): SplitNode {
  const branches = [...node.branches];
  const [moved] = branches.splice(from, 1);
  if (moved) branches.splice(to, 0, moved);
  return { ...node, branches };
}
