import { describe, expect, it } from "vitest";
import { isHistoryBehind, pipelineHealth } from "./health";
import { groupOutcomes, wholeMinutes } from "./series";

const calm = {
  accepted: 10,
  resolved: 10,
  stored: 10,
  lag_events: 0,
  lag_s: 0.2,
  horizon_age_s: 0.1,
  dead_letters: 0,
  warehouse_available: true,
};

describe("pipelineHealth", () => {
  it("names the worst sign", () => {
    expect(pipelineHealth(calm)).toBe("well");
    expect(pipelineHealth({ ...calm, horizon_age_s: 11 })).toBe("behind");
    expect(pipelineHealth({ ...calm, lag_s: 16 })).toBe("behind");
    expect(pipelineHealth({ ...calm, lag_s: 121 })).toBe("stuck");
    expect(pipelineHealth({ ...calm, dead_letters: 1 })).toBe("stuck");
    expect(pipelineHealth({ ...calm, warehouse_available: false })).toBe("stuck");
  });
});

describe("isHistoryBehind", () => {
  it("has the patience of the tag, and none with a history that is away", () => {
    expect(isHistoryBehind({ ...calm, lag_s: 15 })).toBe(false);
    expect(isHistoryBehind({ ...calm, lag_s: 16 })).toBe(true);
    expect(isHistoryBehind({ ...calm, warehouse_available: false })).toBe(true);
    expect(isHistoryBehind({ ...calm, dead_letters: 1, horizon_age_s: 60 })).toBe(false);
  });
});

describe("overview series", () => {
  const minutes = [0, 1, 2, 3].map((minute) => ({ at: `2026-11-22T10:0${minute}:00Z`, count: 10 + minute }));
  const counts = (lag_s: number, rate: number, per_minute = minutes) =>
    wholeMinutes(
      { as_of: "2026-11-22T10:03:20Z", events: { total: 0, per_minute }, pipeline: { ...calm, lag_s } },
      rate,
    ).map((minute) => minute.count);

  it("leaves the running minute out, and those the pipeline still holds", () => {
    expect(counts(0, 1)).toEqual([10, 11, 12]);
    expect(counts(21, 1)).toEqual([10, 11]);
    expect(counts(5, 20)).toEqual([10]);
    expect(counts(600, 1)).toEqual([]);
    expect(counts(0, 1, [])).toEqual([]);
  });

  it("puts every state in exactly one outcome", () => {
    const states = {
      planned: 1,
      reserved: 2,
      handed: 3,
      accepted: 4,
      delivered: 5,
      refused: 6,
      rejected: 7,
      failed: 8,
    };
    expect(groupOutcomes({ ...states, unknown: 9 })).toEqual({
      delivered: 9,
      underway: 6,
      refused: 6,
      rejected: 15,
      unknown: 9,
    });
  });
});
