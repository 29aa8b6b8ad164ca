import { useCallback, useState } from "react";
import { COLUMNS_MAX } from "./listing";

const STORAGE_KEY = "quanyu.peopleExport.columns";

interface ExportColumns {
  /** The columns of the file, in its order. */
  columns: readonly string[];
  /** Whether they were chosen for exports, instead of being those the list shows. */
  isOwn: boolean;
  choose: (columns: readonly string[]) => void;
  asListed: () => void;
}

/** What an export holds: what the list shows, or an own choice, which this device remembers. */
export function useExportColumns(listed: readonly string[]): ExportColumns {
  const [own, setOwn] = useState<readonly string[] | null>(remembered);
  const choose = useCallback((columns: readonly string[]) => {
    setOwn(columns);
    localStorage.setItem(STORAGE_KEY, JSON.stringify(columns));
  }, []);
  const asListed = useCallback(() => {
    setOwn(null);
    localStorage.removeItem(STORAGE_KEY);
  }, []);
  return { columns: own ?? listed, isOwn: own !== null, choose, asListed };
}

function remembered(): readonly string[] | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null");
    const isChoice = Array.isArray(kept) && kept.every((one) => typeof one === "string");
    return isChoice ? kept.slice(0, COLUMNS_MAX) : null;
  } catch {
    return null;
  }
}
