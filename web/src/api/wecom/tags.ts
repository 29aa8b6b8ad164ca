/** Corp tags: the company's groups and tags, who carries them, conflicts and failures. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { http } from "../client";
import { API, CALM_MS, LIVE_MS } from "../queries";
import type { components } from "../schema";
import type { Page } from "../types";

type Schemas = components["schemas"];

export type CorpTags = Schemas["CorpTags"];
export type CorpTagGroup = Schemas["CorpTagGroup"];
export type CorpTag = Schemas["CorpTag"];
export type ConflictPolicy = Schemas["ConflictPolicy"];
export type TagConflict = Schemas["TagConflict"];
export type CorpTagFailure = Schemas["CorpTagFailure"];
export type PersonCorpTag = Schemas["PersonCorpTag"];
export type CorpTaggingTaken = Schemas["CorpTaggingTaken"];

const TAGS = `${API}/corp-tags`;
const itemPath = (id: string) => `${TAGS}/items/${encodeURIComponent(id)}`;

export const corpTagsQuery = (corp: string) =>
  queryOptions({
    queryKey: ["corp-tags", corp],
    queryFn: ({ signal }) => http.get<CorpTags>(TAGS, { corp }, signal),
    refetchInterval: LIVE_MS,
  });

/** New tags, in a group that is there (by id) or in a new one (by name). */
export const createCorpTags = (
  corp: string,
  group: { id: string } | { name: string },
  names: readonly string[],
) =>
  http.post<CorpTagGroup>(TAGS, {
    corp,
    names,
    ...("id" in group ? { group: group.id } : { group_name: group.name }),
  });

export const renameCorpTag = (corp: string, id: string, name: string) =>
  http.put<void>(itemPath(id), { corp, name });

export const deleteCorpTag = (corp: string, id: string) =>
  http.remove<void>(`${itemPath(id)}?corp=${encodeURIComponent(corp)}`);

/** Tags of one group, or groups, in the order they are to stand in. */
export const arrangeCorpTags = (corp: string, ids: readonly string[]) =>
  http.put<void>(`${TAGS}/order`, { corp, ids });

export const setTagPolicy = (corp: string, policy: ConflictPolicy) =>
  http.put<void>(`${TAGS}/policy`, { corp, policy });

export const readCorpTags = (corp: string) => http.post<void>(`${TAGS}/sync`, { corp });

export interface CorpTagging {
  corp: string;
  people: readonly string[];
  staff?: string;
  add?: readonly string[];
  remove?: readonly string[];
}

/** Give tags to customers, or take them: at most 5,000 people in one call. */
export const tagCustomers = (tagging: CorpTagging) => http.post<CorpTaggingTaken>(`${TAGS}/people`, tagging);

export const personCorpTagsQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-corp-tags", person],
    queryFn: ({ signal }) =>
      http.get<{ items: PersonCorpTag[] }>(`${TAGS}/people/${encodeURIComponent(person)}`, undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const tagConflictsQuery = (corp: string) =>
  infiniteQueryOptions({
    queryKey: ["corp-tag-conflicts", corp],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<TagConflict>>(`${TAGS}/conflicts`, { corp, limit: 20, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : CALM_MS),
  });

export const corpTagFailuresQuery = (corp: string) =>
  queryOptions({
    queryKey: ["corp-tag-failures", corp],
    queryFn: ({ signal }) => http.get<{ items: CorpTagFailure[] }>(`${TAGS}/failures`, { corp }, signal),
    refetchInterval: CALM_MS,
  });
