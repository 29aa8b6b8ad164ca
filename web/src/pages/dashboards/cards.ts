/** Cards of a board: new ones, and where they stand. */

import type { BoardFilters, Card } from "../../api/dashboards";

export const WIDTHS = [3, 4, 6, 12] as const;

/** An id nobody else on the board has. */
export function newCardId(): string {
  return `c${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** The cards with one moved to another place; outside the row it stays at its end. */
export function moved(cards: readonly Card[], from: number, to: number): Card[] {
  const rest = cards.filter((_, index) => index !== from);
  const card = cards[from];
  return card ? rest.toSpliced(Math.max(0, to), 0, card) : rest;
}

/** The filters of an address; none where it has none. The server stays the judge of its parts. */
export function readFilters(text: string): BoardFilters | null {
  if (!text) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as BoardFilters) : null;
  } catch {
    return null;
  }
}
