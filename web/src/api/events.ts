/** The calls about events: what was observed of them, and what they should hold. */

import { queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API, CALM_MS, pages } from "./queries";
import type {
  EventCatalogue,
  EventDetail,
  EventPlan,
  Issues,
  Keep,
  Quarantined,
  RetentionPreview,
  RetentionView,
  SaveKeep,
  SavePlan,
  SourceRule,
  SourcesView,
  TrackingPlan,
} from "./types";

const EVENTS = `${API}/events`;

export const eventCatalogueQuery = queryOptions({
  queryKey: ["event-catalogue"],
  queryFn: ({ signal }) => http.get<EventCatalogue>(`${EVENTS}/catalogue`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const eventDetailQuery = (name: string) =>
  queryOptions({
    queryKey: ["event-catalogue", name],
    queryFn: ({ signal }) => http.get<EventDetail>(`${EVENTS}/catalogue/event`, { name }, signal),
  });

export const trackingPlanQuery = queryOptions({
  queryKey: ["tracking-plan"],
  queryFn: ({ signal }) => http.get<TrackingPlan>(`${EVENTS}/plan`, undefined, signal),
});

export const savePlan = (name: string, plan: SavePlan) =>
  http.put<EventPlan>(withQuery(`${EVENTS}/plan/event`, { name }), plan);

export const deletePlan = (name: string) => http.remove<void>(withQuery(`${EVENTS}/plan/event`, { name }));

export const draftPlan = (name: string) => http.get<SavePlan>(`${EVENTS}/plan/draft`, { name });

export const ruleSource = (rule: SourceRule) => http.put<SourceRule>(`${EVENTS}/plan/source`, rule);

export const issuesQuery = (name?: string) =>
  queryOptions({
    queryKey: ["event-issues", name ?? ""],
    queryFn: ({ signal }) => http.get<Issues>(`${EVENTS}/plan/issues`, { name }, signal),
    refetchInterval: CALM_MS,
  });

/** How every source does; asked again every so often. */
export const sourcesQuery = (everyMs: number) =>
  queryOptions({
    queryKey: ["event-sources"],
    queryFn: ({ signal }) => http.get<SourcesView>(`${EVENTS}/sources`, undefined, signal),
    refetchInterval: everyMs,
  });

/** How long events are kept, and what is held; without a name, the rule of all that have none. */
export const retentionQuery = queryOptions({
  queryKey: ["event-retention"],
  queryFn: ({ signal }) => http.get<RetentionView>(`${EVENTS}/retention`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const previewKeep = (name: string | undefined, keep: Keep) =>
  http.post<RetentionPreview>(withQuery(`${EVENTS}/retention/preview`, { name }), keep);

export const saveKeep = (name: string | undefined, keep: SaveKeep) =>
  http.put<void>(withQuery(`${EVENTS}/retention/rule`, { name }), keep);

export const deleteKeep = (name: string | undefined) =>
  http.remove<void>(withQuery(`${EVENTS}/retention/rule`, { name }));

export const quarantineQuery = (name?: string) =>
  pages<Quarantined>(["quarantine"], `${EVENTS}/quarantine`, { name });

export const releaseQuarantine = (name: string | undefined, anyway: boolean) =>
  http.post<{ released: number; kept: number; pending: number }>(`${EVENTS}/quarantine/release`, {
    name,
    anyway,
  });

export const discardQuarantine = (name?: string) =>
  http.post<{ discarded: number }>(`${EVENTS}/quarantine/discard`, { name });
