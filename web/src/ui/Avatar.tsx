import styles from "./ui.module.css";

/** Muted hues that stay apart from the colours that mean something (red, amber). */
const HUES = [158, 188, 208, 232, 262, 128, 96, 284];

function hueOf(seed: string): number {
  let hash = 0;
  for (const char of seed) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return HUES[hash % HUES.length] ?? 158;
}

/** The last character of a Chinese given name, else the first letter: how people are called. */
function initialOf(name: string): string {
  const chars = [...name.replace(/[*\s]+/g, "")];
  const picked = /\p{Script=Han}/u.test(name) ? chars.at(-1) : chars[0];
  return (picked ?? "·").toUpperCase();
}

export function Avatar({ seed, name, size = 34 }: { seed: string; name: string | null; size?: number }) {
  const hue = hueOf(seed);
  return (
    <span
      className={styles.avatar}
      aria-hidden="true"
      style={{ width: size, height: size, fontSize: size * 0.42, ["--hue" as string]: hue }}
    >
      {name ? initialOf(name) : "·"}
    </span>
  );
}
