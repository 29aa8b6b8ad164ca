/** Values of attributes as somebody types them. */

export const VALUE_KINDS = ["text", "number", "boolean", "list"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

const TRUE = new Set(["true", "yes", "1", "是"]);
const FALSE = new Set(["false", "no", "0", "否"]);
const SEPARATOR = /[,，、;；\n]/;

/** What kind a stored value is; text where nothing is stored. */
export function kindOf(value: unknown): ValueKind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return Array.isArray(value) ? "list" : "text";
}

/** A stored value as it stands in the field. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The value a text stands for; `undefined` where it is none of that kind. */
export function readValue(text: string, kind: ValueKind): unknown {
  const trimmed = text.trim();
  if (kind === "text") return trimmed || undefined;
  if (kind === "number") return trimmed && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
  if (kind === "boolean") {
    const word = trimmed.toLowerCase();
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : undefined;
  }
  const items = trimmed
    .split(SEPARATOR)
    .map((item) => item.trim())
    .filter(Boolean);
  return items.length > 0 ? items : undefined;
}
