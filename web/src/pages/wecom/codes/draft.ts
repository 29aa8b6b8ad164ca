/** A live code as it is written in the editor; everything the server leaves out is there. */

import type { DutyPlan, LiveCodeDraft, Place } from "../../../api/wecom/codes";

export type Draft = Required<LiveCodeDraft>;
export type Duty = Required<DutyPlan>;

export const MEMBERS_MAX = 100;

export const CLOSED: Place = { kind: "closed", url: "", code: "", text: "" };

export function emptyDraft(): Draft {
  return {
    name: "",
    members: [],
    schedule: { special: [], weekly: [], otherwise: null },
    distribution: "weighted",
    backup: [],
    hard_cap: false,
    keeper: "",
    fallback: CLOSED,
    acceptance: "always",
    accept_windows: [],
    tags: [],
    remark_suffix: "",
    description: "",
    source: "",
    campaign: "",
    store: "",
    ends_at: null,
  };
}

export const draftOf = (known: LiveCodeDraft): Draft => ({ ...emptyDraft(), ...known });

export function dutyOf(draft: Draft): Duty {
  return { special: [], weekly: [], otherwise: null, ...draft.schedule };
}

/** Takes somebody who is no member any more off the schedule; a shift of nobody goes with them. */
export function withoutStrangers(draft: Draft): Draft {
  const known = new Set(draft.members.map((member) => member.userid));
  const duty = dutyOf(draft);
  const keep = (userids: readonly string[]) => userids.filter((userid) => known.has(userid));
  const weekly = duty.weekly
    .map((shift) => ({ ...shift, userids: keep(shift.userids) }))
    .filter((shift) => shift.userids.length > 0);
  const special = duty.special.map((day) => ({
    ...day,
    shifts: (day.shifts ?? [])
      .map((shift) => ({ ...shift, userids: keep(shift.userids) }))
      .filter((shift) => shift.userids.length > 0),
  }));
  const otherwise = duty.otherwise && keep(duty.otherwise);
  return { ...draft, schedule: { weekly, special, otherwise } };
}

export type Problem = "name" | "members" | "membersMax" | "shift" | "special" | "windows" | "place";

/** What keeps a draft from being saved, in the order of the form. */
export function problemsOf(draft: Draft): Problem[] {
  const duty = dutyOf(draft);
  const found: Problem[] = [];
  if (!draft.name.trim()) found.push("name");
  if (draft.members.length === 0) found.push("members");
  if (draft.members.length > MEMBERS_MAX || draft.backup.length > MEMBERS_MAX) found.push("membersMax");
  if (duty.weekly.some((shift) => shift.weekdays.length === 0 || shift.userids.length === 0))
    found.push("shift");
  if (duty.special.some((day) => !day.first || !day.last || day.last < day.first)) found.push("special");
  if (draft.acceptance === "windows" && draft.accept_windows.length === 0) found.push("windows");
  if (!isPlaceReady(draft.fallback)) found.push("place");
  return found;
}

export function isPlaceReady(place: Place): boolean {
  if (place.kind === "closed") return true;
  if (place.kind === "code") return Boolean(place.code);
  return /^https?:\/\/\S+$/.test(place.url ?? "");
}
