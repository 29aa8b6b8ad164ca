const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** A person's number as it is written outside: `per_` and Crockford's base 32. */
export function personId(number: number): string {
  let rest = number;
  let text = "";
  do {
    text = LETTERS.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return `per_${text}`;
}
