/** Replays of journeys on history. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, LIVE_MS } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Replay = Schemas["JourneyReplay"];
export type ReplayReport = Schemas["ReplayReport"];
export type ReplayPeople = Schemas["ReplayPeople"];

const path = (journey: string, replay?: string) =>
  `${API}/journeys/${encodeURIComponent(journey)}/replays${replay ? `/${encodeURIComponent(replay)}` : ""}`;

/** Whether it will still change. */
export const isOpen = (replay: Replay | undefined) =>
  replay?.state === "waiting" || replay?.state === "running";

export const replaysQuery = (journey: string) =>
  queryOptions({
    queryKey: ["journey-replays", journey],
    queryFn: ({ signal }) => http.get<{ items: Replay[] }>(path(journey), undefined, signal),
    refetchInterval: (query) => (query.state.data?.items.some(isOpen) ? LIVE_MS : false),
  });

export const replayQuery = (journey: string, replay: string) =>
  queryOptions({
    queryKey: ["journey-replay", journey, replay],
    queryFn: ({ signal }) => http.get<Replay>(path(journey, replay), undefined, signal),
    refetchInterval: (query) => (isOpen(query.state.data) ? LIVE_MS : false),
  });

export const replayPeopleQuery = (journey: string, replay: string, of: string) =>
  queryOptions({
    queryKey: ["journey-replay-people", journey, replay, of],
    queryFn: ({ signal }) => http.get<ReplayPeople>(`${path(journey, replay)}/people`, { of }, signal),
  });

export const startReplay = (journey: string, days: number) => http.post<Replay>(path(journey), { days });

export const cancelReplay = (journey: string, replay: string) =>
  http.post<Replay>(`${path(journey, replay)}/cancel`);
