/** Every call of the page beside chats. It knows nothing of the console's calls, nor they of these. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { http } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Session = Schemas["SidebarSession"];
export type OwnCustomer = Schemas["OwnCustomer"];
export type Card = Schemas["CustomerCard"];
export type Notes = Schemas["Notes"];
export type WriteNotes = Schemas["WriteNotes"];
export type ShownEvent = Schemas["ShownEvent"];
export type PageConfig = Schemas["SidebarConfig"];
type Choices = Schemas["CorpTagChoices"];
type Tasks = Schemas["StaffTasks"];

const API = "/api/v1/sidebar";
const ofCustomer = (customer: string) => `${API}/customers/${encodeURIComponent(customer)}`;

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => http.get<Session>(`${API}/session`, undefined, signal),
  retry: false,
});

export const customersQuery = (lost: boolean) =>
  infiniteQueryOptions({
    queryKey: ["customers", lost],
    queryFn: ({ pageParam, signal }) =>
      http.get<Schemas["OwnCustomers"]>(`${API}/customers`, { lost, limit: 30, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const cardQuery = (customer: string) =>
  queryOptions({
    queryKey: ["card", customer],
    queryFn: ({ signal }) => http.get<Card>(ofCustomer(customer), undefined, signal),
  });

export const notesQuery = (customer: string) =>
  queryOptions({
    queryKey: ["notes", customer],
    queryFn: ({ signal }) => http.get<Notes>(`${ofCustomer(customer)}/notes`, undefined, signal),
  });

export const timelineQuery = (customer: string, orders: boolean) =>
  infiniteQueryOptions({
    queryKey: ["timeline", customer, orders],
    queryFn: ({ pageParam, signal }) =>
      http.get<Schemas["ShownEvents"]>(
        `${ofCustomer(customer)}/timeline`,
        { orders, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const tagsQuery = queryOptions({
  queryKey: ["tags"],
  queryFn: ({ signal }) => http.get<Choices>(`${API}/tags`, undefined, signal),
});

export const tasksQuery = queryOptions({
  queryKey: ["tasks"],
  queryFn: ({ signal }) => http.get<Tasks>(`${API}/tasks`, undefined, signal),
});

export const findCustomer = (externalUserid: string) =>
  http.post<Schemas["FoundCustomer"]>(`${API}/customers/find`, { external_userid: externalUserid });

export const writeNotes = (customer: string, notes: Partial<WriteNotes>) =>
  http.put<Notes>(`${ofCustomer(customer)}/notes`, notes);

export const markTags = (customer: string, add: string[], remove: string[]) =>
  http.put<void>(`${ofCustomer(customer)}/tags`, { add, remove });

export const switchOnline = (isOnline: boolean) => http.put<void>(`${API}/online`, { is_online: isOnline });

export const signPage = (url: string) => http.post<PageConfig>(`${API}/page-config`, { url });

/** The company whose page this is: `/sidebar/<brand>/<company>`. */
export function placeOf(path: string): { brand: string; corp: string } | null {
  const [, page, brand, corp] = path.split("/");
  return page === "sidebar" && brand && corp ? { brand, corp } : null;
}

export function loginAddress(place: { brand: string; corp: string }): string {
  return `${API}/login?${new URLSearchParams(place)}`;
}
