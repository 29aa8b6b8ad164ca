/** The calls about the brand's rules of sending, as in queries.ts. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, livePages } from "./queries";
import type { BlockedEntry, BlockPeople, Lane, MessageDetail, MessagePolicy, Reach } from "./types";

export const messagePolicyQuery = queryOptions({
  queryKey: ["message-policy"],
  queryFn: ({ signal }) => http.get<MessagePolicy>(`${API}/messages/policy`, undefined, signal),
});

export const saveMessagePolicy = (policy: MessagePolicy) =>
  http.put<MessagePolicy>(`${API}/messages/policy`, policy);

export const lanesQuery = queryOptions({
  queryKey: ["message-lanes"],
  queryFn: ({ signal }) => http.get<{ items: Lane[] }>(`${API}/messages/lanes`, undefined, signal),
});

export const changeLane = (account: string, change: { paused?: boolean; rate_per_s?: number | null }) =>
  http.patch<{ items: Lane[] }>(`${API}/messages/lanes/${encodeURIComponent(account)}`, change);

export const blocklistQuery = livePages<BlockedEntry>(["blocklist"], `${API}/messages/blocklist`);

const blockedPath = (person: string) => `${API}/messages/blocklist/${encodeURIComponent(person)}`;

export const blockedQuery = (person: string) =>
  queryOptions({
    queryKey: ["blocklist", person],
    queryFn: ({ signal }) => http.get<{ entry: BlockedEntry | null }>(blockedPath(person), undefined, signal),
  });

export const block = (command: BlockPeople) =>
  http.put<{ people: number }>(`${API}/messages/blocklist`, command);

export const unblock = (person: string) => http.remove<void>(blockedPath(person));

export const reachQuery = (person: string) =>
  queryOptions({
    queryKey: ["reach", person],
    queryFn: ({ signal }) => http.get<Reach>(`${API}/messages/reach`, { person }, signal),
    refetchInterval: 30_000,
  });

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id],
    queryFn: ({ signal }) =>
      http.get<MessageDetail>(`${API}/messages/${encodeURIComponent(id)}`, undefined, signal),
  });
