import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trackingSnippet } from "./snippets";

const target = { endpoint: "https://brand.example/v1/batch", writeKey: "WRITE_KEY" };

test.each([
  ["web", "sdk-web.md"],
  ["miniprogram", "sdk-miniprogram.md"],
] as const)("the guide and the console give the same %s snippet", (kind, guide) => {
  const text = readFileSync(new URL(`../../../../docs/guides/${guide}`, import.meta.url), "utf8");
  expect(text).toContain(
    trackingSnippet(kind, target)
      .trim()
      .split("\n")
      .slice(kind === "web" ? 0 : 1)
      .join("\n"),
  );
});
