/** Exports of people: asked for with a reason, followed, taken, removed. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import type { Audience } from "./peopleJobs";
import { API, LIVE_MS } from "./queries";
import type { components } from "./schema";

export type PeopleExport = components["schemas"]["ExportView"];
export type ExportFormat = PeopleExport["format"];
export const EXPORT_FORMATS: readonly ExportFormat[] = ["csv", "xlsx"];

export interface ExportWish {
  audience: Audience;
  columns: readonly string[];
  format: ExportFormat;
  reason: string;
  unmasked: boolean;
  keep_days: number;
}

const EXPORTS = `${API}/people-exports`;
const exportPath = (id: string, what = "") => `${EXPORTS}/${encodeURIComponent(id)}${what}`;

export const peopleExportsQuery = queryOptions({
  queryKey: ["people-exports"],
  queryFn: ({ signal }) => http.get<{ items: PeopleExport[] }>(EXPORTS, undefined, signal),
  refetchInterval: LIVE_MS,
});

export const startPeopleExport = (wish: ExportWish) => http.post<{ id: string }>(EXPORTS, wish);
export const stopPeopleExport = (id: string) => http.post<PeopleExport>(exportPath(id, "/stop"));
export const resumePeopleExport = (id: string) => http.post<PeopleExport>(exportPath(id, "/resume"));
export const removePeopleExport = (id: string) => http.remove<PeopleExport>(exportPath(id, "/file"));
export const exportFilePath = (id: string) => exportPath(id, "/file");
