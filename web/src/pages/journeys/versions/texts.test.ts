import { describe, expect, it } from "vitest";
import { compare } from "./texts";

describe("compare", () => {
  it("tells words apart, and characters of scripts without spaces", () => {
    expect(compare("你好，欢迎 Anna", "您好，欢迎 Bea！")).toEqual([
      { text: "你", is: "gone" },
      { text: "您", is: "new" },
      { text: "好，欢迎 ", is: "same" },
      { text: "Anna", is: "gone" },
      { text: "Bea！", is: "new" },
    ]);
  });

  it("gives both texts back", () => {
    const [before, after] = ["一二三四五", "三一四二五"];
    const pieces = compare(before, after);
    const without = (is: string) => pieces.filter((piece) => piece.is !== is).map(({ text }) => text);
    expect([without("new").join(""), without("gone").join("")]).toEqual([before, after]);
  });

  it("takes long texts as a whole", () => {
    expect(compare("长".repeat(700), "短")).toHaveLength(2);
    expect(compare("", "新")).toEqual([{ text: "新", is: "new" }]);
  });
});
