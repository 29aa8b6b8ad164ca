import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Forget every filter of the page at once: single changes in one tick would overwrite each other. */
export function useClearSearch(): () => void {
  const [, setParams] = useSearchParams();
  return useCallback(() => setParams({}, { replace: true }), [setParams]);
}

/** One filter of a page, kept in its address so that a link shows the same list. */
export function useSearchState(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace: true },
      ),
    [name, setParams],
  );
  return [params.get(name) ?? "", set];
}
