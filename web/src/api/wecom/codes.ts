/** Staff live codes 员工活码: whom each leads to, what the platform says, what it brought. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type LiveCode = Schemas["LiveCode"];
export type LiveCodeRow = Schemas["LiveCodeRow"];
export type LiveCodes = Schemas["LiveCodes"];
export type LiveCodeDraft = Schemas["LiveCodeDraft"];
export type LiveCodeMember = Schemas["LiveCodeMember"];
export type LiveCodeFigures = Schemas["LiveCodeFigures"];
export type DutyPlan = Schemas["DutyPlan"];
export type Place = Schemas["Place"];
export type CodeQuota = Schemas["CodeQuota"];
export type CodeStatus = Schemas["CodeStatus"];
export type AuditTrail = Schemas["AuditTrail"];

const CODES = `${API}/live-codes`;
const pathOf = (id: string) => `${CODES}/${encodeURIComponent(id)}`;

export const liveCodesQuery = (filter: { q?: string; status?: string }) =>
  infiniteQueryOptions({
    queryKey: ["live-codes", filter],
    queryFn: ({ pageParam, signal }) => http.get<LiveCodes>(CODES, { ...filter, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

export const liveCodeQuery = (id: string) =>
  queryOptions({
    queryKey: ["live-codes", "one", id],
    queryFn: ({ signal }) => http.get<LiveCode>(pathOf(id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const liveCodeTrailQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["live-codes", "trail", id],
    queryFn: ({ pageParam, signal }) =>
      http.get<AuditTrail>(`${pathOf(id)}/trail`, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: CALM_MS,
  });

export const liveCodeFiguresQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["live-codes", "figures", id, from, to],
    queryFn: ({ signal }) => http.get<LiveCodeFigures>(`${pathOf(id)}/figures`, { from, to }, signal),
    placeholderData: keepPreviousData,
  });

export const createLiveCode = (corp: string, isExclusive: boolean, draft: LiveCodeDraft) =>
  http.post<LiveCode>(CODES, { ...draft, corp, is_exclusive: isExclusive });

export const changeLiveCode = (id: string, draft: LiveCodeDraft) => http.put<LiveCode>(pathOf(id), draft);

/** The corp tags a code can give. */
export const givableTagsQuery = (corp: string) =>
  queryOptions({
    queryKey: ["live-codes", "tags", corp],
    queryFn: ({ signal }) => http.get<Schemas["CorpTags"]>(`${API}/corp-tags`, { corp }, signal),
    enabled: corp !== "",
  });

/** Pause or delete: printed pictures lead to `redirect` from then on. */
export const leadLiveCodeAway = (id: string, how: "pause" | "delete", redirect: Place) =>
  http.post<LiveCode>(`${pathOf(id)}/${how}`, { redirect });

export const resumeLiveCode = (id: string) => http.post<LiveCode>(`${pathOf(id)}/resume`);

/** Compares what the platform says with what it should say, and repairs it. */
export const checkLiveCode = (id: string) => http.post<LiveCode>(`${pathOf(id)}/check`);

export const liveCodeImage = (id: string, format: "png" | "svg", scale?: number) =>
  withQuery(`${pathOf(id)}/image`, { format, scale });
