import { useCallback, useEffect, useState } from "react";
import type { Definition } from "./definition";

/** Work that was not saved, as the window keeps it. */
export interface Kept {
  name: string;
  definition: Definition;
}

function read(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
  } catch {
    return null; // Not ours, or cut short: nothing to offer.
  }
}

/** Full or forbidden storage keeps nothing, and nobody is stopped by that: the window still asks before it closes. */
function write(key: string, kept: Kept): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {}
}

/**
 * Keep unsaved work in this window, so that going elsewhere loses nothing, and offer it on return.
 * Closing the window asks first.
 */
export function useKept(id: string | null, work: Kept, isDirty: boolean) {
  const key = `quanyu.journey.${id ?? "new"}`;
  const [offered, setOffered] = useState(() => read(key));
  const { name, definition } = work;
  useEffect(() => {
    if (!isDirty) return;
    write(key, { name, definition });
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [key, name, definition, isDirty]);
  const forget = useCallback(() => {
    sessionStorage.removeItem(key);
    setOffered(null);
  }, [key]);
  return { offered: isDirty ? null : offered, forget };
}
