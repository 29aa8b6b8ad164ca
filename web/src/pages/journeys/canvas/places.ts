/** Where each step is drawn: where somebody put it, else where it is computed to stand well. */

import { type Definition, type Edge, ENTRY, edgesOf } from "../definition";
import { layOut, type Point, type Size } from "../layout";

export const CARD: Size = { width: 236, height: 88 };
const BELOW = 144;
const BESIDE = 264;

/** The ways between all that is drawn, the entry's among them. */
export function drawnEdges({ start, nodes }: Definition): Edge[] {
  const entry: Edge = { from: ENTRY, to: start, way: "next" };
  return [entry, ...edgesOf(nodes)].filter(({ to }) => to in nodes);
}

export function isArranged({ layout }: Definition): boolean {
  return layout !== undefined && Object.keys(layout).length > 0;
}

/** The upper left corner of everything; what has no place of its own stands below what leads to it. */
export function placesOf(definition: Definition): Map<string, Point> {
  const ids = [ENTRY, ...Object.keys(definition.nodes)];
  const edges = drawnEdges(definition);
  if (!isArranged(definition)) return layOut(ids, edges, CARD).nodes;
  const own = definition.layout ?? {};
  const places = new Map(ids.flatMap((id) => (own[id] ? [[id, own[id]] as const] : [])));
  for (const id of ids) if (!places.has(id)) places.set(id, nearby(id, edges, places));
  return places;
}

function nearby(id: string, edges: readonly Edge[], places: ReadonlyMap<string, Point>): Point {
  const before = edges.find(({ from, to }) => to === id && places.has(from));
  const above = before && places.get(before.from);
  const after = edges.find(({ from, to }) => from === id && places.has(to));
  const next = after && places.get(after.to);
  const wanted = above ? below(above) : { x: next?.x ?? 0, y: (next?.y ?? BELOW) - BELOW };
  return freeFrom(wanted, places);
}

export function below({ x, y }: Point): Point {
  return { x, y: y + BELOW };
}

/** The first free place to the right of one. */
export function freeFrom(wanted: Point, places: ReadonlyMap<string, Point>): Point {
  const taken = [...places.values()];
  const free = { ...wanted };
  while (taken.some(({ x, y }) => Math.abs(x - free.x) < CARD.width && Math.abs(y - free.y) < CARD.height)) {
    free.x += BESIDE;
  }
  return free;
}

/** The definition with some things moved; from now on everything has a place of its own. */
export function withPlaces(definition: Definition, moved: ReadonlyMap<string, Point>): Definition {
  const all = new Map([...placesOf(definition), ...moved]);
  const layout = Object.fromEntries(
    [...all].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]),
  );
  return { ...definition, layout };
}
