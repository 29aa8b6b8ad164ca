import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { officialAccountsQuery } from "../../api/channels";
import { groupsQuery } from "../../api/wecom/groups";
import { staffQuery } from "../../api/wecom/staff";
import { useDebounced } from "../../ui/useDebounced";
import type { RelationCondition } from "./belonging";

interface Tie {
  value: string;
  label: string;
}

/** Groups, accounts or members of staff to choose from, and a search in those too many to list. */
export function useTies(to: RelationCondition["to"]): { options: Tie[]; search: (text: string) => void } {
  const [text, setText] = useState("");
  const q = useDebounced(text.trim(), 250) || undefined;
  const groups = useQuery({ ...groupsQuery({ q }), enabled: to === "group" });
  const accounts = useQuery({ ...officialAccountsQuery, enabled: to === "account" });
  const staff = useInfiniteQuery({ ...staffQuery({ q }), enabled: to === "staff" });
  const found = {
    group: groups.data?.items.map((one) => ({ value: one.chat_id, label: one.name || one.chat_id })),
    account: accounts.data?.items.map((one) => ({ value: one.app_id, label: one.name || one.app_id })),
    staff: staff.data?.pages
      .flatMap((page) => page.items)
      .map((one) => ({ value: one.userid, label: one.name ? `${one.name} (${one.userid})` : one.userid })),
  };
  return { options: found[to] ?? [], search: setText };
}
