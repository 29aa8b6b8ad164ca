import { describe, expect, it } from "vitest";
import { deviceOf } from "./device";

const CASES = [
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "Chrome · Windows",
  ],
  ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 MicroMessenger/8.0.50",
    "WeChat · iPhone",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605 Version/18 Safari/605", "Safari · macOS"],
  [
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/120 Mobile MicroMessenger/8 wxwork/4.1",
    "WeCom · Android",
  ],
  ["curl/8.5.0", "curl/8.5.0"],
  ["", ""],
] as const;

describe("a device in a few words", () => {
  it.each(CASES)("%s", (userAgent, words) => {
    expect(deviceOf(userAgent)).toBe(words);
  });
});
