import { expect, it } from "vitest";
import { endedOf } from "./words";

it("counts what has come to an end, however it did", () => {
  expect(endedOf({ planned: 1, submitted: 0, waiting: 2, done: 3, refused: 1, failed: 1 })).toEqual({
    total: 8,
    ended: 5,
  });
});
