/** Syncs of accounts and companies: the same panel starts, follows and stops both. */

import { type QueryKey, queryOptions } from "@tanstack/react-query";
import { accountPath } from "./channels";
import { http } from "./client";
import { API, CALM_MS, LIVE_MS } from "./queries";
import type { Sync, SyncKind } from "./types";

/** Where the syncs of one account or company are. */
export interface SyncSource {
  query: ReturnType<typeof syncsQuery>;
  start: (kind: SyncKind) => Promise<Sync>;
  cancel: (id: string) => Promise<void>;
}

const syncsQuery = (queryKey: QueryKey, path: string) =>
  queryOptions({
    queryKey,
    queryFn: ({ signal }) => http.get<{ items: Sync[] }>(path, undefined, signal),
    refetchInterval: (found) =>
      found.state.data?.items.some((sync) => sync.state === "running") ? LIVE_MS / 3 : CALM_MS,
  });

function syncsAt(queryKey: QueryKey, path: string): SyncSource {
  return {
    query: syncsQuery(queryKey, path),
    start: (kind) => http.post<Sync>(path, { kind }),
    cancel: (id) => http.post<void>(`${path}/${encodeURIComponent(id)}/cancel`),
  };
}

/** The syncs of an official account. */
export const accountSyncs = (id: string) => syncsAt(["syncs", id], `${accountPath(id)}/syncs`);

/** The syncs of a company: departments, members, customers, groups. */
export const corpSyncs = (id: string) =>
  syncsAt(["syncs", id], `${API}/staff/corps/${encodeURIComponent(id)}/syncs`);
