/** Passing customers and groups on, and the page beside chats as the console sees it. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { http } from "../client";
import { API, LIVE_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type Inheritance = Schemas["Inheritance"];
export type InheritanceItem = Schemas["InheritanceItem"];
export type PlanInheritance = Schemas["PlanInheritance"];
export type Candidate = Schemas["Candidate"];
export type OwnedGroup = Schemas["OwnedGroup"];
export type Kind = Inheritance["kind"];
export type Method = Inheritance["method"];
export type StaffDeed = Schemas["StaffDeed"];
export type PlanAction = "submit" | "stop" | "resume" | "drop";

const PLANS = `${API}/inheritances`;
const planPath = (id: string) => `${PLANS}/${encodeURIComponent(id)}`;

export const plansQuery = infiniteQueryOptions({
  queryKey: ["inheritances"],
  queryFn: ({ pageParam, signal }) =>
    http.get<Schemas["Inheritances"]>(PLANS, { limit: 30, cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : LIVE_MS),
});

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ["inheritance", id],
    queryFn: ({ signal }) => http.get<Inheritance>(planPath(id), undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const planItemsQuery = (id: string, what: "customer" | "group", state?: string) =>
  infiniteQueryOptions({
    queryKey: ["inheritance-items", id, what, state],
    queryFn: ({ pageParam, signal }) =>
      http.get<Schemas["InheritanceItems"]>(
        `${planPath(id)}/items`,
        { what, state, limit: 50, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : LIVE_MS),
  });

export const candidatesQuery = (corp: string, kind: Kind) =>
  queryOptions({
    queryKey: ["inheritance-candidates", corp, kind],
    queryFn: ({ signal }) => http.get<Schemas["Candidates"]>(`${PLANS}/candidates`, { corp, kind }, signal),
    enabled: Boolean(corp),
  });

export const ownedGroupsQuery = (corp: string, owner: string) =>
  queryOptions({
    queryKey: ["inheritance-groups", corp, owner],
    queryFn: ({ signal }) => http.get<Schemas["OwnedGroups"]>(`${PLANS}/groups`, { corp, owner }, signal),
    enabled: Boolean(corp && owner),
  });

export const makePlan = (plan: PlanInheritance) => http.post<Inheritance>(PLANS, plan);

export const actOnPlan = (id: string, action: PlanAction) =>
  http.post<Inheritance>(`${planPath(id)}/${action}`);

export const sidebarAddressesQuery = queryOptions({
  queryKey: ["staff-sidebar"],
  queryFn: ({ signal }) => http.get<Schemas["SidebarAddresses"]>(`${API}/staff-sidebar`, undefined, signal),
});

export const deedsQuery = infiniteQueryOptions({
  queryKey: ["staff-deeds"],
  queryFn: ({ pageParam, signal }) =>
    http.get<Schemas["StaffDeeds"]>(`${API}/staff-sidebar/deeds`, { limit: 50, cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
});
