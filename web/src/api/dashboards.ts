/** Saved analyses, boards, and notes about days. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type SavedAnalysis = Schemas["SavedAnalysis"];
export type AskedAnalysis = SavedAnalysis["asked"];
export type Board = Schemas["Board"];
export type BoardRow = Schemas["BoardRow"];
export type BoardDraft = Schemas["BoardDraft"];
export type BoardFilters = Schemas["BoardFilters"];
export type ShownBoard = Schemas["ShownBoard"];
export type ShownCard = Schemas["ShownCard"];
export type Card = ShownCard["card"];
export type Annotation = Schemas["Annotation"];

const ANALYSES = `${API}/analyses`;
const BOARDS = `${API}/dashboards`;
const NOTES = `${API}/annotations`;
const at = (base: string, id: string) => `${base}/${encodeURIComponent(id)}`;

export const analysesQuery = queryOptions({
  queryKey: ["analyses"],
  queryFn: ({ signal }) => http.get<Schemas["SavedAnalyses"]>(ANALYSES, undefined, signal),
});

export const analysisQuery = (id: string) =>
  queryOptions({
    queryKey: ["analyses", id],
    queryFn: ({ signal }) => http.get<SavedAnalysis>(at(ANALYSES, id), undefined, signal),
  });

export const saveAnalysis = (name: string, asked: AskedAnalysis) =>
  http.post<SavedAnalysis>(ANALYSES, { name, asked });

export const dropAnalysis = (id: string) => http.remove<void>(at(ANALYSES, id));

export const boardsQuery = queryOptions({
  queryKey: ["boards"],
  queryFn: ({ signal }) => http.get<Schemas["BoardList"]>(BOARDS, undefined, signal),
});

/** A board under filters; without them under those it opens with. */
export const boardQuery = (id: string, filters: BoardFilters | null) =>
  queryOptions({
    queryKey: ["boards", id, filters],
    queryFn: ({ signal }) =>
      filters
        ? http.post<ShownBoard>(`${at(BOARDS, id)}/show`, filters, signal)
        : http.get<ShownBoard>(at(BOARDS, id), undefined, signal),
    placeholderData: (before) => (before?.board.id === id ? before : undefined),
  });

export const addBoard = (draft: BoardDraft) => http.post<Board>(BOARDS, draft);

export const changeBoard = (board: Board, draft: BoardDraft) =>
  http.put<Board>(at(BOARDS, board.id), { ...draft, version: board.version });

export const dropBoard = (id: string) => http.remove<void>(at(BOARDS, id));

/** Put a card at the end of a board as it is now. */
export async function pinCard(id: string, card: Card): Promise<Board> {
  const { board } = await http.get<ShownBoard>(at(BOARDS, id));
  return changeBoard(board, { ...board.draft, cards: [...(board.draft.cards ?? []), card] });
}

export const annotationsQuery = queryOptions({
  queryKey: ["annotations"],
  queryFn: ({ signal }) => http.get<Schemas["Annotations"]>(NOTES, undefined, signal),
  staleTime: 60_000,
});

export const annotate = (day: string, text: string) => http.post<Annotation>(NOTES, { day, text });

export const dropAnnotation = (id: string) => http.remove<void>(at(NOTES, id));
