/** Links between tags of ours and tags of official accounts and companies. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, LIVE_MS } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type TagLink = Schemas["TagLink"];
export type LinkReport = Schemas["LinkReport"];
export type GroupLinked = Schemas["GroupLinked"];

const LINKS = `${API}/tag-links`;
const linkPath = (id: string) => `${LINKS}/${encodeURIComponent(id)}`;

export const tagLinksQuery = queryOptions({
  queryKey: ["tag-links"],
  queryFn: ({ signal }) => http.get<{ items: TagLink[] }>(LINKS, undefined, signal),
  refetchInterval: LIVE_MS,
});

/** Without `platformTag` the account's tag of the same name is taken, or made there. */
export const linkTag = (tag: string, account: string, platformTag: string | null) =>
  http.post<{ id: string }>(LINKS, { tag, account, platform_tag: platformTag });

/** Every tag of a group with the tag of its name, made there if need be. */
export const linkTagGroup = (group: string, account: string) =>
  http.post<GroupLinked>(`${LINKS}/groups`, { group, account });

export const unlinkTag = (id: string) => http.remove<void>(linkPath(id));

/** What differs and what would change; nothing is changed. */
export const tryTagLink = (id: string) => http.get<LinkReport>(`${linkPath(id)}/report`);

/** Compare everybody for good, and try refused changes again. */
export const reconcileTagLink = (id: string) =>
  http.post<{ tried_again: number }>(`${linkPath(id)}/reconcile`);
