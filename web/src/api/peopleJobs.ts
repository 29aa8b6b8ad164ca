/** Jobs about many people: asked for, followed, cancelled, taken back. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import type { PeopleFilter } from "./peopleLists";
import { API, LIVE_MS } from "./queries";
import type { components } from "./schema";

export type PeopleJob = components["schemas"]["PeopleJobView"];

/** The people named, or everybody a filter names. */
export type Audience = { people: readonly string[] } | { filter: PeopleFilter };

export type Deed =
  | { kind: "tags"; add?: readonly string[]; remove?: readonly string[] }
  | { kind: "list"; segment: string; put: boolean }
  | { kind: "journey"; journey: string }
  | { kind: "attribute"; key: string; value: string | number | boolean | null };

const JOBS = `${API}/people-jobs`;
const jobPath = (id: string) => `${JOBS}/${encodeURIComponent(id)}`;

export const peopleJobsQuery = queryOptions({
  queryKey: ["people-jobs"],
  queryFn: ({ signal }) => http.get<{ items: PeopleJob[] }>(JOBS, undefined, signal),
  refetchInterval: LIVE_MS,
});

/** How many an audience names by now. */
export const audienceCountQuery = (audience: Audience) =>
  queryOptions({
    queryKey: ["audience-count", audience],
    queryFn: ({ signal }) => http.post<{ people: number }>(`${JOBS}/count`, audience, signal),
    staleTime: 0,
  });

export const startPeopleJob = (audience: Audience, deed: Deed) =>
  http.post<{ id: string }>(JOBS, { audience, deed });

export const cancelPeopleJob = (id: string) => http.post<PeopleJob>(`${jobPath(id)}/cancel`);
export const undoPeopleJob = (id: string) => http.post<{ id: string }>(`${jobPath(id)}/undo`);
export const failuresPath = (id: string) => `${jobPath(id)}/failures.csv`;
