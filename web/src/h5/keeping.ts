/** What stays on the phone: the draft, and the number an answer is sent under. */

import type { Answers } from "./types";

interface Draft {
  version: number;
  answers: Answers;
  page: number;
}

const draftKey = (token: string) => `quanyu-form:${token}`;
const sentKey = (token: string) => `quanyu-form-sent:${token}`;

/** Phones may forbid keeping anything; the form works without. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Full or forbidden.
  }
}

/** Answers to another version may no longer fit: they are left behind. */
export function draftOf(token: string, version: number): Draft | null {
  try {
    const kept = JSON.parse(read(draftKey(token)) ?? "null") as Draft | null;
    return kept?.version === version ? kept : null;
  } catch {
    return null;
  }
}

export const keepDraft = (token: string, draft: Draft) => write(draftKey(token), JSON.stringify(draft));

export function clearDraft(token: string): void {
  write(draftKey(token), null);
  write(sentKey(token), null);
}

/** The same answers go under the same number, however often they are sent. */
export function submissionOf(token: string, answers: Answers): string {
  const body = JSON.stringify(answers);
  try {
    const kept = JSON.parse(read(sentKey(token)) ?? "null") as { body: string; id: string } | null;
    if (kept?.body === body) return kept.id;
  } catch {
    // Not ours: a new number.
  }
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  write(sentKey(token), JSON.stringify({ body, id }));
  return id;
}
