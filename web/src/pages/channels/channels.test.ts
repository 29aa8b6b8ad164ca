import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import type { ReplyRule, Sync } from "../../api/types";
import { percentOf } from "../syncs/progress";
import { daysBefore, filledDays, isScene } from "./codes/codes";
import { areReady, bytesOf, linkPieces, moved, problemsOf, togetherProblem } from "./content/content";
import * as menu from "./menus/menu";
import { emptyRule, isReady, lastPriority, refusalsOf } from "./replies/rules";

const rule = (id: string, priority: number): ReplyRule => ({
  ...emptyRule("keyword", id, priority),
  id,
  answered_30d: 0,
  created_at: "",
  updated_at: "",
});

describe("contents", () => {
  it("counts bytes as the platform does", () => {
    expect(bytesOf("a茶🍵")).toBe(8);
    expect(problemsOf({ kind: "text", text: "茶".repeat(682) }, { index: 0, mode: "all" })).toEqual([]);
    expect(problemsOf({ kind: "text", text: "茶".repeat(683) }, { index: 0, mode: "all" })).toEqual([
      "content.problem.long",
    ]);
  });

  it("asks for a cover only of a video that is sent later", () => {
    const video = { kind: "video", media_id: "m1", thumb_media_id: "" } as const;
    expect(problemsOf(video, { index: 0, mode: "all" })).toEqual([]);
    expect(problemsOf(video, { index: 1, mode: "all" })).toEqual(["content.problem.cover"]);
    expect(problemsOf(video, { index: 1, mode: "one" })).toEqual([]);
  });

  it("lets a transfer stand alone only", () => {
    const transfer = { kind: "transfer", kf_account: "" } as const;
    expect(areReady([transfer], "all")).toBe(true);
    expect(togetherProblem([transfer, { kind: "text", text: "hi" }])).toBe("content.problem.transferAlone");
  });

  it("finds the links of a text", () => {
    expect(linkPieces('see <a href="https://a.cn">here</a>!')).toEqual([
      { text: "see ", href: null },
      { text: "here", href: "https://a.cn" },
      { text: "!", href: null },
    ]);
    expect(linkPieces("1 < 2 <b>")).toEqual([{ text: "1 < 2 <b>", href: null }]);
  });
});

describe("rules", () => {
  it("moves items, but not over the ends", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  it("puts a new rule last", () => {
    expect(lastPriority([])).toBe(500);
    expect(lastPriority([rule("a", 40), rule("b", 7)])).toBe(6);
    expect(lastPriority([rule("a", 0)])).toBe(0);
  });

  it("is ready when nothing is blank", () => {
    const draft = emptyRule("keyword", "hours", 1);
    expect(isReady(draft)).toBe(false);
    const filled = { ...draft, contents: [{ kind: "text" as const, text: "9:00" }] };
    expect(isReady(filled)).toBe(false);
    expect(isReady({ ...filled, keywords: [{ match: "exact", text: "open" }] })).toBe(true);
  });

  it("puts refusals beside what they are about", () => {
    const refused = (...where: string[]) =>
      new ApiError({
        status: 422,
        errors: where.map((each) => ({ where: each, what: "Value error, too long" })),
      });
    expect(refusalsOf(refused("body.keywords.1"))).toEqual({
      contents: new Map(),
      keywords: new Map([[1, "too long"]]),
      rest: null,
    });
    const mixed = refused("body.contents.0.text.text", "body.name");
    expect(refusalsOf(mixed)).toEqual({
      contents: new Map([[0, "too long"]]),
      keywords: new Map(),
      rest: mixed,
    });
  });
});

describe("syncs", () => {
  it("says how far it is, and all only at the end", () => {
    const sync = { kind: "followers", state: "running", stage: "listing", total: 0, listed: 0, to_ask: 0 };
    const percent = (part: object) => percentOf({ ...sync, ...part } as Sync);
    expect(percent({})).toBe(0);
    expect(percent({ total: 100, listed: 50 })).toBe(25);
    expect(percent({ stage: "asking", total: 100, listed: 100, to_ask: 100 })).toBe(50);
    expect(percent({ stage: "asking", total: 100, listed: 100, to_ask: 0 })).toBe(99);
    expect(percent({ kind: "tags", stage: "tags", total: 4, listed: 1 })).toBe(25);
    expect(percent({ state: "done" })).toBe(100);
  });
});

describe("source codes", () => {
  it("counts calendar days back", () => {
    expect(daysBefore("2026-03-01", 1)).toBe("2026-02-28");
    expect(daysBefore("2026-11-22", 29)).toBe("2026-10-24");
  });

  it("shows the days on which nothing happened too", () => {
    const busy = { date: "2026-03-01", scans: 2, follows: 1, people: 1 };
    const filled = filledDays([busy], "2026-02-27", "2026-03-02");
    expect(filled.map((day) => [day.date, day.scans])).toEqual([
      ["2026-02-27", 0],
      ["2026-02-28", 0],
      ["2026-03-01", 2],
      ["2026-03-02", 0],
    ]);
  });

  it("takes the scenes the platform takes", () => {
    expect([isScene(""), isScene("store:1/a.b@c_d-e"), isScene("店"), isScene("x".repeat(65))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("menus", () => {
  const shop = { ...menu.emptyButton(), name: "商城", url: "https://a.cn" };
  const more = { ...menu.emptyButton(), name: "更多" };

  it("lets a button that opens others lose its action, and act again when they are gone", () => {
    const opened = menu.withSub([more], 0);
    expect(opened[0]).toMatchObject({ name: "更多", type: null, url: "", sub_buttons: [{ name: "" }] });
    expect(menu.withoutButton(opened, [0, 0])[0]).toMatchObject({
      name: "更多",
      type: "view",
      sub_buttons: [],
    });
  });

  it("hands an action down to the first button below", () => {
    expect(menu.withSub([shop], 0)[0]).toMatchObject({
      name: "商城",
      url: "",
      sub_buttons: [{ name: "商城", url: "https://a.cn" }, { name: "" }],
    });
  });

  it("changes, moves and removes buttons where they are", () => {
    const two = [shop, menu.withSub([more], 0)[0] ?? more];
    expect(menu.placesOf(two)).toEqual([[0], [1], [1, 0]]);
    const named = menu.withButton(two, [1, 0], { ...shop, name: "优惠" });
    expect(menu.buttonAt(named, [1, 0])?.name).toBe("优惠");
    expect(menu.withMoved(named, [0], 1).map((button) => button.name)).toEqual(["更多", "商城"]);
    expect(menu.withoutButton(named, [0]).map((button) => button.name)).toEqual(["更多"]);
  });

  it("keeps of an action what the other type has too", () => {
    const program = { ...shop, type: "miniprogram" as const, appid: "wx1234", pagepath: "index" };
    expect(menu.withType(program, "view")).toMatchObject({ type: "view", url: "https://a.cn", appid: "" });
    expect(menu.withType(shop, "click")).toMatchObject({ type: "click", url: "", key: "" });
  });

  it("says what a button still needs", () => {
    expect(menu.problemsOf(menu.emptyButton(), [0])).toEqual(["menu.problem.name", "menu.problem.field"]);
    expect(menu.problemsOf({ ...shop, name: "六个汉字太长" }, [0])).toEqual(["menu.problem.longName"]);
    expect(menu.problemsOf({ ...shop, name: "六个汉字太长" }, [0, 1])).toEqual([]);
    expect(menu.problemsOf({ ...shop, url: "a.cn" }, [0])).toEqual(["menu.problem.url"]);
    expect(menu.firstProblem([shop, more])).toEqual([1]);
    expect(menu.firstProblem([shop])).toBeNull();
  });

  it("puts refusals beside their buttons", () => {
    const error = new ApiError({
      status: 422,
      errors: [
        { where: "body.buttons.1.sub_buttons.0", what: "Value error, needs url" },
        { where: "body.buttons.0.appid", what: "no app id" },
      ],
    });
    expect(menu.refusalsOf(error)).toEqual({
      byPlace: new Map([
        ["1.0", "needs url"],
        ["0", "no app id"],
      ]),
      rest: null,
    });
    expect([menu.placeOfKey("1.0"), menu.placeOfKey("2")]).toEqual([[1, 0], [2]]);
  });

  it("sends no third level", () => {
    const written = menu.writeButtons(menu.withSub([shop], 0));
    expect(written[0]?.sub_buttons?.[0]).not.toHaveProperty("sub_buttons");
  });
});
