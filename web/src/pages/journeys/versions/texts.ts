/** What of a text was put in and taken away, word by word. */

export interface Piece {
  text: string;
  is: "same" | "gone" | "new";
}

const TOKENS_MAX = 600;

/** Words, or single characters where a script has no spaces. */
function tokens(text: string): string[] {
  return text.match(/[\p{Script=Latin}\d_]+|./gsu) ?? [];
}

/** The pieces of two texts in order. Long texts are told as a whole. */
export function compare(before: string, after: string): Piece[] {
  const [old, fresh] = [tokens(before), tokens(after)];
  if (old.length > TOKENS_MAX || fresh.length > TOKENS_MAX) {
    return joined([
      { text: before, is: "gone" },
      { text: after, is: "new" },
    ]);
  }
  const common = commonLengths(old, fresh);
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  const at = (row: number, column: number) => common[row]?.[column] ?? 0;
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      pieces.push({ text: old[i] as string, is: "same" });
      i += 1;
      j += 1;
    } else if (i < old.length && (j === fresh.length || at(i + 1, j) >= at(i, j + 1))) {
      pieces.push({ text: old[i] as string, is: "gone" });
      i += 1;
    } else {
      pieces.push({ text: fresh[j] as string, is: "new" });
      j += 1;
    }
  }
  return joined(pieces);
}

/** For every pair of ends of the two, how many tokens they have in common in order. */
function commonLengths(old: readonly string[], fresh: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(fresh.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const [row, next] = [lengths[i] as number[], lengths[i + 1] as number[]];
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      row[j] =
        old[i] === fresh[j] ? (next[j + 1] as number) + 1 : Math.max(next[j] as number, row[j + 1] as number);
    }
  }
  return lengths;
}

function joined(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last?.is === piece.is) found[found.length - 1] = { ...last, text: last.text + piece.text };
    else if (piece.text !== "") found.push(piece);
  }
  return found;
}
