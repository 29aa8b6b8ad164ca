import { expect, it } from "vitest";
import { moved, namesIn, problemOf } from "./names";

it("takes names by line and comma, each once", () => {
  expect(namesIn(" 门店\n官网，门店, \n")).toEqual(["门店", "官网"]);
});

it("counts characters, not units", () => {
  expect(problemOf(["😀".repeat(30)])).toBeNull();
  expect(problemOf(["汉".repeat(31)])).toBe("tooLong");
  expect(problemOf(Array.from({ length: 101 }, (_, index) => `t${index}`))).toBe("tooMany");
});

it("moves an item by one place", () => {
  expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
});
