/** The calls about the brand's rules of sending, as in queries.ts. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { Lane, MessagePolicy } from "./types";

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

export const changeLane = (account: string, change: { paused?: boolean; rate_per_s?: number }) =>
  http.patch<{ items: Lane[] }>(`${API}/messages/lanes/${encodeURIComponent(account)}`, change);
