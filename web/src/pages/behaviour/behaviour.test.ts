import { describe, expect, it } from "vitest";
import { changeOf, stepFigures } from "./figures";
import { readQuestion } from "./useQuestion";

describe("stepFigures", () => {
  it("tells shares of the first and of the previous step, and who stopped", () => {
    expect(stepFigures([8, 4, 1])).toEqual([
      { step: 1, reached: 8, dropped: 4, ofFirst: 1, ofPrevious: 1 },
      { step: 2, reached: 4, dropped: 3, ofFirst: 0.5, ofPrevious: 0.5 },
      { step: 3, reached: 1, dropped: 0, ofFirst: 0.125, ofPrevious: 0.25 },
    ]);
  });

  it("divides nobody by nobody into nothing", () => {
    expect(stepFigures([0, 0]).map((one) => [one.ofFirst, one.ofPrevious])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("changeOf", () => {
  it("compares with the period before", () => {
    expect(changeOf("150.00", "100.00")).toBe(0.5);
    expect(changeOf("50", "-100")).toBe(1.5);
  });

  it("has no answer where there was nothing before", () => {
    expect([changeOf("5", "0"), changeOf(null, "5"), changeOf("5", null)]).toEqual([null, null, null]);
  });
});

it("reads only questions from an address", () => {
  expect(readQuestion('{"a":1}')).toEqual({ a: 1 });
  expect([readQuestion(""), readQuestion("{"), readQuestion("[1]"), readQuestion("5")]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
