/** Checking a draft, versions of a journey, and the way one person went. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import type { components } from "./schema";
import type { Journey, JourneyDraft } from "./types";

type Schemas = components["schemas"];
export type JourneyVersion = Schemas["JourneyVersion"];
export type VersionDifference = Schemas["VersionDifference"];
export type NodeChange = Schemas["NodeChange"];
export type FieldChange = Schemas["FieldChange"];
export type PassedSteps = Schemas["PassedSteps"];
export type PassedStep = Schemas["PassedStep"];
export type JourneyWhy = Schemas["JourneyWhy"];
export type EntryEvent = Schemas["EntryEvent"];

const PATH = "/api/v1/journeys";
const pathOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

/** What would keep a draft from being published; nothing is saved. */
export const checkJourney = (definition: JourneyDraft["definition"], signal?: AbortSignal) =>
  http.post<{ items: Journey["findings"] }>(`${PATH}/check`, { definition }, signal);

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["journey", id, "versions"],
    queryFn: ({ signal }) =>
      http.get<Schemas["JourneyVersions"]>(`${pathOf(id)}/versions`, undefined, signal),
  });

/** What differs between two versions; 0 is the draft. */
export const differenceQuery = (id: string, before: number, after: number) =>
  queryOptions({
    queryKey: ["journey", id, "difference", before, after],
    queryFn: ({ signal }) =>
      http.get<VersionDifference>(`${pathOf(id)}/versions/difference`, { before, after }, signal),
  });

export const restoreVersion = (id: string, version: number) =>
  http.post<Journey>(`${pathOf(id)}/versions/${version}/restore`);

export const stepsQuery = (person: string, passage: string) =>
  queryOptions({
    queryKey: ["passage", person, passage],
    queryFn: ({ signal }) =>
      http.get<PassedSteps>(
        `/api/v1/people/${encodeURIComponent(person)}/journeys/${encodeURIComponent(passage)}/steps`,
        undefined,
        signal,
      ),
  });

/** Why one person did, or did not, get what a journey sends. */
export const whyQuery = (id: string, person: string) =>
  queryOptions({
    queryKey: ["journey", id, "why", person],
    queryFn: ({ signal }) =>
      http.get<JourneyWhy>(`${pathOf(id)}/why/${encodeURIComponent(person)}`, undefined, signal),
  });

export type MigrateJourney = Schemas["MigrateJourney"];
export type MigrationPreview = Schemas["MigrationPreview"];
export type MigrationNode = Schemas["MigrationNode"];
export type JourneyMigration = Schemas["JourneyMigration"];

/** What moving people to the present version would do; nothing is changed. */
export const migrationPreviewQuery = (id: string, command: MigrateJourney) =>
  queryOptions({
    queryKey: ["journey", id, "migration", command],
    queryFn: ({ signal }) => http.post<MigrationPreview>(`${pathOf(id)}/migrations/preview`, command, signal),
    placeholderData: keepPreviousData,
  });

export const startMigration = (id: string, command: MigrateJourney) =>
  http.post<JourneyMigration>(`${pathOf(id)}/migrations`, command);

const LOOK_MS = 1_500;

/** A journey's latest migrations; looked at again while one runs. */
export const migrationsQuery = (id: string) =>
  queryOptions({
    queryKey: ["journey", id, "migrations"],
    queryFn: ({ signal }) =>
      http.get<Schemas["JourneyMigrations"]>(`${pathOf(id)}/migrations`, undefined, signal),
    refetchInterval: ({ state }) =>
      state.data?.items.some((one) => one.state === "running") ? LOOK_MS : false,
  });

/** Journeys to begin from. */
export const templatesQuery = queryOptions({
  queryKey: ["journey-templates"],
  queryFn: ({ signal }) => http.get<Schemas["JourneyTemplates"]>(`${PATH}/templates`, undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

interface Filling {
  account: string;
  segment: string;
  language: "zh" | "en";
}

/** A draft from a template, with an account to speak through and a segment to enter by; nothing is saved. */
export const templateQuery = (key: string, filling: Filling) =>
  queryOptions({
    queryKey: ["journey-template", key, filling],
    queryFn: ({ signal }) =>
      http.get<Schemas["TemplateDraft"]>(
        `${PATH}/templates/${encodeURIComponent(key)}`,
        { ...filling },
        signal,
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
