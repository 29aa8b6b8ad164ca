import { describe, expect, it } from "vitest";
import { interpolate } from "../i18n/interpolate";
import { formatCompact, formatCount, formatMoney, formatMoneyShort, formatShare } from "./numbers";
import {
  dayKey,
  formatAgo,
  formatCalendarDate,
  formatDateTime,
  formatDuration,
  formatMoment,
  formatTime,
} from "./times";

const shanghai = { tag: "zh-CN", timeZone: "Asia/Shanghai" };

describe("numbers", () => {
  it("groups digits and shortens only large ones", () => {
    expect(formatCount(25900, "zh-CN")).toBe("25,900");
    expect(formatCompact(99_999, "zh-CN")).toBe("99,999");
    expect(formatCompact(541_909, "zh-CN")).toBe("54.19万");
    expect(formatCompact(541_909, "en")).toBe("541.9K");
  });

  it("keeps every digit of money given as a decimal string", () => {
    expect(formatMoney("9747747.9340", "GBP", "en")).toBe("£9,747,747.93");
    expect(formatMoney("9007199254740993.01", "CNY", "zh-CN")).toBe("¥9,007,199,254,740,993.01");
    expect(formatMoney("12.5", "", "en")).toBe("12.50");
    expect(formatMoney("-3", "CNY", "zh-CN")).toBe("-¥3.00");
  });

  it("shortens headline money", () => {
    expect(formatMoneyShort("9747747.934", "CNY", "zh-CN")).toBe("¥974.77万");
    expect(formatMoneyShort("18432.50", "CNY", "zh-CN")).toBe("¥18,433");
  });

  it("has no share of nothing", () => {
    expect(formatShare(1, 8, "en")).toBe("12.5%");
    expect(formatShare(0, 0, "en")).toBe("–");
  });
});

describe("times", () => {
  it("shows instants in the brand's zone", () => {
    expect(formatTime("2026-11-21T16:05:00Z", shanghai)).toBe("00:05");
    expect(formatDateTime("2026-11-21T16:05:09Z", shanghai)).toBe("2026年11月22日 00:05:09");
    expect(dayKey("2026-11-21T16:05:00Z", shanghai)).toBe("2026-11-22");
  });

  it("leaves the year out of this year", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(formatMoment("2026-01-02T03:04:05Z", now, shanghai)).toBe("1月2日 11:04");
    expect(formatMoment("2025-12-31T15:59:00Z", now, shanghai)).toBe("2025年12月31日 23:59");
  });

  it("does not move calendar dates", () => {
    expect(formatCalendarDate("2026-11-22", "en")).toBe("11/22");
  });

  it("tells how long ago", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(formatAgo("2026-11-22T11:57:10Z", now, "zh-CN")).toBe("2分钟前");
    expect(formatAgo("2026-11-21T11:00:00Z", now, "en")).toBe("yesterday");
    expect(formatAgo("2026-11-22T11:59:50Z", now, "en")).toBe("now");
  });

  it("names a length in its two largest units", () => {
    expect(formatDuration(0.024, "en")).toBe("24 ms");
    expect(formatDuration(200, "en")).toBe("3 min 20 s");
    expect(formatDuration(93_600, "zh-CN")).toBe("1 天 2 小时");
  });
});

describe("interpolate", () => {
  it("fills names and picks the form of a number", () => {
    expect(interpolate("{count} {n|person|people}", { count: "1,204", n: 1204 })).toBe("1,204 people");
    expect(interpolate("{n} {n|person|people}", { n: 1 })).toBe("1 person");
    expect(interpolate("{gone}", {})).toBe("{gone}");
  });
});
