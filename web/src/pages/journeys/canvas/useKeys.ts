import { useEffect, useRef } from "react";

interface Deeds {
  undo: () => void;
  redo: () => void;
  copy: () => void;
  paste: () => void;
}

/** The keys everybody knows, wherever the eye is on the page; where words are typed they stay the browser's. */
export function useKeys(deeds: Deeds): void {
  const latest = useRef(deeds);
  useEffect(() => {
    latest.current = deeds;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
      const deed = deedOf(event);
      if (deed === null || (deed === "copy" && String(getSelection() ?? "") !== "")) return;
      event.preventDefault();
      latest.current[deed]();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function deedOf({ key, shiftKey }: KeyboardEvent): keyof Deeds | null {
  switch (key.toLowerCase()) {
    case "z":
      return shiftKey ? "redo" : "undo";
    case "y":
      return "redo";
    case "c":
      return "copy";
    case "v":
      return "paste";
    default:
      return null;
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
