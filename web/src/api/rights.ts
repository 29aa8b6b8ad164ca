/** Requests of people about their data, and what follows from them. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, LIVE_MS } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type RightsRequest = Schemas["RightsRequestView"];
export type RightsKind = Schemas["RightsKind"];
export type RightsState = Schemas["RightsState"];
export type RightsStep = Schemas["RightsStep"];
export type RightsSettings = Schemas["RightsSettings"];
export type ErasurePreview = Schemas["ErasurePreview"];
type RightsPage = Schemas["RightsRequests"];

export const KINDS: readonly RightsKind[] = [
  "access",
  "export",
  "correction",
  "erasure",
  "objection",
  "restriction",
];
export const STATES: readonly RightsState[] = ["open", "confirmed", "running", "done", "refused"];

const PATH = `${API}/rights`;
const one = (id: string) => `${PATH}/requests/${encodeURIComponent(id)}`;
const PAGE = 50;

export interface RightsFilter {
  state?: string;
  kind?: string;
  person?: string;
}

export const rightsQuery = (filter: RightsFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ["rights", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<RightsPage>(`${PATH}/requests`, { ...filter, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : CALM_MS),
  });

export const rightsRequestQuery = (id: string) =>
  queryOptions({
    queryKey: ["rights-request", id],
    queryFn: ({ signal }) => http.get<RightsRequest>(one(id), undefined, signal),
    // An erasure under way is worth watching; what is closed never changes.
    refetchInterval: ({ state }) => (state.data?.closed_at ? false : LIVE_MS),
  });

export const erasurePreviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["rights-preview", id],
    queryFn: ({ signal }) => http.get<ErasurePreview>(`${one(id)}/preview`, undefined, signal),
    staleTime: 0,
  });

export const rightsSettingsQuery = queryOptions({
  queryKey: ["rights-settings"],
  queryFn: ({ signal }) => http.get<RightsSettings>(`${PATH}/settings`, undefined, signal),
});

export const saveRightsSettings = (settings: RightsSettings) => http.put<void>(`${PATH}/settings`, settings);

export const openRightsRequest = (command: Schemas["OpenRightsRequest"]) =>
  http.post<{ id: string }>(`${PATH}/requests`, command);

export const confirmErasure = (id: string) => http.post<RightsRequest>(`${one(id)}/confirm`);
export const retryErasure = (id: string) => http.post<RightsRequest>(`${one(id)}/retry`);
export const endRightsRequest = (id: string, how: "close" | "refuse", outcome: string) =>
  http.post<RightsRequest>(`${one(id)}/${how}`, { outcome });

export type RightsPackage = Schemas["PackageView"];
export type PackageLanguage = Schemas["PackageLanguage"];

export const rightsPackagesQuery = (id: string) =>
  queryOptions({
    queryKey: ["rights-packages", id],
    queryFn: ({ signal }) => http.get<Schemas["Packages"]>(`${one(id)}/packages`, undefined, signal),
    refetchInterval: ({ state }) => (state.data?.items.some(isMaking) ? LIVE_MS : CALM_MS),
  });

/** Whether a package is still being gathered or packed. */
export const isMaking = ({ state, removed }: RightsPackage) => state !== "done" && !removed;

export const startRightsPackage = (id: string, language?: PackageLanguage) =>
  http.post<RightsPackage>(`${one(id)}/packages`, { language: language ?? null });
export const packageAddress = (id: string) => `${PATH}/packages/${encodeURIComponent(id)}/file`;
export const removeRightsPackage = (id: string) => http.remove<RightsPackage>(packageAddress(id));
