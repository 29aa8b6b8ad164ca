import { describe, expect, it } from "vitest";
import type { ColumnUse, ImportMapping, ImportPlan } from "../../../api/imports";
import { applyMapping, gapOf, withRole } from "./plan";

const use = (column: string, role: ColumnUse["role"], target = "", scope = ""): ColumnUse => ({
  column,
  role,
  target,
  scope,
  type: "text",
});

const plan = (columns: ColumnUse[], more: Partial<ImportPlan> = {}): ImportPlan => ({
  kind: "people",
  source: "crm",
  time_zone: "Asia/Shanghai",
  columns,
  file: { encoding: "utf-8", delimiter: ",", sheet: "", skip_rows: 0 },
  at: "2026-01-01T00:00:00Z",
  formats: [],
  nulls: [],
  event_name: "",
  thousands: "",
  rejects_max_share: 0.5,
  ...more,
});

describe("gapOf", () => {
  const phone = use("电话", "identifier", "phone");
  it.each([
    [plan([use("a", "skip")]), "identifier"],
    [plan([use("a", "identifier", "openid")]), "scope"],
    [plan([phone, use("b", "attribute", " ")]), "target"],
    [plan([phone], { kind: "events" }), "event"],
    [plan([phone], { at: null }), "time"],
    [plan([phone, use("b", "identifier", "phone")]), "twice"],
    [plan([phone, use("b", "time"), use("c", "time")], { at: null }), null],
    [plan([phone, use("b", "event_name"), use("c", "time")], { kind: "events", at: null }), null],
  ])("names what is missing", (given, gap) => {
    expect(gapOf(given)).toBe(gap);
  });
});

describe("withRole", () => {
  it("starts from the column's own name", () => {
    expect(withRole(use("会员 等级", "skip"), "attribute").target).toBe("会员_等级");
    expect(withRole(use("会员 等级", "attribute", "x"), "skip").target).toBe("");
  });
});

describe("applyMapping", () => {
  it("keeps the order of the file and leaves out what it does not know", () => {
    const mapping = {
      plan: plan([use("电话", "identifier", "phone"), use("等级", "attribute", "level")]),
    } as ImportMapping;
    const columns = ["等级", "新列", "电话"].map((name) => ({
      name,
      samples: [],
      filled: 1,
      is_repeated: false,
      reason: "none" as const,
      proposal: use(name, "attribute", name),
    }));
    const here = plan([], { at: "2026-02-02T00:00:00Z" });
    const applied = applyMapping(mapping, columns, here);
    expect(applied.columns.map((one) => one.role)).toEqual(["attribute", "skip", "identifier"]);
    expect(applied.at).toBe(here.at);
  });
});
