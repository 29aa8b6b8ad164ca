import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS } from "./queries";
import type { PersonEvidence, SeparationPreview, SeparationResult } from "./types";

const path = (person: string) => `${API}/people/${encodeURIComponent(person)}/identity`;

/** Why a person's identifiers are one person's, and what was decided about them. */
export const personEvidenceQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-evidence", person],
    queryFn: ({ signal }) => http.get<PersonEvidence>(path(person), undefined, signal),
    refetchInterval: CALM_MS,
  });

/** What taking identifiers away from a person would move; nothing changes. */
export const separationPreviewQuery = (person: string, identities: string[]) =>
  queryOptions({
    queryKey: ["separation-preview", person, identities],
    queryFn: () => http.post<SeparationPreview>(`${path(person)}/preview`, { identities }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });

export const separateIdentities = (person: string, identities: string[], reason: string) =>
  http.post<SeparationResult>(`${path(person)}/separate`, { identities, reason });

export const markIdentity = (person: string, identity: string, isShared: boolean, reason: string) =>
  http.post<SeparationResult>(`${path(person)}/mark`, { identity, is_shared: isShared, reason });

export const undoIdentityDecision = (decision: string) =>
  http.post<SeparationResult>(`${API}/identity-decisions/${decision}/undo`);
