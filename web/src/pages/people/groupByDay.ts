/** Neighbours with the same key, in the order they come. */
export function groupByDay<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups: [string, T[]][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = groups.at(-1);
    if (last?.[0] === key) last[1].push(item);
    else groups.push([key, [item]]);
  }
  return groups;
}

/** From this many events of one name on end they are shown as one. */
export const RUN_MIN = 4;

/** Take what happened on end under one name together; fewer than `RUN_MIN` stand alone. */
export function runsOf<Item extends { name: string }>(items: readonly Item[]): Item[][] {
  const runs: Item[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.[0]?.name === item.name) last.push(item);
    else runs.push([item]);
  }
  return runs.flatMap((run) => (run.length < RUN_MIN ? run.map((item) => [item]) : [run]));
}
