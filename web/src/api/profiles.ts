/** Attributes of a person: their history, setting one by hand, and which statement counts. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
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

export type PersonOrder = Schemas["PersonOrder"];
export type Passage = Schemas["PassageView"];
export type GroupStay = Schemas["GroupStay"];
export type Follow = Schemas["FollowView"];

type PersonOrders = Schemas["PersonOrders"];

const ORDERS_LIMIT = 20;

export const personOrdersQuery = (person: string) =>
  infiniteQueryOptions({
    queryKey: ["person-orders", person],
    queryFn: ({ pageParam, signal }) =>
      http.get<PersonOrders>(
        `${personPath(person)}/orders`,
        { limit: ORDERS_LIMIT, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

const listOf = <Row>(what: string) => {
  const query = (person: string) =>
    queryOptions({
      queryKey: [`person-${what}`, person],
      queryFn: ({ signal }) => http.get<{ items: Row[] }>(`${personPath(person)}/${what}`, undefined, signal),
    });
  return query;
};

export const personJourneysQuery = listOf<Passage>("journeys");
export const personGroupsQuery = listOf<GroupStay>("groups");
export const personFollowsQuery = listOf<Follow>("follows");
