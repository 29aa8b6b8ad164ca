/** The brand's own message templates: kept, previewed, checked and tried out. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, pages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type TemplateVariant = Schemas["TemplateVariant"];
export type SaveTemplate = Schemas["SaveMessageTemplate"];
export type OwnTemplate = Schemas["MessageTemplateView"];
export type TemplateVersion = Schemas["TemplateVersionView"];
export type VariantPreview = Schemas["VariantPreview"];
export type MissingReport = Schemas["MissingReport"];
export type LackingPerson = Schemas["LackingPerson"];
export type SentTests = Schemas["SentTests"];

const PATH = `${API}/message-templates`;
const KEY = "own-message-templates";
const one = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export const templatesQuery = pages<OwnTemplate>([KEY], PATH);

/** The first of them, for choosing one to begin with. */
export const templateChoicesQuery = queryOptions({
  queryKey: [KEY, "choices"],
  queryFn: ({ signal }) => http.get<{ items: OwnTemplate[] }>(PATH, { limit: 200 }, signal),
});

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, id],
    queryFn: ({ signal }) => http.get<OwnTemplate>(one(id), undefined, signal),
  });

export const templateVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, id, "versions"],
    queryFn: ({ signal }) => http.get<{ items: TemplateVersion[] }>(`${one(id)}/versions`, undefined, signal),
  });

export const templatePreviewQuery = (person: string, variant: TemplateVariant) =>
  queryOptions({
    queryKey: ["message-template-preview", person, variant],
    queryFn: ({ signal }) =>
      http.post<{ items: VariantPreview[] }>(
        `${PATH}/preview`,
        { person_id: person, variants: [variant] },
        signal,
      ),
    retry: false,
    gcTime: 60_000,
  });

export const missingPeopleQuery = (segment: string, attribute: string) =>
  pages<LackingPerson>(["message-template-missing", segment, attribute], `${PATH}/missing/people`, {
    segment,
    attribute,
  });

export const askMissing = (segment_id: string, variants: readonly TemplateVariant[]) =>
  http.post<MissingReport>(`${PATH}/missing`, { segment_id, variants });

export const sendTest = (key: string, person_ids: readonly string[], variant: TemplateVariant) =>
  http.post<SentTests>(`${PATH}/test`, { key, person_ids, variant });

export const saveTemplate = (id: string | null, template: SaveTemplate) =>
  id === null ? http.post<OwnTemplate>(PATH, template) : http.put<OwnTemplate>(one(id), template);

export const removeTemplate = (id: string) => http.remove<void>(one(id));

export const TEMPLATES_KEY = [KEY];
