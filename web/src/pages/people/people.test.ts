import { describe, expect, it } from "vitest";
import type { TimelineEvent } from "../../api/types";
import type { MessageKey } from "../../i18n";
import { interpolate, type Params } from "../../i18n/interpolate";
import { zh } from "../../i18n/zh";
import { describeEvent, type Words } from "./events";
import { groupByDay, runsOf } from "./groupByDay";

const words: Words = {
  t: (key, params?: Params) => interpolate(zh[key], params),
  has: (key): key is MessageKey => key in zh,
  money: (decimal, currency) => `${currency}${decimal}`,
  reason: (code) => `<${code}>`,
  segment: (id) => `#${id}`,
};

function event(name: string, more: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    id: "1",
    name,
    kind: "track",
    occurred_at: "2026-11-22T00:00:00Z",
    received_at: "2026-11-22T00:00:00Z",
    source: "website",
    properties: {},
    context: {},
    revenue: null,
    currency: "CNY",
    order_id: "",
    ...more,
  };
}

describe("describeEvent", () => {
  it("tells an order by amount, goods and number", () => {
    const products = [{ name: "明前龙井" }, { name: "桂花乌龙" }];
    const order = event("Order Completed", {
      revenue: "196.0000",
      order_id: "SO1",
      properties: { products },
    });
    expect(describeEvent(order, words)).toEqual({
      title: "完成订单",
      summary: "CNY196.0000 · 明前龙井 等 2 件 · SO1",
      tone: "amber",
    });
  });

  it("tells how somebody came to follow", () => {
    const followed = event("wechat.official_account.followed", {
      properties: { subscribe_scene: "ADD_SCENE_QR_CODE" },
      context: { source_code: "store-03" },
    });
    expect(describeEvent(followed, words).summary).toBe("扫描二维码 · store-03");
  });

  it("names a product once, with how many, and a segment by its name", () => {
    const added = event("Product Added", { properties: { name: "松子酥", price: 25, quantity: 2 } });
    expect(describeEvent(added, words).summary).toBe("松子酥 · CNY25 · × 2");
    const entered = event("segments.entered", { properties: { segment_id: "seg_1" } });
    expect(describeEvent(entered, words)).toMatchObject({ title: "进入人群", summary: "#seg_1" });
    const same = { properties: { scene: "store-1" }, context: { source_code: "store-1" } };
    expect(describeEvent(event("wechat.official_account.followed", same), words).summary).toBe("store-1");
  });

  it("gives a refusal its reason", () => {
    const refused = event("messaging.message_refused", { properties: { reason: "window_closed" } });
    expect(describeEvent(refused, words)).toMatchObject({ title: "消息未发送", summary: "<window_closed>" });
  });

  it("names pages by their title and unknown events by themselves", () => {
    const page = event("page", { kind: "page", properties: { path: "/spring", title: "春茶上新" } });
    expect(describeEvent(page, words)).toMatchObject({ title: "浏览页面", summary: "春茶上新" });
    expect(describeEvent(event("Quiz Done", { properties: { name: "测测你的茶" } }), words)).toEqual({
      title: "Quiz Done",
      summary: "测测你的茶",
      tone: "plain",
    });
  });

  it("calls a profile update only once by its name", () => {
    expect(describeEvent(event("Identify", { kind: "identify" }), words).title).toBe("更新资料");
    expect(describeEvent(event("Page Viewed", { kind: "page" }), words).title).toBe("浏览页面");
    expect(describeEvent(event("Pricing", { kind: "page" }), words).title).toBe("浏览页面 · Pricing");
  });

  it("is not led astray by odd properties", () => {
    const odd = event("Order Completed", { properties: { products: "none", revenue: {} }, order_id: "" });
    expect(describeEvent(odd, words).summary).toBe("");
    expect(
      describeEvent(event("Product Viewed", { properties: { name: [], price: "x" } }), words).summary,
    ).toBe("");
  });
});

describe("groupByDay", () => {
  it("keeps order and groups neighbours only", () => {
    expect(groupByDay(["a1", "a2", "b1", "a3"], (item) => item[0] ?? "")).toEqual([
      ["a", ["a1", "a2"]],
      ["b", ["b1"]],
      ["a", ["a3"]],
    ]);
  });
});

describe("runs of one event", () => {
  it("are taken together from the fourth on, in the order they came", () => {
    const named = (names: string) => [...names].map((name, at) => ({ name, at }));
    const shown = (names: string) => runsOf(named(names)).map((run) => run.map((one) => one.name).join(""));
    expect(shown("aaab")).toEqual(["a", "a", "a", "b"]);
    expect(shown("aaaabbbbba")).toEqual(["aaaa", "bbbbb", "a"]);
    expect(shown("")).toEqual([]);
  });
});
