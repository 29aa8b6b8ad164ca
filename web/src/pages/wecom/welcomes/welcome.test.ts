import { describe, expect, it } from "vitest";
import type { Welcome } from "../../../api/wecom/welcomes";
import { byteLength, draftOf, isPartWhole, needsFallback, newDraft, newPart, problemsOf } from "./welcome";

const whole = (text: string, fallback = "") => {
  const draft = newDraft("wcp_1", "默认");
  draft.name = "新客";
  const slot = draft.slots[0];
  if (slot?.variants[0]) slot.variants[0].content = { text, parts: [], fallback };
  return draft;
};

describe("welcomes", () => {
  it("count bytes as the platform does", () => {
    expect(byteLength("你好 hi")).toBe(9);
    expect(problemsOf(whole("好".repeat(1334)))).toEqual(["tooLong"]);
    expect(isPartWhole({ ...newPart("link"), title: "好".repeat(43), url: "https://a.b" } as never)).toBe(
      false,
    );
  });

  it("ask for plain words where something can be missing", () => {
    expect(needsFallback({ text: "你好", parts: [], fallback: "" })).toBe(false);
    expect(problemsOf(whole("你好 {{ name }}"))).toEqual(["fallback"]);
    expect(problemsOf(whole("你好 {{ name }}", "你好"))).toEqual([]);
  });

  it("say what is missing", () => {
    const draft = newDraft("wcp_1", "默认");
    expect(problemsOf(draft)).toEqual(["name", "empty"]);
    expect(problemsOf({ ...whole("hi"), scope: "staff" })).toEqual(["targets"]);
    expect(problemsOf(whole("{{ coupon_link }}", "hi"))).toEqual(["coupon"]);
    expect(isPartWhole(newPart("image"))).toBe(false);
  });

  it("come back from the server as the draft that was sent", () => {
    const draft = whole("hi");
    const rule = { ...draft, id: "wlc_1", greeted_30d: 3, created_at: "", updated_at: "" };
    expect(draftOf(rule as unknown as Welcome)).toEqual(draft);
  });
});
