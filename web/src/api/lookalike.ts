/** Lookalikes: lists filled with the people most like a seed, after a test and a yes. */

import { queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type LookalikeList = Schemas["LookalikeList"];
export type LookalikeCard = Schemas["LookalikeCard"];
export type LookalikeReason = Schemas["LookalikeReason"];
export type LookalikeSearch = Schemas["LookalikeSearch"];

const path = (id: string) => `${API}/segments/${encodeURIComponent(id)}/lookalike`;
const LOOK_MS = 1500;

export const isSearching = (found: LookalikeList | undefined) =>
  found?.lookalike.state === "wanted" || found?.lookalike.state === "running";

export const lookalikeQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id, "lookalike"],
    queryFn: ({ signal }) => http.get<LookalikeList>(path(id), undefined, signal),
    refetchInterval: (query) => (isSearching(query.state.data) ? LOOK_MS : false),
  });

export const createLookalike = (name: string, search: LookalikeSearch) =>
  http.post<LookalikeList>(`${API}/segments/lookalikes`, { name, search });

export const findLookalikes = (id: string, search: LookalikeSearch) =>
  http.post<LookalikeList>(`${path(id)}/find`, search);

export const stopLookalikes = (id: string) => http.post<LookalikeList>(`${path(id)}/stop`);

export const acceptLookalikes = (id: string, despiteWarnings: boolean) =>
  http.post<LookalikeList>(withQuery(`${path(id)}/use`, { despite_warnings: String(despiteWarnings) }));
