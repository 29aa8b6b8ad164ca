export const NAME_MAX = 30;
export const NEW_MAX = 100;
export const PEOPLE_MAX = 5_000;

/** Names from a text, one a line or between commas; what is there twice counts once. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\n,，;；]/).map((name) => name.trim()))].filter((name) => name !== "");
}

/** Why names cannot be saved, if they cannot. */
export function problemOf(names: readonly string[]): "tooLong" | "tooMany" | null {
  if (names.some((name) => [...name].length > NAME_MAX)) return "tooLong";
  return names.length > NEW_MAX ? "tooMany" : null;
}

/** The list with one item a place further up (-1) or down (1). */
export function moved<T>(items: readonly T[], from: number, by: -1 | 1): T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(from + by, 0, item);
  return next;
}
