/** The wizard of imports: files, what they hold, and what becomes of them. */

import { queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import type { components } from "./schema";
import type { ImportRun } from "./types";

type Schemas = components["schemas"];
/** What the server sends has every field; only what is sent to it may leave some out. */
export type ColumnUse = Required<Schemas["ColumnUse"]>;
export type FileChoice = Required<Schemas["FileChoice"]>;
export type ImportPlan = Required<Omit<Schemas["ImportPlan"], "columns" | "file">> & {
  columns: readonly ColumnUse[];
  file: FileChoice;
};
export type ImportKind = ImportPlan["kind"];
export type ImportColumn = Omit<Schemas["ImportColumnView"], "proposal"> & { proposal: ColumnUse };
export type FileExamined = Omit<Schemas["FileExamined"], "choice" | "columns" | "proposal"> & {
  choice: FileChoice;
  columns: readonly ImportColumn[];
  proposal: ImportPlan;
};
export type PreviewRow = Schemas["ImportPreviewRow"];
export type ImportMapping = Omit<Schemas["ImportMappingView"], "plan"> & { plan: ImportPlan };
interface MappingList {
  items: readonly ImportMapping[];
}
export type ImportFindings = Schemas["ImportFindings"];
export type AttributeOutcome = Required<Schemas["AttributeOutcome"]>;
export type ImportDetail = Schemas["ImportDetail"];

const API = "/api/v1/imports";
const fileUrl = (id: string, what = "") => `${API}/files/${encodeURIComponent(id)}${what}`;

/** Large files take their time; the server answers when it has looked at the first rows. */
const UPLOAD_MS = 15 * 60_000;

export const uploadImportFile = (file: File) =>
  http.upload<FileExamined>(withQuery(`${API}/files`, { name: file.name }), file, UPLOAD_MS);

export const examineFile = (id: string, choice: Partial<FileChoice>, kind?: ImportKind) =>
  http.get<FileExamined>(fileUrl(id), { ...choice, kind });

export const previewQuery = (id: string, plan: ImportPlan) =>
  queryOptions({
    queryKey: ["imports", "preview", id, plan],
    queryFn: ({ signal }) => http.post<Schemas["ImportPreview"]>(fileUrl(id, "/preview"), plan, signal),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const startImport = (id: string, plan: ImportPlan, dryRun: boolean) =>
  http.post<ImportRun>(fileUrl(id, "/start"), { plan, dry_run: dryRun });

export const mappingsQuery = queryOptions({
  queryKey: ["imports", "mappings"],
  queryFn: ({ signal }) => http.get<MappingList>(`${API}/mappings`, undefined, signal),
});

export const saveMapping = (name: string, plan: ImportPlan) =>
  http.put<MappingList>(`${API}/mappings`, { name, plan });

export const dropMapping = (id: string) => http.remove<void>(`${API}/mappings/${encodeURIComponent(id)}`);

export const rejectsUrl = (id: string) => `${API}/${encodeURIComponent(id)}/rejects`;

const LIVE_MS = 1_000;

/** One import; asked again while it works. */
export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", "one", id],
    queryFn: ({ signal }) => http.get<ImportDetail>(`${API}/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: ({ state }) => (state.data?.finished_at ? false : LIVE_MS),
  });
