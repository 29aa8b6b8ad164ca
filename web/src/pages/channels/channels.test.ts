import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import type { ReplyRule, Sync } from "../../api/types";
import { areReady, bytesOf, linkPieces, moved, problemsOf, togetherProblem } from "./content/content";
import { percentOf } from "./followers/progress";
import { emptyRule, isReady, lastPriority, prioritiesAfterMove, refusalsOf } from "./replies/rules";

const rule = (id: string, priority: number): ReplyRule => ({
  ...emptyRule("keyword", id, priority),
  id,
  answered_30d: 0,
  created_at: "",
  updated_at: "",
});

/** The order of the server: the highest first, the older first among equals. */
function orderAfter(rules: readonly ReplyRule[], changes: ReadonlyMap<string, number>): string[] {
  return rules
    .map((each) => ({ ...each, priority: changes.get(each.id) ?? each.priority }))
    .toSorted((a, b) => b.priority - a.priority)
    .map((each) => each.id);
}

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

  it("changes one number where there is room", () => {
    const rules = [rule("a", 500), rule("b", 400), rule("c", 300)];
    const changes = prioritiesAfterMove(rules, 2, -1);
    expect(changes).toEqual(new Map([["c", 450]]));
    expect(orderAfter(rules, changes)).toEqual(["a", "c", "b"]);
    expect(orderAfter(rules, prioritiesAfterMove(rules, 0, 1))).toEqual(["b", "a", "c"]);
    expect(orderAfter(rules, prioritiesAfterMove(rules, 1, -1))).toEqual(["b", "a", "c"]);
  });

  it("numbers all anew where equals stand in the way", () => {
    const rules = ["a", "b", "c", "d"].map((id) => rule(id, 100));
    expect(orderAfter(rules, prioritiesAfterMove(rules, 3, -1))).toEqual(["a", "b", "d", "c"]);
    const many = Array.from({ length: 500 }, (_, index) => rule(`r${index}`, 0));
    const expected = moved(
      many.map((each) => each.id),
      499,
      -1,
    );
    expect(orderAfter(many, prioritiesAfterMove(many, 499, -1))).toEqual(expected);
    expect(prioritiesAfterMove(rules, 0, -1).size).toBe(0);
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
