import { expect, it } from "vitest";
import { CLOSED, type Draft, emptyDraft, isPlaceReady, problemsOf, withoutStrangers } from "./draft";

const member = (userid: string) => ({ userid, weight: 1, daily_cap: null, held_cap: null });
const ready: Draft = { ...emptyDraft(), name: "门店海报", members: [member("ann"), member("ben")] };

it("says what is missing, in the order of the form", () => {
  expect(problemsOf(emptyDraft())).toEqual(["name", "members"]);
  expect(problemsOf(ready)).toEqual([]);
  const many = Array.from({ length: 101 }, (_, index) => member(`m${index}`));
  expect(problemsOf({ ...ready, members: many, acceptance: "windows" })).toEqual(["membersMax", "windows"]);
});

it("takes who is no member any more off the schedule", () => {
  const shift = { weekdays: [0], start: "09:00:00", end: "18:00:00" };
  const draft: Draft = {
    ...ready,
    members: [member("ann")],
    schedule: {
      weekly: [
        { ...shift, userids: ["ann", "ben"] },
        { ...shift, userids: ["ben"] },
      ],
      special: [],
      otherwise: ["ben"],
    },
  };
  expect(withoutStrangers(draft).schedule).toEqual({
    weekly: [{ ...shift, userids: ["ann"] }],
    special: [],
    otherwise: [],
  });
});

it("wants an address, or a code, of a place that is not closed", () => {
  expect(isPlaceReady(CLOSED)).toBe(true);
  expect(isPlaceReady({ ...CLOSED, kind: "kf" })).toBe(false);
  expect(isPlaceReady({ ...CLOSED, kind: "kf", url: "https://work.weixin.qq.com/kfid/1" })).toBe(true);
  expect(isPlaceReady({ ...CLOSED, kind: "code" })).toBe(false);
});
