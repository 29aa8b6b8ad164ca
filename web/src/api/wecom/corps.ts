/** Connected companies of 企业微信: their secrets and how to point the platform at us. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type Corp = Schemas["ShownCorp"];
export type CorpSecret = Schemas["CorpSecret"];
export type ConnectCorp = Schemas["ConnectCorp"];
export type ConnectedCorp = Schemas["ConnectedCorp"];

const CORPS = `${API}/wecom/corps`;

export const corpsQuery = queryOptions({
  queryKey: ["corps"],
  queryFn: ({ signal }) => http.get<{ items: Corp[] }>(CORPS, undefined, signal),
});

export const corpQuery = (id: string) =>
  queryOptions({
    queryKey: ["corps", id],
    queryFn: ({ signal }) => http.get<Corp>(`${CORPS}/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: CALM_MS,
  });

/** Connects, or replaces the credentials of a connected one; secrets that are left out stay. */
export const connectCorp = (corp: ConnectCorp) => http.post<ConnectedCorp>(CORPS, corp);
