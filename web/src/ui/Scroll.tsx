import type { ReactNode } from "react";
import styles from "./ui.module.css";

/** A table that may be wider than the page: scrolled by hand, and by the arrow keys once reached with Tab. A tall one keeps
 * to a part of the screen. */
export function Scroll({ label, tall, children }: { label: string; tall?: boolean; children: ReactNode }) {
  return (
    <section
      className={tall ? `${styles.scroll} ${styles.tall}` : styles.scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label={label}
    >
      {children}
    </section>
  );
}
