import { Graph, layout } from "@dagrejs/dagre";
import type { Edge } from "./definition";

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Laid {
  /** The upper left corner of every node. */
  nodes: Map<string, Point>;
  /** The way of every edge around the nodes, by its key. */
  routes: Map<string, Point[]>;
  height: number;
}

export function edgeKey({ from, way }: Edge): string {
  return `${from}:${way}`;
}

/** Rows by distance from the start, branches side by side, long edges around what stands between. */
export function layOut(ids: readonly string[], edges: readonly Edge[], size: Size): Laid {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 44, ranksep: 56, edgesep: 36 });
  for (const id of ids) graph.setNode(id, { ...size });
  for (const edge of edges) graph.setEdge(edge.from, edge.to, {}, edgeKey(edge));
  layout(graph);
  const nodes = new Map(
    ids.map((id) => {
      const { x, y } = graph.node(id) as Point;
      return [id, { x: x - size.width / 2, y: y - size.height / 2 }];
    }),
  );
  const routes = new Map(
    edges.map((edge) => [
      edgeKey(edge),
      (graph.edge(edge.from, edge.to, edgeKey(edge)) as { points: Point[] }).points,
    ]),
  );
  return { nodes, routes, height: (graph.graph() as { height?: number }).height ?? 0 };
}

/** A polyline as an SVG path whose corners are rounded. */
export function roundedPath(points: readonly Point[], radius = 10): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const parts = [`M${first.x} ${first.y}`];
  rest.forEach((corner, index) => {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (!after) {
      parts.push(`L${corner.x} ${corner.y}`);
      return;
    }
    const from = towards(corner, before, radius);
    const to = towards(corner, after, radius);
    parts.push(`L${from.x} ${from.y}Q${corner.x} ${corner.y} ${to.x} ${to.y}`);
  });
  return parts.join("");
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(distance, length / 2) / length;
  return { x: round(from.x + (to.x - from.x) * share), y: round(from.y + (to.y - from.y) * share) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
