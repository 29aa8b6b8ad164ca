import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { codesQuery, officialAccountsQuery } from "../../api/channels";
import { liveCodesQuery } from "../../api/wecom/codes";
import { useDebounced } from "../../ui/useDebounced";

const SEARCH_MS = 250;
/** Where a filter reads what a code says: the scene of a source code, the id of a staff live code. */
const SCENE = "context.source";
const LIVE_CODE = "properties.code";
const ADDED_BY_CODE = "staff.added_by_code";

interface Codes {
  options: { value: string; label: string }[];
  search: (text: string) => void;
}

/** Codes by their names, for a field that takes codes; `null` for every other field. */
export function useCodes(field: string, events: readonly string[]): Codes | null {
  const [text, setText] = useState("");
  const q = useDebounced(text.trim(), SEARCH_MS);
  const takesScene = field === SCENE;
  const takesLive = field === LIVE_CODE && events.includes(ADDED_BY_CODE);
  const accounts = useQuery({ ...officialAccountsQuery, enabled: takesScene });
  const listed = accounts.data?.items ?? [];
  const scenes = useQueries({
    queries: listed.map((account) => ({ ...codesQuery(account.id, q), enabled: takesScene })),
  });
  const live = useInfiniteQuery({ ...liveCodesQuery({ q: q || undefined }), enabled: takesLive });
  if (takesScene) {
    const options = scenes.flatMap((found, index) =>
      (found.data?.items ?? []).map((code) => ({
        value: code.scene,
        label: listed.length > 1 ? `${code.name} · ${listed[index]?.name}` : code.name,
      })),
    );
    return { options, search: setText };
  }
  if (takesLive) {
    const rows = live.data?.pages.flatMap((page) => page.items) ?? [];
    return { options: rows.map((code) => ({ value: code.id, label: code.name })), search: setText };
  }
  return null;
}
