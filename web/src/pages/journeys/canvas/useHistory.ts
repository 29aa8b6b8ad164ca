import { useCallback, useReducer } from "react";

interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What made the last change: the same again within a moment is one change, as typing is. */
  mark: string | null;
  at: number;
}

type Deed<T> = { do: "put"; next: T; mark: string | null; at: number } | { do: "undo" } | { do: "redo" };

const STEPS_MAX = 100;
const TOGETHER_MS = 1_000;

export function turn<T>(history: History<T>, deed: Deed<T>): History<T> {
  const { past, present, future } = history;
  switch (deed.do) {
    case "put": {
      if (deed.next === present) return history;
      const goesOn =
        deed.mark !== null &&
        deed.mark === history.mark &&
        deed.at - history.at < TOGETHER_MS &&
        past.length > 0;
      const before = goesOn ? past : [...past, present].slice(-STEPS_MAX);
      return { past: before, present: deed.next, future: [], mark: deed.mark, at: deed.at };
    }
    case "undo": {
      const last = past.at(-1);
      if (last === undefined) return history;
      return { past: past.slice(0, -1), present: last, future: [present, ...future], mark: null, at: 0 };
    }
    case "redo": {
      const [next, ...rest] = future;
      if (next === undefined) return history;
      return { past: [...past, present], present: next, future: rest, mark: null, at: 0 };
    }
  }
}

export interface Undoable<T> {
  present: T;
  put: (next: T, mark?: string) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}

/** A value whose changes can be taken back and done again. */
export function useHistory<T>(initial: T): Undoable<T> {
  const [history, dispatch] = useReducer(turn<T>, {
    past: [],
    present: initial,
    future: [],
    mark: null,
    at: 0,
  });
  const put = useCallback(
    (next: T, mark?: string) => dispatch({ do: "put", next, mark: mark ?? null, at: Date.now() }),
    [],
  );
  const undo = useCallback(() => dispatch({ do: "undo" }), []);
  const redo = useCallback(() => dispatch({ do: "redo" }), []);
  const { present, past, future } = history;
  return { present, put, undo, redo, canUndo: past.length > 0, canRedo: future.length > 0 };
}
