import { expect, it } from "vitest";
import { loginAddress, placeOf } from "./api";
import { changesOf } from "./changes";

it("knows whose page it is by its address", () => {
  expect(placeOf("/sidebar/brd_1/wcp_9")).toEqual({ brand: "brd_1", corp: "wcp_9" });
  expect(placeOf("/sidebar/")).toBeNull();
  expect(loginAddress({ brand: "brd_1", corp: "wcp_9" })).toBe(
    "/api/v1/sidebar/login?brand=brd_1&corp=wcp_9",
  );
});

it("writes only what was changed", () => {
  const notes = { remark: "林", description: "", company: "", mobiles: ["138"], tags: [] };
  expect(changesOf(notes, { remark: "林", description: "", mobiles: "138" })).toEqual({});
  expect(changesOf(notes, { remark: "林女士", description: "", mobiles: " " })).toEqual({
    remark: "林女士",
    mobiles: [],
  });
});
