import type { ImportRun } from "../../api/types";

export function isRunning(run: ImportRun): boolean {
  return run.status === "running" || run.status === "queued";
}

/** Whole per cent of the phase it is in; a run that still works never shows 100. */
export function percentOf(run: ImportRun): number {
  if (run.status === "completed") return 100;
  return Math.min(99, Math.floor(run.share * 100));
}
