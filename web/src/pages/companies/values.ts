/** A value as it is typed: numbers that read back the same are numbers, 是/否 and true/false are truths. */
export function readValue(text: string): string | number | boolean {
  const plain = text.trim();
  if (plain === "true" || plain === "是") return true;
  if (plain === "false" || plain === "否") return false;
  // "007" and long numbers are codes: as a number they would read otherwise.
  if (plain !== "" && String(Number(plain)) === plain && Number.isFinite(Number(plain))) return Number(plain);
  return plain;
}
