/** Where the nodes of a journey stand: rows by distance from the start, branches side by side. */

export interface Edge {
  from: string;
  to: string;
  /** The name of the way out: next, yes, no, matched, timeout. */
  way: string;
}

export interface Placed {
  id: string;
  x: number;
  y: number;
}

const WAYS = ["next", "yes", "no", "matched", "timeout"] as const;

export function edgesOf(nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Edge[] {
  return Object.entries(nodes).flatMap(([from, node]) =>
    WAYS.flatMap((way) => {
      const to = node[way];
      return typeof to === "string" && to in nodes ? [{ from, to, way }] : [];
    }),
  );
}

/** The longest way to each node, so that no edge points upwards; a loop is cut where it closes. */
function depths(start: string, edges: readonly Edge[]): Map<string, number> {
  const depth = new Map<string, number>();
  const onPath = new Set<string>();
  const visit = (id: string, at: number) => {
    if (onPath.has(id) || (depth.get(id) ?? -1) >= at) return;
    depth.set(id, at);
    onPath.add(id);
    for (const edge of edges) if (edge.from === id) visit(edge.to, at + 1);
    onPath.delete(id);
  };
  visit(start, 0);
  return depth;
}

interface Size {
  column: number;
  row: number;
}

/**
 * Place the nodes in rows. Within a row they keep the order in which their predecessors name them, which
 * keeps a "yes" branch left of its "no" branch. Unreachable nodes stand in a last row.
 */
export function placeNodes(
  ids: readonly string[],
  start: string,
  edges: readonly Edge[],
  size: Size,
): Placed[] {
  const depth = depths(start, edges);
  const last = Math.max(-1, ...depth.values()) + 1;
  const order = new Map([...depth.keys()].map((id, index) => [id, index]));
  const rows = new Map<number, string[]>();
  for (const id of ids) {
    const row = depth.get(id) ?? last;
    rows.set(row, [...(rows.get(row) ?? []), id]);
  }
  return [...rows].flatMap(([row, members]) => {
    const sorted = members.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    return sorted.map((id, index) => ({
      id,
      x: (index - (sorted.length - 1) / 2) * size.column,
      y: row * size.row,
    }));
  });
}
