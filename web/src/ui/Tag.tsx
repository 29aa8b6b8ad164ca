import type { ReactNode } from "react";
import styles from "./ui.module.css";

export type Tone = "plain" | "jade" | "amber" | "red" | "blue";

export function Tag({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${styles.tag} ${styles[tone]}`}>{children}</span>;
}

export function Dot({ tone = "plain" }: { tone?: Tone }) {
  return <span className={`${styles.dot} ${styles[tone]}`} aria-hidden="true" />;
}
