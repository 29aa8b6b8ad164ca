/** The calls about connected accounts, as in queries.ts. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API, CALM_MS, LIVE_MS } from "./queries";
import type {
  AccountHealth,
  AccountTag,
  ChannelCheck,
  CodeStatistics,
  ConnectedAccount,
  ConnectedMiniProgram,
  ConnectMiniProgram,
  ConnectOfficialAccount,
  Material,
  MaterialKind,
  Materials,
  Menu,
  MenuDraft,
  MiniProgram,
  NewSourceCode,
  OfficialAccount,
  PersonTag,
  Publication,
  Quotas,
  ReplyDraft,
  ReplyRule,
  SeenCallback,
  SourceCode,
  SourceCodeDraft,
  SourceCodes,
  TagFailure,
  TaggingTaken,
  Trial,
  TrialOutcome,
} from "./types";

const ACCOUNTS = `${API}/channels/official-accounts`;

const MINI_PROGRAMS = `${API}/channels/mini-programs`;

export type Product = "official" | "mini" | "corp" | "gateway";

const PRODUCTS: Record<string, Product> = {
  mpa: "mini",
  wcp: "corp",
  sms: "gateway",
  eml: "gateway",
  whk: "gateway",
};
const PATHS: Record<Product, string> = {
  official: ACCOUNTS,
  mini: MINI_PROGRAMS,
  corp: `${API}/wecom/corps`,
  gateway: `${API}/channels/gateways`,
};

/** The prefix of an id says of which product the account is. */
export const productOf = (id: string): Product => PRODUCTS[id.split("_", 1)[0] ?? ""] ?? "official";

export const accountPath = (id: string) => `${PATHS[productOf(id)]}/${encodeURIComponent(id)}`;

export const officialAccountsQuery = queryOptions({
  queryKey: ["official-accounts"],
  queryFn: ({ signal }) => http.get<{ items: OfficialAccount[] }>(ACCOUNTS, undefined, signal),
});

export const officialAccountQuery = (id: string) =>
  queryOptions({
    queryKey: ["official-accounts", id],
    queryFn: ({ signal }) => http.get<OfficialAccount>(accountPath(id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const connectOfficialAccount = (account: ConnectOfficialAccount) =>
  http.post<ConnectedAccount>(ACCOUNTS, account);

export const miniProgramsQuery = queryOptions({
  queryKey: ["mini-programs"],
  queryFn: ({ signal }) => http.get<{ items: MiniProgram[] }>(MINI_PROGRAMS, undefined, signal),
});

export const miniProgramQuery = (id: string) =>
  queryOptions({
    queryKey: ["mini-programs", id],
    queryFn: ({ signal }) => http.get<MiniProgram>(accountPath(id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const connectMiniProgram = (account: ConnectMiniProgram) =>
  http.post<ConnectedMiniProgram>(MINI_PROGRAMS, account);

export const checkAccount = (id: string) => http.post<{ checks: ChannelCheck[] }>(`${accountPath(id)}/check`);

export const accountTagsQuery = (id: string) =>
  queryOptions({
    queryKey: ["account-tags", id],
    queryFn: ({ signal }) => http.get<{ items: AccountTag[] }>(`${accountPath(id)}/tags`, undefined, signal),
    refetchInterval: LIVE_MS,
  });

/** The tags a person carries on the platform, in whichever account. */
export const personTagsQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-tags", person],
    queryFn: ({ signal }) =>
      http.get<{ items: PersonTag[] }>(
        `${API}/channels/people/${encodeURIComponent(person)}/tags`,
        undefined,
        signal,
      ),
    refetchInterval: CALM_MS,
  });

export const tagFailuresQuery = (id: string) =>
  queryOptions({
    queryKey: ["tag-failures", id],
    queryFn: ({ signal }) =>
      http.get<{ items: TagFailure[] }>(`${accountPath(id)}/tag-failures`, undefined, signal),
    refetchInterval: CALM_MS,
  });

export const saveTag = (id: string, tag: number | null, name: string) =>
  tag === null
    ? http.post<unknown>(`${accountPath(id)}/tags`, { name })
    : http.put<unknown>(`${accountPath(id)}/tags/${tag}`, { name });

export const deleteTag = (id: string, tag: number) => http.remove<void>(`${accountPath(id)}/tags/${tag}`);

/** Give a tag to people, or take it from them: at most 5,000 in one call. */
export const tagPeople = (id: string, tag: number, people: readonly string[], wanted: boolean) =>
  http.post<TaggingTaken>(`${accountPath(id)}/tags/${tag}/people${wanted ? "" : "/remove"}`, { people });

const repliesPath = (id: string) => `${accountPath(id)}/replies`;
const replyPath = (id: string, rule: string) => `${repliesPath(id)}/${encodeURIComponent(rule)}`;

export const repliesQuery = (id: string) =>
  queryOptions({
    queryKey: ["replies", id],
    queryFn: ({ signal }) => http.get<{ items: ReplyRule[] }>(repliesPath(id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const saveReply = (id: string, rule: string | null, draft: ReplyDraft) =>
  rule === null
    ? http.post<ReplyRule>(repliesPath(id), draft)
    : http.put<ReplyRule>(replyPath(id, rule), draft);

/** Set the order in which keyword rules are tried, all at once. */
export const orderReplies = (id: string, rules: readonly string[]) =>
  http.put<void>(`${repliesPath(id)}/order`, { rules });

export const deleteReply = (id: string, rule: string) => http.remove<void>(replyPath(id, rule));

/** What would be answered; nothing is sent. */
export const tryReplies = (id: string, trial: Trial) =>
  http.post<TrialOutcome>(`${repliesPath(id)}/try`, trial);

const codesPath = (id: string) => `${accountPath(id)}/codes`;
const codePath = (id: string, code: string) => `${codesPath(id)}/${encodeURIComponent(code)}`;

export const codesQuery = (id: string, q: string) =>
  queryOptions({
    queryKey: ["codes", id, q],
    queryFn: ({ signal }) => http.get<SourceCodes>(codesPath(id), { q }, signal),
    placeholderData: keepPreviousData,
    // A code that is being made turns ready by itself.
    refetchInterval: (found) =>
      found.state.data?.items.some((code) => code.state === "issuing") ? LIVE_MS : CALM_MS,
  });

export const createCode = (id: string, code: NewSourceCode) => http.post<SourceCode>(codesPath(id), code);

export const changeCode = (id: string, code: string, draft: SourceCodeDraft) =>
  http.put<SourceCode>(codePath(id, code), draft);

/** End a code; its printed pictures lead to `redirect`: another code, or "follow". */
export const archiveCode = (id: string, code: string, redirect: string) =>
  http.post<SourceCode>(`${codePath(id, code)}/archive`, { redirect });

export const issueCode = (id: string, code: string) => http.post<SourceCode>(`${codePath(id, code)}/issue`);

export const codeStatisticsQuery = (id: string, code: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["code-statistics", id, code, from, to],
    queryFn: ({ signal }) =>
      http.get<CodeStatistics>(`${codePath(id, code)}/statistics`, { from, to }, signal),
    placeholderData: keepPreviousData,
  });

/** The address of a code's picture; `scale` is the size of one module in pixels. */
export const codeImage = (id: string, code: string, format: "png" | "svg", scale?: number) =>
  withQuery(`${codePath(id, code)}/image`, { format, scale });

const menusPath = (id: string) => `${accountPath(id)}/menus`;
const menuPath = (id: string, menu: string) => `${menusPath(id)}/${encodeURIComponent(menu)}`;

export const menusQuery = (id: string) =>
  queryOptions({
    queryKey: ["menus", id],
    queryFn: ({ signal }) => http.get<{ items: Menu[] }>(menusPath(id), undefined, signal),
  });

export const publicationsQuery = (id: string) =>
  queryOptions({
    queryKey: ["menus", id, "history"],
    queryFn: ({ signal }) =>
      http.get<{ items: Publication[] }>(`${menusPath(id)}/history`, undefined, signal),
  });

/** Keep a draft; nothing is published. */
export const saveMenu = (id: string, menu: string | null, draft: MenuDraft) =>
  menu === null ? http.post<Menu>(menusPath(id), draft) : http.put<Menu>(menuPath(id, menu), draft);

export const deleteMenu = (id: string, menu: string) => http.remove<void>(menuPath(id, menu));

export const publishMenu = (id: string, menu: string) => http.post<Menu>(`${menuPath(id, menu)}/publish`);

export const withdrawMenu = (id: string, menu: string) => http.post<Menu>(`${menuPath(id, menu)}/withdraw`);

/** Take over the menus WeChat shows now. */
export const pullMenus = (id: string) => http.post<{ taken: number }>(`${menusPath(id)}/pull`);

export interface SeenButton {
  name: string;
  sub_buttons?: SeenButton[];
}

/** Which buttons a person sees, as WeChat answers. */
export const matchMenu = (id: string, person_id: string) =>
  http.post<{ buttons: SeenButton[] }>(`${menusPath(id)}/match`, { person_id });

export const accountHealthQuery = (id: string) =>
  queryOptions({
    queryKey: ["account-health", id],
    queryFn: ({ signal }) => http.get<AccountHealth>(`${accountPath(id)}/health`, undefined, signal),
    refetchInterval: LIVE_MS,
  });

const CALLBACKS_SHOWN = 20;

export const callbacksQuery = (id: string) =>
  queryOptions({
    queryKey: ["callbacks", id],
    queryFn: ({ signal }) =>
      http.get<{ items: SeenCallback[] }>(`${accountPath(id)}/callbacks`, { limit: CALLBACKS_SHOWN }, signal),
    refetchInterval: LIVE_MS,
  });

/** Asks WeChat about every call in use, so only when somebody wants to know. */
export const quotasQuery = (id: string) =>
  queryOptions({
    queryKey: ["quotas", id],
    queryFn: ({ signal }) => http.get<Quotas>(`${accountPath(id)}/quotas`, undefined, signal),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

/** The account's permanent material, or its published articles: WeChat gives twenty at a time. */
export const materialsQuery = (id: string, kind: MaterialKind) =>
  infiniteQueryOptions({
    queryKey: ["materials", id, kind],
    queryFn: ({ pageParam, signal }) =>
      http.get<Materials>(`${accountPath(id)}/materials`, { kind, offset: pageParam }, signal),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const seen = all.reduce((sum, page) => sum + page.items.length, 0);
      return last.items.length > 0 && seen < last.total ? seen : undefined;
    },
    staleTime: 30_000,
  });

/** Add a file to the account's permanent material, for good. */
export const uploadMaterial = (id: string, kind: MaterialKind, file: File) =>
  http.post<Material>(withQuery(`${accountPath(id)}/materials`, { kind, name: file.name.slice(-60) }), file);
