import { expect, it } from "vitest";
import { fenOf, yuanOf } from "./fen";

it.each([
  [0, "0.00"],
  [5, "0.05"],
  [1990, "19.90"],
  [10_000_000_000, "100000000.00"],
  [-7, "-0.07"],
  [-12_345, "-123.45"],
])("writes %i fen as %s yuan", (fen, yuan) => expect(yuanOf(fen)).toBe(yuan));

it.each([
  ["19.9", 1990],
  [" 19.90 ", 1990],
  ["0.29", 29],
  ["1.15", 115],
  ["100000000", 10_000_000_000],
])("reads %s yuan as %i fen", (yuan, fen) => expect(fenOf(yuan)).toBe(fen));

it.each(["", "0", "0.00", "-1", "1.999", "1e3", "一", "1,000", ".5", "1."])(
  "takes %j for no amount",
  (text) => expect(fenOf(text)).toBeNull(),
);
