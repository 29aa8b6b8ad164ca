import { expect, test } from "vitest";
import { definitionOf } from "./tree";

test("one band is one condition, two bands are two", () => {
  const alive = { kind: "attribute", key: "lifetime_alive_band", op: "eq", value: 0 };
  const value = { kind: "attribute", key: "lifetime_value_band", op: "eq", value: 5 };
  expect(definitionOf({ alive: "0", value: "" })).toEqual({ kind: "all", of: [alive] });
  expect(definitionOf({ alive: "0", value: "5" })).toEqual({ kind: "all", of: [alive, value] });
});
