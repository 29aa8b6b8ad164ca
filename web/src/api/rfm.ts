/** RFM as a brand defines it: settings, movement between classes, channels. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type RfmSettings = Schemas["RfmSettings-Input"];
export type RfmMovement = Schemas["RfmMovement"];
export type RfmChannels = Schemas["RfmChannels"];
export type AskMovement = Schemas["AskMovement"];

export const saveRfmSettings = (settings: RfmSettings) =>
  http.put<RfmSettings>(`${API}/rfm/settings`, settings);

export const rfmMovementQuery = (asked: AskMovement) =>
  queryOptions({
    queryKey: ["rfm-movement", asked],
    queryFn: ({ signal }) => http.post<RfmMovement>(`${API}/rfm/movement`, asked, signal),
  });

export const rfmChannelsQuery = queryOptions({
  queryKey: ["rfm-channels"],
  queryFn: ({ signal }) => http.get<RfmChannels>(`${API}/rfm/channels`, undefined, signal),
});
