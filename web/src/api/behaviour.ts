/** Questions about behaviour: bodies, because they are too large for an address. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type FunnelQuery = Schemas["Funnel"];
export type RetentionQuery = Schemas["Retention"];
export type TrendQuery = Schemas["Trend"];
export type FunnelAnswer = Schemas["FunnelAnswer"];
export type RetentionAnswer = Schemas["RetentionAnswer"];
export type TrendAnswer = Schemas["TrendAnswer"];
export type DistributionQuery = Schemas["DistributionQuestion"];
export type PathsQuery = Schemas["Paths"];
export type DistributionAnswer = Schemas["DistributionAnswer"];
export type PathsAnswer = Schemas["PathsAnswer"];
export type PathPoint = Schemas["PathPoint"];
export type TrendSeries = Schemas["TrendSeries"];
export type FigurePeople = Schemas["FigurePeople"];
export type FigureGroup = TrendSeries["group"];

/** One figure whose people are wanted: where it is from, and which of its people. */
export type Figure =
  | { of: "behaviour/funnel"; body: Schemas["FunnelPeople"] }
  | { of: "behaviour/retention"; body: Schemas["RetentionPeople"] }
  | { of: "behaviour/trend"; body: Schemas["TrendPeople"] }
  | { of: "behaviour/distribution"; body: Schemas["DistributionPeople"] }
  | { of: "behaviour/paths"; body: Schemas["PathsPeople"] }
  | { of: string; body: object };

const PEOPLE_PAGE = 50;

const ask = <Question, Answer>(
  of: "funnel" | "retention" | "trend" | "distribution" | "paths",
  query: Question,
) =>
  queryOptions({
    queryKey: ["behaviour", of, query],
    queryFn: ({ signal }) => http.post<Answer>(`${API}/behaviour/${of}`, query, signal),
    staleTime: 60_000,
  });

export const funnelQuery = (query: FunnelQuery) => ask<FunnelQuery, FunnelAnswer>("funnel", query);
export const funnelPresetsQuery = queryOptions({
  queryKey: ["funnel-presets"],
  queryFn: ({ signal }) =>
    http.get<Schemas["FunnelPresets"]>(`${API}/behaviour/funnel/presets`, undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
export const retentionQuery = (query: RetentionQuery) =>
  ask<RetentionQuery, RetentionAnswer>("retention", query);
export const trendQuery = (query: TrendQuery) => ask<TrendQuery, TrendAnswer>("trend", query);

export const distributionQuery = (query: DistributionQuery) =>
  ask<DistributionQuery, DistributionAnswer>("distribution", query);
export const pathsQuery = (query: PathsQuery) => ask<PathsQuery, PathsAnswer>("paths", query);

export const figurePeopleQuery = (figure: Figure) =>
  infiniteQueryOptions({
    queryKey: ["behaviour-people", figure],
    queryFn: ({ pageParam, signal }) =>
      http.post<FigurePeople>(
        withQuery(`${API}/${figure.of}/people`, { limit: PEOPLE_PAGE, cursor: pageParam }),
        figure.body,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
