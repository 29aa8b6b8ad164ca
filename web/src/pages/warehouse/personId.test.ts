import { expect, test } from "vitest";
import { personId } from "./personId";

test("numbers are written as the server writes them", () => {
  // The server's encode_id("per", n).
  expect([0, 31, 32, 1000, 4294967295].map(personId)).toEqual([
    "per_0",
    "per_z",
    "per_10",
    "per_z8",
    "per_3zzzzzz",
  ]);
});
