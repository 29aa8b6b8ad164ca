/** Tokens by which programs call the API. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ApiToken = Schemas["ApiTokenView"];
export type ApiTokenList = Schemas["ApiTokenList"];
export type MadeApiToken = Schemas["MadeApiToken"];

const TOKENS = `${API}/api-tokens`;

export const apiTokensQuery = queryOptions({
  queryKey: ["api-tokens"],
  queryFn: ({ signal }) => http.get<ApiTokenList>(TOKENS, undefined, signal),
});

export const makeApiToken = (draft: Schemas["ApiTokenDraft"]) => http.post<MadeApiToken>(TOKENS, draft);
export const revokeApiToken = (id: string) => http.remove<void>(`${TOKENS}/${encodeURIComponent(id)}`);
