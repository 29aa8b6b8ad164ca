/** The calls about events: what was observed of them. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS } from "./queries";
import type { EventCatalogue, EventDetail } from "./types";

const EVENTS = `${API}/events`;

export const eventCatalogueQuery = queryOptions({
  queryKey: ["event-catalogue"],
  queryFn: ({ signal }) => http.get<EventCatalogue>(`${EVENTS}/catalogue`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const eventDetailQuery = (name: string) =>
  queryOptions({
    queryKey: ["event-catalogue", name],
    queryFn: ({ signal }) => http.get<EventDetail>(`${EVENTS}/catalogue/event`, { name }, signal),
  });
