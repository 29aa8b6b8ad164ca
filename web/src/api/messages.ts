/** The calls about kinds of messages, as in queries.ts. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { Allowances, MessageCapability, MessageTemplate, SendMessage, SentMessage } from "./types";

export const capabilitiesQuery = queryOptions({
  queryKey: ["message-capabilities"],
  queryFn: ({ signal }) =>
    http.get<{ items: MessageCapability[] }>(`${API}/messages/capabilities`, undefined, signal),
  staleTime: Number.POSITIVE_INFINITY, // It changes with the server alone.
});

export const messageTemplatesQuery = queryOptions({
  queryKey: ["message-templates"],
  queryFn: ({ signal }) =>
    http.get<{ items: MessageTemplate[] }>(`${API}/messages/templates`, undefined, signal),
});

export const allowancesQuery = (account: string) =>
  queryOptions({
    queryKey: ["message-allowances", account],
    queryFn: ({ signal }) => http.get<Allowances>(`${API}/messages/allowances`, { account }, signal),
    enabled: account !== "",
  });

export const sendMessage = (message: SendMessage) => http.post<SentMessage>(`${API}/messages`, message);

export const refreshTemplates = (account: string) =>
  http.post<{ items: MessageTemplate[] }>(`${API}/messages/templates/refresh`, { account });
