import { useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Narrowing } from "../../api/forms";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NAMES = ["from", "to", "source", "unmarked"] as const;

/** Which days and which source the address asks for, and how to ask for others. */
export function useNarrowing() {
  const [params, setParams] = useSearchParams();
  return useMemo(() => {
    const day = (name: string) => (DAY.test(params.get(name) ?? "") ? (params.get(name) ?? "") : "");
    const unmarked = params.get("unmarked") === "true";
    const narrowing: Narrowing = {
      from: day("from"),
      to: day("to"),
      source: unmarked ? "" : (params.get("source") ?? ""),
      unmarked: unmarked ? "true" : "",
    };
    const kept = Object.fromEntries(
      NAMES.filter((one) => narrowing[one]).map((one) => [one, narrowing[one]]),
    );
    const narrow = (part: Partial<Narrowing>) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          for (const [name, value] of Object.entries(part)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: true },
      );
    return { narrowing, kept, narrow, isNarrowed: Object.keys(kept).length > 0 };
  }, [params, setParams]);
}
