import { describe, expect, it } from "vitest";
import { type EventFigure, emptyDefinition, isReady, withFigure } from "./definition";

const paid: EventFigure = {
  kind: "events",
  name: "Order Completed",
  figure: "sum",
  of: { kind: "field", field: "revenue" },
};

describe("definitions", () => {
  it("are ready once the server could compute them", () => {
    expect(isReady(emptyDefinition("events"))).toBe(false);
    expect(isReady(paid)).toBe(true);
    expect(isReady({ ...paid, of: undefined })).toBe(false);
    expect(isReady({ ...paid, figure: "count", of: undefined })).toBe(true);
    expect(isReady({ kind: "formula", text: " " })).toBe(false);
    expect(isReady({ kind: "rank", of: "orders" })).toBe(true);
  });

  it("keep only what another figure has a use for", () => {
    expect(withFigure({ ...paid, top: 3 }, "last_at")).toEqual({
      kind: "events",
      name: "Order Completed",
      figure: "last_at",
    });
    expect(withFigure(paid, "percentile")).toEqual({ ...paid, figure: "percentile", percent: 50 });
  });
});
