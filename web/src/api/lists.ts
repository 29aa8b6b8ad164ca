/** Lists: segments whose people were uploaded or held fast. */

import { queryOptions } from "@tanstack/react-query";
import type { Figure } from "./behaviour";
import { http, withQuery } from "./client";
import { API } from "./queries";
import type { SegmentDraft, SegmentListView } from "./types";

/** How a file is read: of which kind its identifiers are, and in which column they stand. */
export interface FileReading {
  identifier: string;
  column: string;
  scope: string;
}

const asked = (file: File, reading: FileReading) => ({ ...reading, file_name: file.name.slice(-200) });

/** The server tells text from the body alone; a sheet's own type says nothing of how it is encoded. */
const asText = (file: File) => new Blob([file], { type: "text/csv" });

export const uploadList = (name: string, file: File, reading: FileReading) =>
  http.post<SegmentListView>(
    withQuery(`${API}/segments/lists/upload`, { name, ...asked(file, reading) }),
    asText(file),
  );

export const uploadListVersion = (id: string, mode: "replace" | "add", file: File, reading: FileReading) =>
  http.post<SegmentListView>(
    withQuery(`${API}/segments/${encodeURIComponent(id)}/list/uploads`, { mode, ...asked(file, reading) }),
    asText(file),
  );

export const snapshotList = (name: string, definition: SegmentDraft["definition"]) =>
  http.post<SegmentListView>(`${API}/segments/lists/snapshot`, { name, definition });

export const listQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id, "list"],
    queryFn: ({ signal }) =>
      http.get<SegmentListView>(`${API}/segments/${encodeURIComponent(id)}/list`, undefined, signal),
  });

export const rejectsPath = (id: string, version: number) =>
  `${API}/segments/${encodeURIComponent(id)}/list/versions/${version}/rejects.csv`;

/** The figures whose people the server keeps as they are; those of other groups are kept by definition. */
export const KEPT: readonly string[] = [
  "behaviour/funnel",
  "behaviour/retention",
  "behaviour/trend",
  "behaviour/distribution",
  "behaviour/paths",
  "lifecycle/flow",
  "quality",
  "forms",
];

export const keepFigure = (name: string, figure: Figure) =>
  http.post<SegmentListView>(`${API}/segments/lists/figure`, { name, of: figure.of, body: figure.body });
