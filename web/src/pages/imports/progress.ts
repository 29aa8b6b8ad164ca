import type { ImportRun } from "../../api/types";

export function isRunning(run: ImportRun): boolean {
  return run.status === "running" || run.status === "queued";
}

/** Whole per cent; a run that still works never shows 100. */
export function shareDone(run: ImportRun): number {
  if (run.status === "finished") return 100;
  if (!run.rows_total) return 0;
  return Math.min(99, Math.floor((run.rows_read / run.rows_total) * 100));
}
