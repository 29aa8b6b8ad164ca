/** Studies of people: clusters, lifecycle, churn. Every kind has the same doors. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ClusterSummary = Schemas["ClusterSummary"];
export type ClusterSettings = ClusterSummary["settings"];
export type ClusterCard = NonNullable<ClusterSummary["card"]>;
export type Cluster = NonNullable<ClusterCard["clusters"]>[number];
export type PersonFigure = Schemas["PersonFigure"];

export type LifecycleSummary = Schemas["LifecycleSummary"];
export type LifecycleSettings = LifecycleSummary["settings"];
export type LifecycleFlow = Schemas["LifecycleFlow"];

export type ChurnSummary = Schemas["ChurnSummary"];
export type ChurnSettings = ChurnSummary["settings"];
export type ChurnCard = NonNullable<ChurnSummary["card"]>;

export type RhythmSummary = Schemas["RhythmSummary"];
export type RhythmCard = NonNullable<RhythmSummary["card"]>;

export type QualitySummary = Schemas["QualitySummary"];
export type QualitySettings = QualitySummary["settings"];
export type QualityCard = NonNullable<QualitySummary["card"]>;
export type AttributeQuality = QualityCard["attributes"][number];
export type SourceQuality = QualityCard["sources"][number];
export type AttributeRule = NonNullable<QualitySettings["rules"]>[number];

export type InterestSummary = Schemas["InterestSummary"];
export type InterestSettings = InterestSummary["settings"];
export type InterestCard = NonNullable<InterestSummary["card"]>;
export type InterestProposal = Schemas["InterestProposal"];

export type RhythmSettings = RhythmSummary["settings"];

export type SpendingSummary = Schemas["SpendingSummary"];
export type SpendingSettings = SpendingSummary["settings"];
export type SpendingCard = NonNullable<SpendingSummary["card"]>;

export type EngagementSummary = Schemas["EngagementSummary"];
export type EngagementSettings = EngagementSummary["settings"];
export type EngagementCard = NonNullable<EngagementSummary["card"]>;

export type ContentFormSummary = Schemas["ContentFormSummary"];
export type ContentFormSettings = ContentFormSummary["settings"];
export type ContentFormCard = NonNullable<ContentFormSummary["card"]>;

export type StudyKind =
  | "clusters"
  | "lifecycle"
  | "churn"
  | "rhythm"
  | "interests"
  | "spending"
  | "engagement"
  | "content_forms"
  | "quality";

/** What every summary has, whatever its card says. */
export type Study = Pick<
  ClusterSummary,
  "as_of" | "computed_at" | "people" | "groups" | "moves" | "history" | "under_way" | "has_failed"
>;

const WATCH_MS = 1_000;

export const studyQuery = <Summary extends Study>(kind: StudyKind) =>
  queryOptions({
    queryKey: ["study", kind],
    queryFn: ({ signal }) => http.get<Summary>(`${API}/${kind}`, undefined, signal),
    // While something is computed the page follows it.
    refetchInterval: ({ state }) => (state.data?.under_way ? WATCH_MS : false),
  });

export const runStudy = (kind: StudyKind) => http.post(`${API}/${kind}/run`);
export const cancelStudy = (kind: StudyKind) => http.post(`${API}/${kind}/cancel`);
export const saveStudy = <Settings>(kind: StudyKind, settings: Settings) =>
  http.put<Settings>(`${API}/${kind}/settings`, settings);

export const personFiguresQuery = (id: string) =>
  queryOptions({
    queryKey: ["understanding", id],
    queryFn: ({ signal }) =>
      http.get<Partial<Record<StudyKind, PersonFigure>>>(
        `${API}/understanding/people/${encodeURIComponent(id)}`,
        undefined,
        signal,
      ),
  });

export const interestProposalsQuery = queryOptions({
  queryKey: ["interest-proposals"],
  queryFn: ({ signal }) => http.get<InterestProposal[]>(`${API}/interests/proposals`, undefined, signal),
});

export const lifecycleFlowQuery = (days: number) =>
  queryOptions({
    queryKey: ["lifecycle-flow", days],
    queryFn: ({ signal }) => http.post<LifecycleFlow>(`${API}/lifecycle/flow`, { days }, signal),
  });
