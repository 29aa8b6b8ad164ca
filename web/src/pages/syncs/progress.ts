import type { Sync } from "../../api/types";

/** How far a sync is, in whole percent: listing is the first half of a sync of followers, asking the other. */
export function percentOf(sync: Sync): number {
  if (sync.state === "done") return 100;
  if (sync.total === 0) return 0;
  const listed = Math.min(1, sync.listed / sync.total);
  if (sync.kind !== "followers") return Math.floor(listed * 100);
  if (sync.stage !== "asking") return Math.floor(listed * 50);
  const asked = 1 - Math.min(1, sync.to_ask / sync.total);
  return Math.min(99, 50 + Math.floor(asked * 50));
}
