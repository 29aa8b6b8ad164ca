/** Customer groups 客户群, the codes that lead into them 群活码, and invitations 标签建群. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "../client";
import { API, CALM_MS } from "../queries";
import type { components } from "../schema";

type Schemas = components["schemas"];

export type CustomerGroup = Schemas["CustomerGroup"];
export type CustomerGroups = Schemas["CustomerGroups"];
export type GroupRecord = Schemas["GroupRecord"];
export type GroupMember = Schemas["GroupMember"];
export type GroupDay = Schemas["GroupDay"];
export type Handover = Schemas["Handover"];
export type GroupCode = Schemas["GroupCode"];
export type GroupCodes = Schemas["GroupCodes"];
export type GroupCodeDraft = Schemas["GroupCodeDraft"];
export type GroupCodeState = Schemas["GroupCodeState"];
export type GroupCodeStatistics = Schemas["GroupCodeStatistics"];
export type ShownTarget = Schemas["ShownTarget"];
export type LandingPreview = Schemas["LandingPreview"];
export type Invitation = Schemas["Invitation"];
export type InvitationDraft = Schemas["InvitationDraft"];
export type InvitationPreview = Schemas["InvitationPreview"];
export type StaffSend = Schemas["StaffSend"];
export type GroupWelcome = Schemas["GroupWelcome"];

const GROUPS = `${API}/groups`;
const CODES = `${API}/group-codes`;
const INVITATIONS = `${API}/group-invitations`;
const WELCOMES = `${API}/group-welcomes`;
const one = (root: string, id: string) => `${root}/${encodeURIComponent(id)}`;

export interface GroupFilter {
  q?: string;
  state?: string;
  owner?: string;
  store?: string;
  source_channel?: string;
  member_attribute?: string;
  behaviour_type?: string;
  funnel_stage?: string;
}

export const groupsQuery = (filter: GroupFilter) =>
  queryOptions({
    queryKey: ["groups", "list", filter],
    queryFn: ({ signal }) => http.get<CustomerGroups>(GROUPS, { ...filter, limit: 200 }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ["groups", "one", id],
    queryFn: ({ signal }) => http.get<CustomerGroup>(one(GROUPS, id), undefined, signal),
    refetchInterval: CALM_MS,
  });

export const groupMembersQuery = (id: string, inside: boolean | undefined) =>
  queryOptions({
    queryKey: ["groups", "members", id, inside],
    queryFn: ({ signal }) =>
      http.get<Schemas["GroupMembers"]>(`${one(GROUPS, id)}/members`, { inside, limit: 200 }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

export const groupDaysQuery = (id: string) =>
  queryOptions({
    queryKey: ["groups", "days", id],
    queryFn: ({ signal }) => http.get<Schemas["GroupDays"]>(`${one(GROUPS, id)}/days`, undefined, signal),
    refetchInterval: CALM_MS,
  });

export const handoversQuery = queryOptions({
  queryKey: ["groups", "handovers"],
  queryFn: ({ signal }) => http.get<Schemas["Handovers"]>(`${GROUPS}/handovers`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const syncGroups = (corp = "") =>
  http.post<Schemas["GroupSyncs"]>(withQuery(`${GROUPS}/syncs`, { corp }));

export const describeGroup = (id: string, record: GroupRecord) =>
  http.put<CustomerGroup>(`${one(GROUPS, id)}/record`, record);

export const refreshGroup = (id: string) => http.post<CustomerGroup>(`${one(GROUPS, id)}/refresh`);

export const groupCodesQuery = queryOptions({
  queryKey: ["group-codes"],
  queryFn: ({ signal }) => http.get<GroupCodes>(CODES, undefined, signal),
  refetchInterval: CALM_MS,
});

export const createGroupCode = (draft: GroupCodeDraft) => http.post<GroupCode>(CODES, draft);

export const changeGroupCode = (id: string, draft: GroupCodeDraft) =>
  http.put<GroupCode>(one(CODES, id), draft);

export const setGroupCodeState = (id: string, state: GroupCodeState) =>
  http.put<GroupCode>(`${one(CODES, id)}/state`, { state });

export const groupCodeImage = (id: string, scale = 10) =>
  withQuery(`${one(CODES, id)}/image`, { format: "png", scale });

export const groupCodeFiguresQuery = (id: string) =>
  queryOptions({
    queryKey: ["group-codes", "figures", id],
    queryFn: ({ signal }) => http.get<GroupCodeStatistics>(`${one(CODES, id)}/statistics`, undefined, signal),
  });

export const groupCodePreviewQuery = (id: string, visitor: { store?: string; s?: string; lang?: string }) =>
  queryOptions({
    queryKey: ["group-codes", "preview", id, visitor],
    queryFn: ({ signal }) => http.get<LandingPreview>(`${one(CODES, id)}/preview`, visitor, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });

export const invitationsQuery = queryOptions({
  queryKey: ["group-invitations"],
  queryFn: ({ signal }) => http.get<Schemas["Invitations"]>(INVITATIONS, undefined, signal),
  refetchInterval: CALM_MS,
});

export const invitationStaffQuery = (id: string) =>
  queryOptions({
    queryKey: ["group-invitations", "staff", id],
    queryFn: ({ signal }) =>
      http.get<Schemas["StaffSends"]>(`${one(INVITATIONS, id)}/staff`, undefined, signal),
    refetchInterval: CALM_MS,
  });

export const previewInvitation = (draft: InvitationDraft) =>
  http.post<InvitationPreview>(`${INVITATIONS}/preview`, draft);

/** Keeps the draft and starts it: members are asked from then on. */
export const startInvitation = async (draft: InvitationDraft) => {
  const kept = await http.post<Invitation>(INVITATIONS, draft);
  return http.post<Invitation>(`${one(INVITATIONS, kept.id)}/start`);
};

export const stopInvitation = (id: string) => http.post<Invitation>(`${one(INVITATIONS, id)}/stop`);

export const remindInvitation = (id: string) =>
  http.post<{ reminded: number }>(`${one(INVITATIONS, id)}/remind`);

export const groupWelcomesQuery = queryOptions({
  queryKey: ["group-welcomes"],
  queryFn: ({ signal }) => http.get<Schemas["GroupWelcomes"]>(WELCOMES, undefined, signal),
  refetchInterval: CALM_MS,
});

export const createGroupWelcome = (corp: string, name: string, text: string) =>
  http.post<GroupWelcome>(WELCOMES, { corp, name, text, notify: true });

export const changeGroupWelcome = (id: string, draft: GroupWelcome["draft"]) =>
  http.put<GroupWelcome>(one(WELCOMES, id), draft);

export const deleteGroupWelcome = (id: string) => http.remove<void>(one(WELCOMES, id));
