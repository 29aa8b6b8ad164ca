import type { ReactNode } from "react";

/** A part of a step under its name. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset style={{ border: 0, padding: 0, margin: "0 0 16px" }}>
      <legend className="muted" style={{ marginBottom: 4 }}>
        {label}
      </legend>
      {children}
    </fieldset>
  );
}
