import { type ReactNode, useId } from "react";
import styles from "./content.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value, said where it is. */
  problem?: ReactNode;
  children: (id: string) => ReactNode;
}

/** A control with its label above and what is to be said about it below. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <small>{hint}</small>}
      {problem && (
        <small role="alert" className={styles.problem}>
          {problem}
        </small>
      )}
    </div>
  );
}
