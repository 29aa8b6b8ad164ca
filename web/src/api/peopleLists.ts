/** Lists of people: filters, orders, columns, and views that are kept. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ListRow = Schemas["ListRow"];
export type ListPage = Schemas["ListPage"];
export type IdentityKind = Schemas["IdentityKind"];
export type PeopleView = Schemas["ViewOfPeople"];

export interface PeopleFilter {
  q?: string;
  segment?: string;
  tag?: string;
  identity?: { namespace: string; scope?: string };
  /** Days of the brand, both included. */
  first_seen_from?: string;
  first_seen_to?: string;
  /** The tree of a segment. */
  conditions?: Record<string, unknown>;
}

export interface PeopleListing {
  filter: PeopleFilter;
  order: string;
  descending: boolean;
  columns: readonly string[];
}

const LIST = `${API}/people-list`;
const PAGE_LIMIT = 50;

export const peopleListQuery = (listing: PeopleListing) =>
  infiniteQueryOptions({
    queryKey: ["people", "list", listing],
    queryFn: ({ pageParam, signal }) =>
      http.post<ListPage>(LIST, { ...listing, limit: PAGE_LIMIT, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const listOptionsQuery = queryOptions({
  queryKey: ["people-list-options"],
  queryFn: ({ signal }) => http.get<{ identities: IdentityKind[] }>(`${LIST}/options`, undefined, signal),
});

export const peopleViewsQuery = queryOptions({
  queryKey: ["people-views"],
  queryFn: ({ signal }) => http.get<{ items: PeopleView[] }>(`${LIST}/views`, undefined, signal),
});

export interface ViewDraft extends PeopleListing {
  name: string;
  shared: boolean;
}

export const saveView = (id: string | null, draft: ViewDraft) =>
  id
    ? http.put<unknown>(`${LIST}/views/${encodeURIComponent(id)}`, draft)
    : http.post<unknown>(`${LIST}/views`, draft);

export const dropView = (id: string) => http.remove<void>(`${LIST}/views/${encodeURIComponent(id)}`);
