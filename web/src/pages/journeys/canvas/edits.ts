/** What is done to a graph on the canvas. Ways may lead nowhere for a while: they lead to `OPEN`. */

import {
  type Definition,
  type Edge,
  ENTRY,
  exitsOf,
  freshId,
  isFrameReady,
  isNodeReady,
  removeSteps,
  type StepNode,
  type Way,
  withNode,
} from "../definition";
import { shapeOf } from "../kinds/shapes";
import type { Point } from "../layout";
import { placesOf, withPlaces } from "./places";

export const OPEN = "";

/** Put a new step somewhere, connected to nothing; returns its id too. */
export function add(
  definition: Definition,
  kind: StepNode["kind"],
  at: Point,
  accountId: string,
): [Definition, string] {
  const id = freshId(definition.nodes, kind);
  const node = shapeOf(kind).fresh({ on: OPEN, aside: OPEN }, accountId);
  return [withPlaces(withNode(definition, id, node), new Map([[id, at]])), id];
}

/** Let a way out of a step, or the entry, lead to a step. */
export function connect(definition: Definition, from: string, way: Way, to: string): Definition {
  if (from === ENTRY) return { ...definition, start: to };
  const node = definition.nodes[from];
  return node ? withNode(definition, from, shapeOf(node.kind).lead(node, way, to)) : definition;
}

/** The first way out of a step that leads nowhere. */
export function openWay(definition: Definition, id: string): Way | null {
  if (id === ENTRY) return definition.start in definition.nodes ? null : "next";
  const node = definition.nodes[id];
  return (node && exitsOf(node).find(([, to]) => !(to in definition.nodes))?.[0]) ?? null;
}

/** Take steps and ways away. What led to a step leads on to where it led; a way that is cut leads nowhere. */
export function remove(
  definition: Definition,
  ids: readonly string[],
  ways: readonly Pick<Edge, "from" | "way">[],
): Definition {
  const cut = ways.reduce((left, { from, way }) => connect(left, from, way, OPEN), definition);
  return removeSteps(cut, ids);
}

/** Steps as they were copied, with where they stood. */
export type Clip = readonly { id: string; node: StepNode; at: Point }[];

export function copy(definition: Definition, ids: readonly string[]): Clip {
  const places = placesOf(definition);
  return ids.flatMap((id) => {
    const node = definition.nodes[id];
    return node ? [{ id, node, at: places.get(id) ?? { x: 0, y: 0 } }] : [];
  });
}

const ASIDE = 48;

/** Put copies beside what they were copied from: among them ways lead as they did, others nowhere. */
export function paste(definition: Definition, clip: Clip): [Definition, string[]] {
  const named = new Map<string, string>();
  let nodes = definition.nodes;
  for (const { id, node } of clip) {
    const fresh = freshId(nodes, node.kind);
    named.set(id, fresh);
    nodes = { ...nodes, [fresh]: node };
  }
  const led = (node: StepNode) =>
    exitsOf(node).reduce(
      (each, [way, to]) => shapeOf(node.kind).lead(each, way, named.get(to) ?? OPEN),
      node,
    );
  const put = clip.reduce(
    (each, { id, node }) => withNode(each, named.get(id) as string, led(node)),
    definition,
  );
  const places = clip.map(
    ({ id, at }) => [named.get(id) as string, { x: at.x + ASIDE, y: at.y + ASIDE }] as const,
  );
  return [withPlaces(put, new Map(places)), [...named.values()]];
}

/** Something that is not there yet: a blank of a step or of the entry, or (`way`) where a way leads. */
export interface Gap {
  node: string;
  way: Way | null;
}

export function gapsOf(definition: Definition): Gap[] {
  const entry: Gap[] = isFrameReady(definition) ? [] : [{ node: ENTRY, way: null }];
  if (!(definition.start in definition.nodes)) entry.push({ node: ENTRY, way: "next" });
  const steps = Object.entries(definition.nodes).flatMap(([id, node]): Gap[] => [
    ...(isNodeReady(node) ? [] : [{ node: id, way: null }]),
    ...exitsOf(node)
      .filter(([, to]) => !(to in definition.nodes))
      .map(([way]) => ({ node: id, way })),
  ]);
  return [...entry, ...steps];
}

/** Without the places and notes of steps that are gone. */
export function tidied(definition: Definition): Definition {
  const { layout, notes, ...rest } = definition;
  const kept = Object.entries(layout ?? {}).filter(([id]) => id === ENTRY || id in definition.nodes);
  const spoken = (notes ?? []).filter(({ node }) => node in definition.nodes);
  return {
    ...rest,
    ...(kept.length > 0 && { layout: Object.fromEntries(kept) }),
    ...(spoken.length > 0 && { notes: spoken }),
  };
}
