/** Members of connected companies, their departments and their customers. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type StaffRow = Schemas["StaffRow"];
export type StaffPageData = Schemas["StaffPage"];
export type Department = Schemas["DepartmentRow"];
export type Relation = Schemas["RelationRow"];
export type RelationPage = Schemas["RelationPage"];
export type RelationStatus = Schemas["RelationStatus"];
export type StaffAlert = Schemas["AlertRow"];
export type AlertPage = Schemas["AlertPage"];
export type AlertKind = Schemas["AlertKind"];
export type AlertState = Schemas["AlertState"];
export type AlertRules = Schemas["AlertRules"];

const STAFF = `${API}/staff`;
const PAGE_LIMIT = 50;

export interface StaffFilter {
  corp?: string;
  department?: string;
  q?: string;
  with_left?: boolean;
}

export const staffQuery = (filter: StaffFilter) =>
  infiniteQueryOptions({
    queryKey: ["staff", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<StaffPageData>(STAFF, { ...filter, limit: PAGE_LIMIT, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

export const departmentsQuery = queryOptions({
  queryKey: ["staff-departments"],
  queryFn: ({ signal }) => http.get<{ items: Department[] }>(`${STAFF}/departments`, undefined, signal),
});

/** Give a member new customers, or none for now. */
export const switchOnline = (id: string, is_online: boolean) =>
  http.put<StaffRow>(`${STAFF}/members/${encodeURIComponent(id)}/online`, { is_online });

export const memberQuery = (id: string) =>
  queryOptions({
    queryKey: ["staff", id],
    queryFn: ({ signal }) =>
      http.get<StaffRow>(`${STAFF}/members/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: CALM_MS,
  });

export interface CustomerFilter {
  staff?: string;
  status?: string;
  q?: string;
  add_way?: string;
  state?: string;
}

const CUSTOMERS = `${API}/customers`;

export const customersQuery = (filter: CustomerFilter) =>
  infiniteQueryOptions({
    queryKey: ["customers", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<RelationPage>(CUSTOMERS, { ...filter, limit: PAGE_LIMIT, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (found) => (found.state.data && found.state.data.pages.length > 1 ? false : CALM_MS),
  });

export const personRelationsQuery = (person: string) =>
  queryOptions({
    queryKey: ["customers", "person", person],
    queryFn: ({ signal }) =>
      http.get<{ items: Relation[] }>(`${CUSTOMERS}/people/${encodeURIComponent(person)}`, undefined, signal),
  });

export interface AlertFilter {
  state?: string;
  kind?: string;
  staff?: string;
}

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ["staff-alerts", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<AlertPage>(`${STAFF}/alerts`, { ...filter, limit: PAGE_LIMIT, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (found) => (found.state.data && found.state.data.pages.length > 1 ? false : CALM_MS),
  });

/** See to an alert, or open it again. */
export const handleAlert = (id: string, state: AlertState, note: string) =>
  http.post<StaffAlert>(`${STAFF}/alerts/${encodeURIComponent(id)}/handle`, { state, note });

const rulesPath = (corp: string) => `${STAFF}/corps/${encodeURIComponent(corp)}/alert-rules`;

export const alertRulesQuery = (corp: string) =>
  queryOptions({
    queryKey: ["staff-alert-rules", corp],
    queryFn: ({ signal }) => http.get<AlertRules>(rulesPath(corp), undefined, signal),
  });

export const saveAlertRules = (corp: string, rules: AlertRules) =>
  http.put<AlertRules>(rulesPath(corp), rules);
