import { useState } from "react";
import { useSearchState } from "../../ui/useSearchState";

interface Question<T> {
  /** What the form shows. */
  draft: T;
  setDraft: (draft: T) => void;
  /** What was asked last, kept in the address so that a link shows the same figures. */
  asked: T | null;
  ask: () => void;
}

/** A form and the question asked with it; each tab has its own place in the address. */
export function useQuestion<T extends object>(name: string, initial: T): Question<T> {
  const [text, setText] = useSearchState(name);
  const asked = readQuestion<T>(text);
  const [draft, setDraft] = useState<T>({ ...initial, ...asked });
  return { draft, setDraft, asked, ask: () => setText(JSON.stringify(draft)) };
}

/** A question from an address; what is no question is none. The server stays the judge of its parts. */
export function readQuestion<T extends object>(text: string): T | null {
  if (!text) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as T) : null;
  } catch {
    return null;
  }
}
