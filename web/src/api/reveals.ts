/** Identifiers of one person in full: for a reason, written down. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type RevealedValue = Schemas["RevealedValue"];
export type RevealNote = Schemas["RevealNote"];

const personPath = (person: string) => `${API}/people/${encodeURIComponent(person)}`;

export const revealPerson = (person: string, fields: readonly string[], reason: string) =>
  http.post<{ items: RevealedValue[] }>(`${personPath(person)}/reveal`, { fields, reason });

export const revealsQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-reveals", person],
    queryFn: ({ signal }) =>
      http.get<{ items: RevealNote[] }>(`${personPath(person)}/reveals`, undefined, signal),
  });
