/** Members of connected companies, their departments and their customers. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type StaffRow = Schemas["StaffRow"];
export type StaffPageData = Schemas["StaffPage"];
export type Department = Schemas["DepartmentRow"];

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
