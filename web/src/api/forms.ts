/** Forms, votes and questionnaires: drafts, versions, results and single answers. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API, CALM_MS, pages } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type FormRow = Schemas["FormRow"];
export type Form = Schemas["Form"];
export type FormDefinition = Schemas["FormDefinition"];
export type FormIssue = Schemas["FormIssue"];
export type FormKind = Schemas["FormKind"];
export type DraftChange = Schemas["DraftChange"];
export type FormResults = Schemas["FormResults"];
export type FormRefusals = Schemas["FormRefusals"];
export type QuestionResult = Schemas["QuestionResult"];
export type OptionCount = Schemas["OptionCount"];
export type AnswerRow = Schemas["AnswerRow"];
export type FormPage = FormDefinition["pages"][number];
export type Question = NonNullable<FormPage["questions"]>[number];
export type Option = Schemas["FormOption"];
export type Jump = Schemas["FormJump"];
export type Condition = NonNullable<Jump["when"]>[number];
export type Rules = NonNullable<FormDefinition["rules"]>;

const FORMS = `${API}/forms`;
const formPath = (id: string) => `${FORMS}/${encodeURIComponent(id)}`;

export const formsQuery = queryOptions({
  queryKey: ["forms"],
  queryFn: ({ signal }) => http.get<{ items: FormRow[] }>(FORMS, undefined, signal),
  refetchInterval: CALM_MS,
});

export const formQuery = (id: string) =>
  queryOptions({
    queryKey: ["forms", id],
    queryFn: ({ signal }) => http.get<Form>(formPath(id), undefined, signal),
  });

export const createForm = (name: string, definition: FormDefinition) =>
  http.post<{ id: string }>(FORMS, { name, definition });

export const saveForm = (id: string, name: string, definition: FormDefinition) =>
  http.put<Form>(formPath(id), { name, definition });

export const deleteForm = (id: string) => http.remove<void>(formPath(id));

export const checkQuery = (name: string, definition: FormDefinition) =>
  queryOptions({
    queryKey: ["form-check", definition],
    queryFn: () => http.post<{ items: FormIssue[] }>(`${FORMS}/check`, { name: name || "–", definition }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const publishPreviewQuery = (id: string) =>
  queryOptions({
    queryKey: ["form-publish-preview", id],
    queryFn: ({ signal }) =>
      http.get<Schemas["PublishPreview"]>(`${formPath(id)}/publish-preview`, undefined, signal),
    staleTime: 0,
    gcTime: 0,
  });

export const publishForm = (id: string) => http.post<Form>(`${formPath(id)}/publish`);

export const setFormState = (id: string, state: "open" | "closed" | "archived") =>
  http.put<Form>(`${formPath(id)}/state`, { state });

export const formImage = (id: string, marks: { s?: string; c?: string; scale?: number; format?: string }) =>
  withQuery(`${formPath(id)}/image`, marks);

/** Which days (both included) and which source results are of; empty is any. */
export interface Narrowing {
  from: string;
  to: string;
  source: string;
  /** `true`: only those whose link names no source. */
  unmarked: string;
}

export const formResultsQuery = (id: string, narrowing: Narrowing) =>
  queryOptions({
    queryKey: ["form-results", id, narrowing],
    queryFn: ({ signal }) => http.get<FormResults>(`${formPath(id)}/results`, { ...narrowing }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

/** Refused answers are counted by day, without a source. */
export const formRefusalsQuery = (id: string, { from, to }: Narrowing) =>
  queryOptions({
    queryKey: ["form-refusals", id, from, to],
    queryFn: ({ signal }) => http.get<FormRefusals>(`${formPath(id)}/refusals`, { from, to }, signal),
    refetchInterval: CALM_MS,
  });

export const wordsQuery = (id: string, question: string, narrowing: Narrowing) =>
  queryOptions({
    queryKey: ["form-words", id, question, narrowing],
    queryFn: ({ signal }) =>
      http.get<Schemas["QuestionWords"]>(`${formPath(id)}/words`, { question, ...narrowing }, signal),
    staleTime: 60_000,
  });

export const crossQuery = (id: string, rows: string, columns: string, narrowing: Narrowing) =>
  queryOptions({
    queryKey: ["form-cross", id, rows, columns, narrowing],
    queryFn: ({ signal }) =>
      http.get<Schemas["CrossTable"]>(`${formPath(id)}/cross`, { rows, columns, ...narrowing }, signal),
    enabled: rows !== "" && columns !== "" && rows !== columns,
  });

export const answersQuery = (id: string, question: string, value: string, narrowing: Narrowing) =>
  pages<AnswerRow>(["form-answers", id], `${formPath(id)}/answers`, {
    question: question || undefined,
    value: question ? value : undefined,
    ...narrowing,
  });

export const deleteAnswer = (id: string, answer: string) =>
  http.remove<void>(`${formPath(id)}/answers/${encodeURIComponent(answer)}`);

/** A file of the answers that the list of the same question, value and days shows. */
export const exportAddress = (id: string, question: string, value: string, narrowing: Narrowing) =>
  withQuery(`${formPath(id)}/export`, { question, value, ...narrowing });

export const personFormsQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-forms", person],
    queryFn: ({ signal }) =>
      http.get<Schemas["PersonForms"]>(
        `${API}/people/${encodeURIComponent(person)}/forms`,
        undefined,
        signal,
      ),
  });

/** Where a file of an answer is looked at or kept. */
export const answerFile = (form: string, answer: string, file: string) =>
  `${formPath(form)}/answers/${encodeURIComponent(answer)}/files/${encodeURIComponent(file)}`;
