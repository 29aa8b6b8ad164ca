/** Short links, and what came of them. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, livePages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ShortLink = Schemas["LinkView"];
export type SaveLink = Schemas["SaveLink"];
export type LinkStatistics = Schemas["LinkStatistics"];

const PATH = `${API}/links`;
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const linksQuery = (campaign: string) =>
  livePages<ShortLink>(["links"], PATH, { campaign: campaign || undefined });

export const linkStatisticsQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: ["links", id, "statistics", days],
    queryFn: ({ signal }) =>
      http.get<LinkStatistics>(`${one(id)}/statistics`, { days: String(days) }, signal),
    refetchInterval: CALM_MS,
  });

export const saveLink = (id: string | null, link: SaveLink) =>
  id === null ? http.post<ShortLink>(PATH, link) : http.put<ShortLink>(one(id), link);
