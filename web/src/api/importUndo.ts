/** Taking imports of people back. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type UndoAnswer = Schemas["UndoAnswer"];
export type UndoView = Omit<Schemas["UndoView"], "counts"> & { counts: Required<Schemas["UndoCounts"]> };
export type UndoPreview = Required<Schemas["UndoPreview"]>;

const LIVE_MS = 2_000;
const undoUrl = (id: string, what = "") => `/api/v1/imports/${encodeURIComponent(id)}/undo${what}`;

export const importUndoQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", id, "undo"],
    queryFn: ({ signal }) => http.get<UndoAnswer>(undoUrl(id), undefined, signal),
    refetchInterval: ({ state }) =>
      state.data?.undo?.state === "running" || state.data?.refusal === "not_stored" ? LIVE_MS : false,
  });

export const importUndoPreviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["imports", id, "undo-preview"],
    queryFn: ({ signal }) => http.get<UndoPreview>(undoUrl(id, "/preview"), undefined, signal),
    gcTime: 0,
  });

export const undoImport = (id: string) => http.post<UndoAnswer>(undoUrl(id));
export const stopImportUndo = (id: string) => http.post<UndoAnswer>(undoUrl(id, "/stop"));
export const resumeImportUndo = (id: string) => http.post<UndoAnswer>(undoUrl(id, "/resume"));
