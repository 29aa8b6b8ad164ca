/** The open warehouse: documented views, questions in SQL, files of their answers, kept questions. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type OpenWarehouse = Schemas["OpenWarehouse"];
export type WarehouseView = Schemas["WarehouseView"];
export type SqlAnswer = Schemas["SqlAnswer"];
export type SavedQuery = Schemas["SavedQuery"];
export type FileFormat = Schemas["FileFormat"];

const WAREHOUSE = `${API}/warehouse`;
const queryPath = (id: string) => `${WAREHOUSE}/queries/${encodeURIComponent(id)}`;

export const warehouseQuery = queryOptions({
  queryKey: ["warehouse"],
  queryFn: ({ signal }) => http.get<OpenWarehouse>(WAREHOUSE, undefined, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const savedQueriesQuery = queryOptions({
  queryKey: ["warehouse-queries"],
  queryFn: ({ signal }) => http.get<{ items: SavedQuery[] }>(`${WAREHOUSE}/queries`, undefined, signal),
});

export const askSql = (sql: string, signal?: AbortSignal) =>
  http.post<SqlAnswer>(`${WAREHOUSE}/ask`, { sql }, signal);

export const exportSql = (sql: string, format: FileFormat) =>
  http.file(`${WAREHOUSE}/export`, { sql, format });

/** Keep a question, or change a kept one; returns its id. */
export async function saveQuery(id: string | null, draft: { name: string; sql: string }): Promise<string> {
  if (id) {
    await http.put<void>(queryPath(id), draft);
    return id;
  }
  return (await http.post<{ id: string }>(`${WAREHOUSE}/queries`, draft)).id;
}

export const dropQuery = (id: string) => http.remove<void>(queryPath(id));
