/** Metrics: figures defined once, their past, and their values. */

import { queryOptions } from "@tanstack/react-query";
import type { Period } from "../pages/behaviour/inputs";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Metric = Schemas["MetricView"];
export type MetricDetail = Schemas["MetricDetail"];
export type MetricDraft = Schemas["MetricDraft"];
export type MetricFormula = MetricDraft["formula"];
export type EventFormula = Schemas["EventFormula"];
export type MetricAnswer = Schemas["MetricAnswer"];
export type MetricUnit = Schemas["MetricUnit"];
export type AskMetric = Schemas["AskMetric"];

const PATH = `${API}/metrics`;
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const metricsQuery = queryOptions({
  queryKey: ["metrics"],
  queryFn: ({ signal }) => http.get<Schemas["MetricList"]>(PATH, undefined, signal),
  staleTime: 60_000,
});

export const metricQuery = (id: string) =>
  queryOptions({
    queryKey: ["metrics", id],
    queryFn: ({ signal }) => http.get<MetricDetail>(one(id), undefined, signal),
  });

export const metricAnswerQuery = (query: AskMetric) =>
  queryOptions({
    queryKey: ["metric-answer", query],
    queryFn: ({ signal }) => http.post<MetricAnswer>(`${PATH}/ask`, query, signal),
    staleTime: 60_000,
  });

export const metricTrialQuery = (formula: MetricFormula, period: Period) =>
  queryOptions({
    queryKey: ["metric-trial", formula, period],
    queryFn: ({ signal }) =>
      http.post<MetricAnswer>(`${PATH}/try`, { formula, period, compare: true }, signal),
    staleTime: 60_000,
    retry: false,
  });

/** Keep a metric, or give one its next version. */
export function saveMetric(kept: MetricDetail | null, draft: MetricDraft): Promise<MetricDetail> {
  if (kept) return http.put<MetricDetail>(one(kept.id), { ...draft, version: kept.version });
  return http.post<MetricDetail>(PATH, draft);
}

export const archiveMetric = (id: string) => http.remove<void>(one(id));
