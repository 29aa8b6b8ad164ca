/** Members of the brand, their roles, and joining. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API, CALM_MS } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Member = Schemas["Member"];
export type MemberLink = Schemas["MemberLink"];
export type Role = Schemas["RoleView"];
export type RoleList = Schemas["RoleList"];
export type RoleDraft = Schemas["RoleDraft"];
export type JoinView = Schemas["JoinView"];

const MEMBERS = `${API}/members`;
const ROLES = `${API}/roles`;
const memberPath = (id: string) => `${MEMBERS}/${encodeURIComponent(id)}`;
const rolePath = (key: string) => `${ROLES}/${encodeURIComponent(key)}`;

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: ({ signal }) => http.get<Schemas["MemberList"]>(MEMBERS, undefined, signal),
  refetchInterval: CALM_MS,
});

export const inviteMember = (wanted: Schemas["MemberInvitation"]) => http.post<MemberLink>(MEMBERS, wanted);
export const inviteAgain = (id: string) => http.post<MemberLink>(`${memberPath(id)}/invitation`);
export const changeMemberRole = (id: string, role: string) =>
  http.put<void>(`${memberPath(id)}/role`, { role });
export const disableMember = (id: string) => http.post<void>(`${memberPath(id)}/disable`);
export const enableMember = (id: string) => http.post<void>(`${memberPath(id)}/enable`);
export const makeResetLink = (id: string) => http.post<MemberLink>(`${memberPath(id)}/password-reset`);
export const removeMember = (id: string) => http.remove<void>(memberPath(id));

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => http.get<RoleList>(ROLES, undefined, signal),
});

export const saveRole = (key: string | null, draft: RoleDraft) =>
  key ? http.put<unknown>(rolePath(key), draft) : http.post<unknown>(ROLES, draft);
export const removeRole = (key: string) => http.remove<void>(rolePath(key));

export const lookAtInvitation = (code: string, signal?: AbortSignal) =>
  http.post<JoinView>(`${API}/join/look`, { code }, signal);
export const join = (joining: Schemas["Joining"]) => http.post<void>(`${API}/join`, joining);
