import { describe, expect, it } from "vitest";
import { type Stay, stayOf, windowOf, withStay } from "./belonging";
import { asValueType, fieldsOf, readScalar } from "./fields";
import {
  aboutOf,
  asGroup,
  type Condition,
  countLeaves,
  emptyLeaf,
  isComplete,
  parseTree,
  partAt,
  withNumberOperator,
  withOperator,
} from "./tree";
import { dateOf, startOfDate } from "./zones";

const bought: Condition = { kind: "event", name: "Order Completed" };

describe("tree", () => {
  it("knows when a blank is left", () => {
    expect(isComplete(emptyLeaf("event"))).toBe(false);
    expect(isComplete({ kind: "all", of: [bought, { kind: "not", of: bought }] })).toBe(true);
    expect(isComplete({ kind: "attribute", key: "city", op: "eq", value: "" })).toBe(false);
    expect(isComplete({ kind: "attribute", key: "city", op: "is_set" })).toBe(true);
    expect(isComplete({ ...bought, where: [{ field: "", op: "eq", value: 1 }] })).toBe(false);
  });

  it("asks for every event of a sequence, and for the name of a draw", () => {
    const [first, then] = [{ name: "Product Added" }, { name: "Order Completed" }];
    expect(isComplete({ kind: "sequence", steps: [first, then] })).toBe(true);
    expect(isComplete({ kind: "sequence", steps: [first, then], without: [{ name: "" }] })).toBe(false);
    expect(isComplete(emptyLeaf("sequence"))).toBe(false);
    expect(isComplete({ kind: "bucket", salt: "", from: 0, to: 100 })).toBe(false);
    const having = { field: "properties.coupon", op: "is_set" } as const;
    expect(isComplete({ kind: "recency", name: "Order Completed", having: [having] })).toBe(true);
    expect(isComplete({ kind: "recency", name: "Order Completed", having: [{ ...having, field: "" }] })).toBe(
      false,
    );
  });

  it("asks how long somebody has been in a segment, by a span or a window", () => {
    const member = { kind: "segment", segment: "seg_1" } as const;
    expect(stayOf(undefined)).toBe("any");
    const long = withStay(member, "at_least");
    expect(long.since).toEqual({ kind: "ago", op: "at_least", amount: 30, unit: "days" });
    expect(stayOf(long.since)).toBe("at_least");
    expect(withStay(long, "any")).toEqual(member);
    const brief: Stay = { kind: "ago", op: "at_most", amount: 2, unit: "weeks" };
    expect(stayOf(brief)).toBe("window");
    expect(windowOf(brief)).toEqual({ kind: "rolling", amount: 2, unit: "weeks" });
    expect(isComplete(emptyLeaf("segment_move"))).toBe(false);
    expect(isComplete({ kind: "segment_move", segment: "seg_1", move: "left" })).toBe(true);
  });

  it("finds the part the server speaks of, and what it is about", () => {
    const tree: Condition = { kind: "all", of: [bought, { kind: "not", of: bought }] };
    expect(partAt(tree, "")).toBe(tree);
    expect(partAt(tree, "of.1.of")).toBe(bought);
    expect(partAt(tree, "of.7.of")).toBeUndefined();
    expect(aboutOf(partAt(tree, "of.0"))).toEqual(["Order Completed"]);
    expect(aboutOf(tree)).toEqual([]);
  });

  it("keeps values that still fit another operator", () => {
    const city = { op: "eq", value: "杭州" } as const;
    expect(withOperator(city, "in")).toEqual({ op: "in", value: ["杭州"] });
    expect(withOperator(city, "is_set")).toEqual({ op: "is_set" });
    expect(withOperator({ op: "in", value: ["a", "b"] }, "ne")).toEqual({ op: "ne", value: "a" });
    expect(withNumberOperator({ op: "gte", value: 3 }, "between")).toEqual({ op: "between", value: [3, 3] });
    expect(withNumberOperator({ op: "between", value: [3, 5] }, "lt")).toEqual({ op: "lt", value: 3 });
  });

  it("puts a bare condition into a group", () => {
    expect(asGroup(bought)).toEqual({ kind: "all", of: [bought] });
    expect(countLeaves({ kind: "any", of: [bought, { kind: "not", of: asGroup(bought) }] })).toBe(2);
  });

  it("reads JSON of a tree only", () => {
    expect(parseTree('{"kind":"all","of":[]}')).toEqual({ kind: "all", of: [] });
    expect(() => parseTree('{"kind":"every"}')).toThrow("kind");
    expect(() => parseTree("{")).toThrow();
  });
});

describe("fields", () => {
  const catalogue = {
    attributes: [],
    events: [
      {
        name: "Order Completed",
        count: 1,
        last_seen_at: "2026-11-22T00:00:00Z",
        properties: [{ key: "coupon", type: "string" }],
      },
    ],
  };

  it("offers properties of the chosen event, and line fields only per line", () => {
    const names = (each: "event" | "items") =>
      fieldsOf({ name: "Order Completed", each }, catalogue).map((field) => field.name);
    expect(names("event")[0]).toBe("properties.coupon");
    expect(names("event")).not.toContain("item.price");
    expect(names("items")).toContain("item.price");
  });

  it("reads literals as the field's type", () => {
    expect(readScalar("12.5", "number")).toBe(12.5);
    expect(readScalar("", "number")).toBe("");
    expect(readScalar("12", "text")).toBe("12");
    expect(readScalar("true", "boolean")).toBe(true);
    expect(["Int64", "Float64", "Bool", "String"].map(asValueType)).toEqual([
      "number",
      "number",
      "boolean",
      "text",
    ]);
  });
});

describe("zones", () => {
  it("turns calendar dates into instants of the brand's zone and back", () => {
    expect(startOfDate("2026-11-22", "Asia/Shanghai")).toBe("2026-11-21T16:00:00.000Z");
    expect(startOfDate("2026-03-29", "Europe/London")).toBe("2026-03-29T00:00:00.000Z");
    expect(startOfDate("2026-03-30", "Europe/London")).toBe("2026-03-29T23:00:00.000Z");
    expect(dateOf("2026-11-21T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-22");
  });
});
