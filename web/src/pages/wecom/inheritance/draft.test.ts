import { expect, it } from "vitest";
import { EMPTY, isReady, planOf } from "./draft";

const whole = { ...EMPTY, corp: "wcp_1", handover: "a", takers: [{ userid: "b", weight: 1, limit: 9 }] };

it("goes on only from a step that is filled in", () => {
  expect(isReady(0, EMPTY)).toBe(false);
  expect(isReady(0, whole)).toBe(true);
  expect(isReady(1, { ...whole, scope: "none" })).toBe(false);
  expect(isReady(1, { ...whole, scope: "none", groups: ["wr1"] })).toBe(true);
  expect(isReady(2, EMPTY)).toBe(false);
});

it("asks for all, for some or for no customers", () => {
  expect(planOf(whole).customers).toEqual({});
  expect(planOf({ ...whole, scope: "none" }).customers).toBeNull();
  expect(planOf({ ...whole, scope: "some", ways: [1] }).customers).toMatchObject({ add_ways: [1] });
  expect(planOf({ ...whole, kind: "resigned", message: "x" }).message).toBe("");
});
