/** Computed attributes: drafts, trials, versions and values. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Computed = Schemas["ComputedView"];
export type ComputedDetail = Schemas["ComputedDetail"];
export type ComputedTrial = Schemas["ComputedTrial"];
export type ValueSpread = Schemas["ValueSpread"];
export type PersonValue = Schemas["PersonValue"];

const PATH = `${API}/computed-attributes`;
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const computedQuery = queryOptions({
  queryKey: ["computed"],
  queryFn: ({ signal }) => http.get<Schemas["ComputedList"]>(PATH, undefined, signal),
  refetchInterval: 10_000,
});

export const computedDetailQuery = (id: string) =>
  queryOptions({
    queryKey: ["computed", id],
    queryFn: ({ signal }) => http.get<ComputedDetail>(one(id), undefined, signal),
    refetchInterval: 10_000,
  });

export const computedSpreadQuery = (id: string, asOf: string | null) =>
  queryOptions({
    queryKey: ["computed-spread", id, asOf],
    queryFn: ({ signal }) => http.get<ValueSpread>(`${one(id)}/distribution`, undefined, signal),
  });

export const computedTrialQuery = (definition: object, key: string | null) =>
  queryOptions({
    queryKey: ["computed-trial", key, definition],
    queryFn: () => http.post<ComputedTrial>(`${PATH}/preview`, { definition, key }),
    retry: false,
    staleTime: 30_000,
  });

export const personValuesQuery = (person: string) =>
  queryOptions({
    queryKey: ["computed-of-person", person],
    queryFn: ({ signal }) =>
      http.get<{ items: PersonValue[] }>(
        `${API}/people/${encodeURIComponent(person)}/computed-attributes`,
        undefined,
        signal,
      ),
  });

export interface ComputedWords {
  name: string;
  description: string;
  definition: object;
}

export const createComputed = (key: string, words: ComputedWords) =>
  http.post<Computed>(PATH, { key, ...words });
export const saveComputed = (id: string, words: ComputedWords) => http.put<Computed>(one(id), words);
export const actOnComputed = (id: string, action: "publish" | "pause" | "resume") =>
  http.post<Computed>(`${one(id)}/${action}`, {});
export const deleteComputed = (id: string) => http.remove<void>(one(id));
