/** Amounts are whole fen in the API and yuan on the screen; text in between, never a float. Pure. */

/** 1990 → "19.90" */
export function yuanOf(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** "19.9" → 1990; null for what is not a positive amount of yuan with at most two decimals. */
export function fenOf(yuan: string): number | null {
  const found = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(yuan.trim());
  if (!found) return null;
  const fen = Number(`${found[1]}${(found[2] ?? "").padEnd(2, "0")}`);
  return fen > 0 ? fen : null;
}
