/** Company accounts: the book, contacts, trees, merges, and what their people did. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, pages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type CompanyRow = Schemas["CompanyRow"];
export type Company = Schemas["Company"];
export type CompanyAttribute = Schemas["CompanyAttribute"];
export type Contact = Schemas["Contact"];
export type CompanyEvent = Schemas["CompanyEvent"];
export type Likeness = Schemas["Likeness"];
export type TreeNode = Schemas["TreeNode"];
export type SaveCompany = Schemas["SaveCompany"];
export type SaveContact = Schemas["SaveContact"];

const COMPANIES = `${API}/companies`;
const path = (id: string) => `${COMPANIES}/${encodeURIComponent(id)}`;
const contactPath = (id: string, person: string) => `${path(id)}/contacts/${encodeURIComponent(person)}`;

export interface CompanyFilter {
  q?: string;
  owner?: string;
  parent?: string;
  is_top?: string;
  has_contacts?: string;
  attribute?: string;
  value?: string;
}

const listOf = (filter: CompanyFilter) =>
  infiniteQueryOptions({
    queryKey: ["companies", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<{ items: CompanyRow[]; next_cursor: string | null; total: number }>(
        COMPANIES,
        { ...filter, limit: 50, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const companiesQuery = listOf;

export const companyQuery = (id: string) =>
  queryOptions({
    queryKey: ["company", id],
    queryFn: ({ signal }) => http.get<Company>(path(id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const companyAttributesQuery = queryOptions({
  queryKey: ["company-attributes"],
  queryFn: ({ signal }) => http.get<{ items: string[] }>(`${COMPANIES}/attributes`, undefined, signal),
});

export const companyTreeQuery = (id: string) =>
  queryOptions({
    queryKey: ["company", id, "tree"],
    queryFn: ({ signal }) =>
      http.get<{ items: TreeNode[]; is_cut: boolean }>(`${path(id)}/tree`, undefined, signal),
  });

const withBelow = (isWhole: boolean) => ({ below: isWhole ? "true" : undefined });

export const contactsQuery = (id: string, isWhole: boolean) =>
  pages<Contact>(["company", id, "contacts"], `${path(id)}/contacts`, withBelow(isWhole));

export const companyTimelineQuery = (id: string, isWhole: boolean) =>
  pages<CompanyEvent>(["company", id, "timeline"], `${path(id)}/timeline`, withBelow(isWhole));

export const companyOrdersQuery = (id: string, isWhole: boolean) =>
  queryOptions({
    queryKey: ["company", id, "orders", isWhole],
    queryFn: ({ signal }) =>
      http.get<Schemas["CompanyOrders"]>(`${path(id)}/orders`, withBelow(isWhole), signal),
  });

export const alikeQuery = (company?: string) =>
  queryOptions({
    queryKey: ["companies", "alike", company ?? ""],
    queryFn: ({ signal }) =>
      http.get<{ items: Likeness[]; is_cut: boolean }>(`${COMPANIES}/alike`, { company }, signal),
  });

export const companiesOfPersonQuery = (person: string) =>
  queryOptions({
    queryKey: ["companies-of", person],
    queryFn: ({ signal }) =>
      http.get<Schemas["CompaniesOfPerson"]>(
        `${API}/people/${encodeURIComponent(person)}/companies`,
        undefined,
        signal,
      ),
  });

/** Returns the id: of a new company, the one it was given. */
export async function saveCompany(id: string | null, company: SaveCompany): Promise<string> {
  if (id) return (await http.put<Company>(path(id), company)).row.id;
  return (await http.post<{ id: string }>(COMPANIES, company)).id;
}

export const deleteCompany = (id: string) => http.remove<void>(path(id));

export const saveContact = (id: string, person: string, contact: SaveContact) =>
  http.put<void>(contactPath(id, person), contact);

export const removeContact = (id: string, person: string) => http.remove<void>(contactPath(id, person));

export const mergeCompanies = (id: string, other: string, reason = "") =>
  http.post<Company>(`${path(id)}/merge`, { other, reason });

export const undoMerge = (merge: string) =>
  http.post<{ id: string }>(`${API}/company-merges/${encodeURIComponent(merge)}/undo`);

const SEGMENTS = `${API}/account-segments`;
const segmentPath = (id: string) => `${SEGMENTS}/${encodeURIComponent(id)}`;

export type AccountSegment = Schemas["AccountSegment"];
export type AccountMembers = Schemas["AccountMembers"];
export type AccountDefinition = Schemas["SaveAccountSegment"]["definition"];

export const accountSegmentsQuery = queryOptions({
  queryKey: ["account-segments"],
  queryFn: ({ signal }) => http.get<{ items: AccountSegment[] }>(SEGMENTS, undefined, signal),
});

export const accountSegmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["account-segments", id],
    queryFn: ({ signal }) => http.get<AccountSegment>(segmentPath(id), undefined, signal),
  });

export const accountPreviewQuery = (definition: AccountDefinition) =>
  queryOptions({
    queryKey: ["account-preview", definition],
    queryFn: () => http.post<AccountMembers>(`${SEGMENTS}/preview`, { definition }),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

export const accountMembersQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["account-segments", id, "members"],
    queryFn: ({ pageParam, signal }) =>
      http.get<AccountMembers>(`${segmentPath(id)}/members`, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const saveAccountSegment = (id: string | null, name: string, definition: AccountDefinition) =>
  id
    ? http.put<AccountSegment>(segmentPath(id), { name, definition })
    : http.post<AccountSegment>(SEGMENTS, { name, definition });

export const deleteAccountSegment = (id: string) => http.remove<void>(segmentPath(id));

export const tellApart = (a: string, b: string) => http.post<void>(`${COMPANIES}/apart`, { a, b });
