import { expect, test } from "vitest";
import { readValue } from "./values";

test("what reads back the same is a number, everything else stays as typed", () => {
  expect(["120", "1.5", "-3", "007", "1e3", "12345678901234567890", "", " 茶 "].map(readValue)).toEqual([
    120,
    1.5,
    -3,
    "007",
    "1e3",
    "12345678901234567890",
    "",
    "茶",
  ]);
  expect(["是", "否", "true", "false"].map(readValue)).toEqual([true, false, true, false]);
});
