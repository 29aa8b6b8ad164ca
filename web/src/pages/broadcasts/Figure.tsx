import type { ReactNode } from "react";
import styles from "./broadcasts.module.css";

export function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.figure}>
      <span>{label}</span>
      <strong className="num">{children}</strong>
    </div>
  );
}
