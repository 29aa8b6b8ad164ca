import { describe, expect, it } from "vitest";
import { emptyCode, isReady, newImage, newWay } from "./codeDraft";

const NOW = new Date("2026-03-04T04:00:00Z");
const standby = { kind: "url" as const, live_code: "", url: "https://a.example.com", text: "" };

describe("a group code's draft", () => {
  it("is ready with a name, a target and a standby", () => {
    const way = { ...newWay(), name: "一店", groups: ["grp_1"], base_name: "茶友" };
    expect(isReady(emptyCode())).toBe(false);
    expect(isReady({ ...emptyCode(), name: "茶友", targets: [way] })).toBe(false);
    expect(isReady({ ...emptyCode(), name: "茶友", targets: [way], standby })).toBe(true);
    expect(isReady({ ...emptyCode(), name: "茶友", targets: [{ ...way, base_name: "" }], standby })).toBe(
      false,
    );
  });

  it("wants a picture that ends in seven days", () => {
    const image = { ...newImage(NOW), name: "手工群" };
    expect(image.expires_at).toBe("2026-03-11T04:00:00.000Z");
    expect(isReady({ ...emptyCode(), name: "茶友", targets: [image], standby })).toBe(false);
    expect(isReady({ ...emptyCode(), name: "茶友", targets: [{ ...image, picture: "AAAA" }], standby })).toBe(
      true,
    );
  });
});
