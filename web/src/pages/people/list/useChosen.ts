import { useCallback, useEffect, useState } from "react";
import type { PeopleFilter } from "../../../api/peopleLists";

export interface Chosen {
  ids: ReadonlySet<string>;
  /** Everybody the filter names, not only who was ticked. */
  everyone: boolean;
  choose: (ids: readonly string[], chosen: boolean) => void;
  chooseEveryone: () => void;
  clear: () => void;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Who is ticked. Another filter names other people: whoever was ticked under the last one is let go. */
export function useChosen(filter: PeopleFilter): Chosen {
  const [ids, setIds] = useState(NOBODY);
  const [everyone, setEveryone] = useState(false);
  const clear = useCallback(() => {
    setIds(NOBODY);
    setEveryone(false);
  }, []);
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter's content decides, not its object.
  useEffect(clear, [key]);
  const choose = useCallback((some: readonly string[], chosen: boolean) => {
    setEveryone(false);
    setIds((now) => {
      const next = new Set(now);
      for (const id of some) {
        if (chosen) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);
  return { ids, everyone, choose, chooseEveryone: useCallback(() => setEveryone(true), []), clear };
}
