import { describe, expect, it } from "vitest";
import { pipelineHealth } from "./health";
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

describe("overview series", () => {
  it("leaves the running minute out", () => {
    expect(wholeMinutes([3, 60, 4])).toEqual([3, 60]);
    expect(wholeMinutes([7])).toEqual([7]);
    expect(wholeMinutes([])).toEqual([]);
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
