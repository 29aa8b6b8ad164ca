/** The calls about dead letters: events that one subscriber could not take. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS, pages } from "./queries";
import type { DeadLetter, DeadLetterSummary, LetterEvent } from "./types";

const LETTERS = `${API}/pipeline/dead-letters`;

export const LETTER_STATES = ["waiting", "replayed", "discarded"] as const;
export type LetterState = (typeof LETTER_STATES)[number];

/** Which waiting letters are meant; what is left out does not narrow the choice. */
export interface Which {
  subscriber?: string;
  error?: string;
  position?: string;
}

export const letterSummaryQuery = queryOptions({
  queryKey: ["dead-letters", "summary"],
  queryFn: ({ signal }) => http.get<DeadLetterSummary>(`${LETTERS}/summary`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const lettersQuery = (state: LetterState, subscriber?: string, error?: string) =>
  pages<DeadLetter>(["dead-letters", "list"], LETTERS, { state, subscriber, error });

export const letterEventQuery = (subscriber: string, position: string) =>
  queryOptions({
    queryKey: ["dead-letters", "event", subscriber, position],
    queryFn: ({ signal }) => http.get<LetterEvent>(`${LETTERS}/event`, { subscriber, position }, signal),
  });

export const replayLetters = (which: Which) =>
  http.post<{ replayed: number; failed: number; pending: number }>(`${LETTERS}/replay`, which);

export const discardLetters = (which: Which & { reason: string }) =>
  http.post<{ discarded: number }>(`${LETTERS}/discard`, which);
