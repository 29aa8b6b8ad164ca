/** Welcomes to new customers: rules, journal, figures, files and the block-list. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type Welcome = Required<Schemas["WelcomeRule"]>;
export type WelcomeContent = Required<Schemas["WelcomeContent"]>;
export type WelcomePart = WelcomeContent["parts"][number];
export type WelcomeVariant = Omit<Required<Schemas["WelcomeVariant"]>, "content"> & {
  content: WelcomeContent;
};
export type WelcomePeriod = Required<Schemas["SpecialDates"]> | Required<Schemas["WeeklyWindow"]>;
export interface WelcomeSlot {
  name: string;
  period: WelcomePeriod | null;
  variants: WelcomeVariant[];
}
export type WelcomeDraft = Omit<Required<Schemas["WelcomeDraft"]>, "slots" | "defaults"> & {
  slots: WelcomeSlot[];
  defaults: Required<Schemas["WelcomeDefaults"]>;
};
export type WelcomeRow = Schemas["WelcomeRow"];
export type WelcomeState = Schemas["WelcomeState"];
export type WelcomeFigures = Schemas["WelcomeFigures"];
export type WelcomeFile = Schemas["WelcomeFile"];
export type FileKind = Schemas["MediaKind"];
export type WelcomeBlockList = Required<Schemas["WelcomeBlockList"]>;
export type WelcomeTrialOutcome = Schemas["WelcomeTrialOutcome"];
export type ShownPart = Schemas["ShownPart"];
export type VariantFigures = Schemas["WelcomeVariantFigures"];

const WELCOMES = `${API}/welcomes`;
const FILES = `${API}/welcome-media`;
const PAGE_LIMIT = 50;
const ofWelcome = (id: string) => `${WELCOMES}/${encodeURIComponent(id)}`;
const ofFile = (id: string) => `${FILES}/${encodeURIComponent(id)}`;

export const welcomesQuery = queryOptions({
  queryKey: ["welcomes"],
  queryFn: ({ signal }) => http.get<{ items: Welcome[] }>(WELCOMES, undefined, signal),
  refetchInterval: CALM_MS,
});

export const welcomeQuery = (id: string) =>
  queryOptions({
    queryKey: ["welcomes", "one", id],
    queryFn: ({ signal }) => http.get<Welcome>(ofWelcome(id), undefined, signal),
  });

export interface JournalFilter {
  state?: string;
  welcome?: string;
  person?: string;
}

export const journalQuery = (filter: JournalFilter) =>
  infiniteQueryOptions({
    queryKey: ["welcomes", "journal", filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<{ items: WelcomeRow[]; next_cursor: string | null }>(
        `${WELCOMES}/journal`,
        { ...filter, limit: PAGE_LIMIT, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : CALM_MS),
  });

export const figuresQuery = (days: number) =>
  queryOptions({
    queryKey: ["welcomes", "figures", days],
    queryFn: ({ signal }) => http.get<WelcomeFigures>(`${WELCOMES}/figures`, { days }, signal),
    refetchInterval: CALM_MS,
  });

export const variantFiguresQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: ["welcomes", "variants", id, days],
    queryFn: ({ signal }) =>
      http.get<{ variants: VariantFigures[] }>(`${ofWelcome(id)}/figures`, { days }, signal),
  });

export const blockListQuery = (corp: string) =>
  queryOptions({
    queryKey: ["welcomes", "block-list", corp],
    queryFn: ({ signal }) =>
      http.get<WelcomeBlockList>(`${WELCOMES}/block-lists/${encodeURIComponent(corp)}`, undefined, signal),
  });

export const filesQuery = (corp: string) =>
  queryOptions({
    queryKey: ["welcomes", "files", corp],
    queryFn: ({ signal }) => http.get<{ items: WelcomeFile[] }>(FILES, { corp }, signal),
    refetchInterval: CALM_MS,
    enabled: corp !== "",
  });

export const saveWelcome = (id: string | null, draft: WelcomeDraft) =>
  id === null ? http.post<Welcome>(WELCOMES, draft) : http.put<Welcome>(ofWelcome(id), draft);
export const deleteWelcome = (id: string) => http.remove<void>(ofWelcome(id));
export const tryWelcome = (trial: Schemas["WelcomeTrial"]) =>
  http.post<WelcomeTrialOutcome>(`${WELCOMES}/try`, trial);
export const saveBlockList = (corp: string, words: WelcomeBlockList) =>
  http.put<WelcomeBlockList>(`${WELCOMES}/block-lists/${encodeURIComponent(corp)}`, words);

export const addFile = (corp: string, kind: FileKind, file: File) =>
  http.post<WelcomeFile>(withQuery(FILES, { corp, kind, name: file.name.slice(-100) }), file);
export const uploadFile = (id: string) => http.post<WelcomeFile>(`${ofFile(id)}/upload`);
export const deleteFile = (id: string) => http.remove<void>(ofFile(id));
export const fileContent = (id: string) => `${ofFile(id)}/content`;
