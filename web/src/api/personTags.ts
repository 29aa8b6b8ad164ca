/** Tags of ours on people: groups, who carries what, changes of many people, and rules. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, LIVE_MS } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type PersonTagGroup = Schemas["PersonTagGroupView"];
export type OwnTag = Schemas["PersonTagView"];
export type TagColor = Schemas["Color"];
export type CarriedTag = Schemas["CarriedTag"];
export type TagJob = Schemas["TagJobView"];
export type TagJobPreview = Schemas["TagJobPreview"];
export type TagRule = Schemas["TagRule"];
export type RulePreview = Schemas["RulePreview"];

const TAGS = `${API}/person-tags`;
const tagPath = (id: string) => `${TAGS}/${encodeURIComponent(id)}`;
const groupPath = (id: string) => `${TAGS}/groups/${encodeURIComponent(id)}`;

export const tagBookQuery = queryOptions({
  queryKey: ["person-tags"],
  queryFn: ({ signal }) => http.get<{ groups: PersonTagGroup[] }>(TAGS, undefined, signal),
  refetchInterval: CALM_MS,
});

export interface GroupDraft {
  name: string;
  color: TagColor;
  is_exclusive: boolean;
}

export const saveTagGroup = (id: string | null, draft: GroupDraft) =>
  id ? http.put<unknown>(groupPath(id), draft) : http.post<unknown>(`${TAGS}/groups`, draft);

export const deleteTagGroup = (id: string) => http.remove<void>(groupPath(id));

export interface TagDraft {
  name: string;
  description: string;
  lasts_days: number | null;
}

export const saveOwnTag = (group: string, id: string | null, draft: TagDraft) =>
  id ? http.put<unknown>(tagPath(id), draft) : http.post<unknown>(TAGS, { group, ...draft });

export const deleteOwnTag = (id: string) => http.remove<void>(tagPath(id));

/** All groups, in the order they are to stand in. */
export const arrangeTagGroups = (ids: readonly string[]) => http.put<void>(`${TAGS}/order`, { ids });

/** Tags of one group, in the order they are to stand in. */
export const arrangeOwnTags = (group: string, ids: readonly string[]) =>
  http.put<void>(`${TAGS}/order?group=${encodeURIComponent(group)}`, { ids });

export const carriedTagsQuery = (person: string) =>
  queryOptions({
    queryKey: ["carried-tags", person],
    queryFn: ({ signal }) =>
      http.get<{ items: CarriedTag[] }>(
        `${API}/people/${encodeURIComponent(person)}/person-tags`,
        undefined,
        signal,
      ),
    refetchInterval: CALM_MS,
  });

export interface TagChange {
  add?: readonly string[];
  remove?: readonly string[];
  /** Let the rules of these tags decide again. */
  release?: readonly string[];
  /** When what is given ends; the tag's own length where it is left out. */
  expires_at?: string;
}

export const changeTagsOf = (people: readonly string[], change: TagChange) =>
  http.post<{ people: number; unknown: number }>(`${TAGS}/change`, { people, ...change });

export interface JobDraft extends TagChange {
  people?: readonly string[];
  segment?: string;
}

export const jobPreviewQuery = (draft: JobDraft) =>
  queryOptions({
    queryKey: ["person-tag-job-preview", draft],
    queryFn: () => http.post<TagJobPreview>(`${TAGS}/jobs/preview`, draft),
    staleTime: 5_000,
  });

export const startTagJob = (draft: JobDraft) => http.post<{ id: string }>(`${TAGS}/jobs`, draft);

export const tagJobsQuery = queryOptions({
  queryKey: ["person-tag-jobs"],
  queryFn: ({ signal }) => http.get<{ items: TagJob[] }>(`${TAGS}/jobs`, undefined, signal),
  refetchInterval: LIVE_MS,
});

export const tagRuleQuery = (tag: string) =>
  queryOptions({
    queryKey: ["person-tag-rule", tag],
    queryFn: ({ signal }) => http.get<{ rule: TagRule | null }>(`${tagPath(tag)}/rule`, undefined, signal),
  });

export const tryTagRule = (tag: string, definition: TagRule["definition"]) =>
  http.post<RulePreview>(`${tagPath(tag)}/rule/preview`, { definition });

export const setTagRule = (tag: string, definition: TagRule["definition"]) =>
  http.put<void>(`${tagPath(tag)}/rule`, { definition });

export const clearTagRule = (tag: string) => http.remove<void>(`${tagPath(tag)}/rule`);
