/** Experiments, their results, and the hold-out group. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ExperimentRow = Schemas["ExperimentRowView"];
export type Experiment = Schemas["ExperimentView"];
export type Plan = Schemas["SaveExperiment"];
export type Reading = Schemas["Reading"];
export type MetricReading = Schemas["MetricReading"];
export type ArmReading = Schemas["ArmReading"];
export type Holdout = Schemas["HoldoutView"];
export type PowerQuestion = Schemas["PowerQuestion"];

const PATH = `${API}/experiments`;
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const experimentsQuery = queryOptions({
  queryKey: ["experiments"],
  queryFn: ({ signal }) => http.get<Schemas["ExperimentList"]>(PATH, undefined, signal),
});

export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiments", id],
    queryFn: ({ signal }) => http.get<Experiment>(one(id), undefined, signal),
  });

export const readingsQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiments", id, "results"],
    queryFn: ({ signal }) => http.get<Schemas["Readings"]>(`${one(id)}/results`, undefined, signal),
  });

export const holdoutQuery = queryOptions({
  queryKey: ["experiments-holdout"],
  queryFn: ({ signal }) => http.get<Holdout>(`${PATH}/holdout`, undefined, signal),
});

export const powerQuery = (question: PowerQuestion) =>
  queryOptions({
    queryKey: ["experiment-power", question],
    queryFn: ({ signal }) => http.post<Schemas["PowerAnswer"]>(`${PATH}/power`, question, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const saveExperiment = (id: string | null, plan: Plan) =>
  id === null ? http.post<Experiment>(PATH, plan) : http.put<Experiment>(one(id), plan);

export const removeExperiment = (id: string) => http.remove<void>(one(id));

export const turnExperiment = (id: string, verb: "start" | "stop") =>
  http.post<Experiment>(`${one(id)}/${verb}`);

export const decideExperiment = (id: string, arm: string) =>
  http.post<Experiment>(`${one(id)}/decide`, { arm });

export const lookAtExperiment = (id: string) => http.post<Reading>(`${one(id)}/results`);

export const setHoldout = (share_bps: number, reshuffle: boolean) =>
  http.put<Holdout>(`${PATH}/holdout`, { share_bps, reshuffle });
