import type { ReactNode } from "react";
import styles from "./ui.module.css";

/** Nothing here yet: says why, and what brings the first one. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true">
        <ellipse cx="32" cy="35" rx="26" ry="3.5" fill="var(--line)" />
        <path
          d="M16 12h28v8a12 12 0 0 1-12 12h-4a12 12 0 0 1-12-12z"
          fill="var(--surface)"
          stroke="var(--line-strong)"
          strokeWidth="2"
        />
        <path d="M44 15h4a4.5 4.5 0 0 1 0 9h-4.6" fill="none" stroke="var(--line-strong)" strokeWidth="2" />
        <path
          d="M25 8c0-2 2-2 2-4M33 8c0-2 2-2 2-4"
          fill="none"
          stroke="var(--jade)"
          strokeWidth="2"
          strokeLinecap="round"
        />
      </svg>
      <h3>{title}</h3>
      {children && <div className={styles.emptyText}>{children}</div>}
      {action && <div className={styles.emptyAction}>{action}</div>}
    </div>
  );
}
