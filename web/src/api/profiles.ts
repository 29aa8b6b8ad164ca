/** Attributes of a person: their history, setting one by hand, and which statement counts. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type AttributeHistory = Schemas["AttributeHistory"];
export type AttributeStatement = Schemas["StatementView"];
export type AttributePolicy = Schemas["Policy"];
export type AttributePolicyView = Schemas["AttributePolicyView"];

const personPath = (id: string) => `${API}/people/${encodeURIComponent(id)}`;
const POLICIES = `${API}/attribute-policies`;

export const attributeHistoryQuery = (person: string, key: string) =>
  queryOptions({
    queryKey: ["attribute-history", person, key],
    queryFn: ({ signal }) =>
      http.get<AttributeHistory>(`${personPath(person)}/attribute-history`, { key }, signal),
  });

export const setAttribute = (person: string, key: string, value: unknown) =>
  http.put<AttributeHistory>(`${personPath(person)}/attributes`, { key, value });

export const attributePoliciesQuery = queryOptions({
  queryKey: ["attribute-policies"],
  queryFn: ({ signal }) => http.get<{ items: AttributePolicyView[] }>(POLICIES, undefined, signal),
});

export const setAttributePolicy = (key: string, policy: AttributePolicy, sources: readonly string[]) =>
  http.put<{ items: AttributePolicyView[] }>(POLICIES, { key, policy, sources });
