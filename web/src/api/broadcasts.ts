/** Broadcasts, their people and results. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, LIVE_MS, livePages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type BroadcastRow = Schemas["BroadcastRowView"];
export type Broadcast = Schemas["BroadcastView"];
export type BroadcastPlan = Schemas["SaveBroadcast"];
export type BroadcastStatus = Schemas["BroadcastStatus"];
export type BroadcastResult = Schemas["BroadcastResult"];
export type BroadcastPerson = Schemas["BroadcastPerson"];
export type PersonState = Schemas["PersonState"];
export type GroupResult = Schemas["GroupResult"];
export type BroadcastVerb = "schedule" | "unschedule" | "pause" | "resume" | "cancel";

const PATH = `${API}/broadcasts`;
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const broadcastsQuery = livePages<BroadcastRow>(["broadcasts"], PATH);

export const broadcastQuery = (id: string) =>
  queryOptions({
    queryKey: ["broadcasts", id],
    queryFn: ({ signal }) => http.get<Broadcast>(one(id), undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const broadcastResultQuery = (id: string) =>
  queryOptions({
    queryKey: ["broadcasts", id, "result"],
    queryFn: ({ signal }) => http.get<BroadcastResult>(`${one(id)}/result`, undefined, signal),
    refetchInterval: 30_000,
  });

export const broadcastPeopleQuery = (id: string, filter: { run?: string; state?: string; person?: string }) =>
  livePages<BroadcastPerson>(["broadcasts", id, "people"], `${one(id)}/people`, filter);

export const audienceQuery = (plan: BroadcastPlan) =>
  queryOptions({
    queryKey: ["broadcast-audience", plan.segment_id, plan.exclude_segment_id, plan.holdout_bps],
    queryFn: ({ signal }) => http.post<Schemas["AudienceView"]>(`${PATH}/audience`, plan, signal),
    retry: false,
  });

export const saveBroadcast = (id: string | null, plan: BroadcastPlan) =>
  id === null ? http.post<Broadcast>(PATH, plan) : http.put<Broadcast>(one(id), plan);

export const removeBroadcast = (id: string) => http.remove<void>(one(id));

export const turnBroadcast = (id: string, verb: BroadcastVerb) => http.post<Broadcast>(`${one(id)}/${verb}`);
