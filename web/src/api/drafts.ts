/** Plain words to drafts. Nothing is saved by asking for one. */

import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type SegmentDrafted = Schemas["SegmentDraft"];
export type JourneyDrafted = Schemas["JourneyDraft"];

export const draftSegment = (text: string) => http.post<SegmentDrafted>(`${API}/drafts/segment`, { text });

export const draftJourney = (text: string) => http.post<JourneyDrafted>(`${API}/drafts/journey`, { text });
