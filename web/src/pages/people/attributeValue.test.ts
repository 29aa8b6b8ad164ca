import { describe, expect, it } from "vitest";
import { asText, kindOf, readValue } from "./attributeValue";

describe("values of attributes", () => {
  it("are read by kind, and refused where they are none", () => {
    expect(readValue(" 杭州 ", "text")).toBe("杭州");
    expect(readValue(" 12.5", "number")).toBe(12.5);
    expect(readValue("十二", "number")).toBeUndefined();
    expect(readValue("", "number")).toBeUndefined();
    expect(readValue("是", "boolean")).toBe(true);
    expect(readValue("NO", "boolean")).toBe(false);
    expect(readValue("也许", "boolean")).toBeUndefined();
    expect(readValue("白茶、 绿茶,,", "list")).toEqual(["白茶", "绿茶"]);
  });

  it("stand in the field as they are stored", () => {
    for (const value of ["杭州", 3, true, ["a", "b"]]) {
      expect(readValue(asText(value), kindOf(value))).toEqual(value);
    }
    expect(asText(null)).toBe("");
  });
});
