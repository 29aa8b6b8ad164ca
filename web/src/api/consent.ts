/** Consent: what a person said, purposes, texts and their coverage. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Purpose = Schemas["PurposeView"];
export type Basis = Schemas["Basis"];
export type ConsentText = Schemas["ConsentTextView"];
export type ConsentCoverage = Schemas["ConsentCoverage"];
export type ConsentOfPerson = Schemas["ConsentOfPerson"];
export type Standing = Schemas["ConsentStanding"];
export type ConsentEntry = Schemas["ConsentEntryView"];
export type ConsentChannel = Schemas["ConsentChannel"];
export type ConsentState = Schemas["ConsentState"];

/** What a purpose, or a channel, is called that means all of them. */
export const EVERY = "*";
export const CHANNELS = ["official_account", "mini_program", "wecom", "sms", "email", "call"] as const;
export const BASES: readonly Basis[] = ["consent", "until_withdrawn", "contract", "legal_duty"];

const PURPOSES = `${API}/consent-purposes`;
const purposePath = (key: string) => `${PURPOSES}/${encodeURIComponent(key)}`;
const personPath = (id: string) => `${API}/people/${encodeURIComponent(id)}`;

export const purposesQuery = queryOptions({
  queryKey: ["consent-purposes"],
  queryFn: ({ signal }) => http.get<{ items: Purpose[] }>(PURPOSES, undefined, signal),
});

export const textsQuery = (key: string) =>
  queryOptions({
    queryKey: ["consent-texts", key],
    queryFn: ({ signal }) =>
      http.get<{ items: ConsentText[] }>(`${purposePath(key)}/texts`, undefined, signal),
  });

export const coverageQuery = (key: string) =>
  queryOptions({
    queryKey: ["consent-coverage", key],
    queryFn: ({ signal }) => http.get<ConsentCoverage>(`${purposePath(key)}/coverage`, undefined, signal),
    staleTime: 20_000,
  });

export const consentQuery = (person: string) =>
  queryOptions({
    queryKey: ["consent", person],
    queryFn: ({ signal }) => http.get<ConsentOfPerson>(`${personPath(person)}/consent`, undefined, signal),
  });

export const savePurpose = (key: string, words: Schemas["SavePurpose"]) =>
  http.put<void>(purposePath(key), words);

export const publishText = (key: string, text: Schemas["PublishText"]) =>
  http.post<{ version: number }>(`${purposePath(key)}/texts`, text);

export const sayConsent = (person: string, said: Schemas["SayConsent"]) =>
  http.post<{ is_new: boolean }>(`${personPath(person)}/consent`, said);

export const makePreferencesLink = (person: string) =>
  http.post<{ url: string; expires_at: string }>(`${personPath(person)}/preferences-link`, {});
