/** Who may be the same person: suggestions, decisions, runs of the model, and what the graph refused. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, LIVE_MS, pages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Match = Schemas["MatchView"];
export type MatchState = Schemas["MatchState"];
export type ComparedField = Schemas["ComparedField"];
export type MatchRun = Schemas["MatchRun"];
export type MatchSummary = Schemas["MatchSummary"];
export type IdentityCase = Schemas["IdentityCase"];
export type RollbackPreview = Schemas["RollbackPreview"];

const MATCHES = `${API}/people/matches`;
const runPath = (run: string) => `${MATCHES}/runs/${encodeURIComponent(run)}/rollback`;

export interface MatchFilter {
  state: MatchState;
  field?: string;
}

export const matchesQuery = (filter: MatchFilter) => pages<Match>(["matches"], MATCHES, { ...filter });

/** While everybody is compared or a run is rolled back, its figures move. */
export const matchSummaryQuery = queryOptions({
  queryKey: ["match-summary"],
  queryFn: ({ signal }) => http.get<MatchSummary>(`${MATCHES}/summary`, undefined, signal),
  refetchInterval: (found) => (found.state.data?.runs.some(isMoving) ? LIVE_MS : CALM_MS),
});

export const identityCasesQuery = queryOptions({
  queryKey: ["identity-cases"],
  queryFn: ({ signal }) =>
    http.get<{ items: IdentityCase[]; is_all: boolean }>(`${MATCHES}/cases`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const rollbackPreviewQuery = (run: string, accepted: boolean) =>
  queryOptions({
    queryKey: ["rollback-preview", run, accepted],
    queryFn: () => http.post<RollbackPreview>(`${runPath(run)}/preview`, { accepted }),
    staleTime: 0,
    gcTime: 0,
  });

export type Decision = "accept" | "refuse" | "undo";

export const decideMatch = ({ id, how }: { id: string; how: Decision }) =>
  http.post<unknown>(`${MATCHES}/${encodeURIComponent(id)}/${how}`);

export const saveMatching = (wanted: { is_on: boolean; auto_min: number | null }) =>
  http.put<unknown>(`${MATCHES}/settings`, wanted);

export const compareEverybody = () => http.post<{ id: string }>(`${MATCHES}/runs`);

export const rollBackRun = (run: string, accepted: boolean) =>
  http.post<{ id: string }>(runPath(run), { accepted });

export const settleCase = (identity: string) => http.post<unknown>(`${MATCHES}/cases/settle`, { identity });

export function isMoving(run: MatchRun): boolean {
  return (run.kind === "all" && !run.finished_at) || isRollingBack(run);
}

export function isRollingBack(run: MatchRun): boolean {
  return run.rollback_at !== null && run.rolled_back_at === null;
}
