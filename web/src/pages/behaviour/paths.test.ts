import { expect, test } from "vitest";
import { pointsOf } from "./paths";

const name = (text: string) => ({ kind: "name" as const, name: text });
const end = { kind: "end" as const, name: "" };

test("flows from one point add up to the people at it", () => {
  const flows = [
    { step: 0, at: name("A"), next: name("B"), people: 2 },
    { step: 0, at: name("A"), next: end, people: 3 },
    { step: 1, at: end, next: null, people: 3 },
    { step: 1, at: name("B"), next: null, people: 2 },
  ];
  expect(pointsOf({ flows })).toEqual([
    [{ at: name("A"), people: 5 }],
    [
      { at: end, people: 3 },
      { at: name("B"), people: 2 },
    ],
  ]);
});
