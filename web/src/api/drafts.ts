/** Plain words to drafts. Nothing is saved by asking for one. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type SegmentDrafted = Schemas["SegmentDraft"];
export type JourneyDrafted = Schemas["JourneyDraft"];

export const draftSegment = (text: string) => http.post<SegmentDrafted>(`${API}/drafts/segment`, { text });

export const draftJourney = (text: string) => http.post<JourneyDrafted>(`${API}/drafts/journey`, { text });

export type ModelSettings = Schemas["ModelSettings"];
export type SaveModel = Schemas["SaveModel"];
type ModelCheck = Schemas["ModelCheck"];

export const modelQuery = queryOptions({
  queryKey: ["drafting-model"],
  queryFn: ({ signal }) => http.get<ModelSettings>(`${API}/settings/model`, undefined, signal),
});

export const saveModel = (command: SaveModel) => http.put<ModelSettings>(`${API}/settings/model`, command);

export const removeModel = () => http.remove<void>(`${API}/settings/model`);

export const checkModel = () => http.post<ModelCheck>(`${API}/settings/model/check`);
