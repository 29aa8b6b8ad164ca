import { expect, test } from "vitest";
import { moved, placed } from "./ranking";

const ALL = ["a", "b", "c"];

test("the last option left comes last by itself, where all are put in order", () => {
  expect(placed([], "b", ALL, 3)).toEqual(["b"]);
  expect(placed(["b"], "a", ALL, 3)).toEqual(["b", "a", "c"]);
  expect(placed(["b"], "a", ALL, 2)).toEqual(["b", "a"]);
  expect(placed(["b", "a"], "c", ALL, 2)).toEqual(["b", "a"]);
});

test("an option moves by one place and never out of the list", () => {
  expect(moved(["a", "b", "c"], "c", -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], "a", -1)).toEqual(["a", "b", "c"]);
  expect(moved(["a", "b"], "b", 1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], "z", 1)).toEqual(["a", "b"]);
});
