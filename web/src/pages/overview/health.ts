import type { Overview } from "../../api/types";

export type Health = "well" | "behind" | "stuck";

/** A transaction is ended after five seconds, so an older horizon means somebody outside holds one open. */
const HORIZON_WORRY_S = 10;
const LAG_WORRY_S = 15;
const LAG_STUCK_S = 120;

/** Whether history is so far behind that its latest minutes say nothing; the same patience as for the tag. */
export function isHistoryBehind(pipeline: Overview["pipeline"]): boolean {
  return !pipeline.warehouse_available || pipeline.lag_s > LAG_WORRY_S;
}

export function pipelineHealth(pipeline: Overview["pipeline"]): Health {
  if (!pipeline.warehouse_available) return "stuck";
  if (pipeline.dead_letters > 0 || pipeline.lag_s > LAG_STUCK_S) return "stuck";
  if (pipeline.lag_s > LAG_WORRY_S || pipeline.horizon_age_s > HORIZON_WORRY_S) return "behind";
  return "well";
}
