/** Times and amounts as a phone in China shows them. */

import { language, t } from "./words.js";

const ZONE = "Asia/Shanghai";
const DAY_MS = 86_400_000;

/** @param {number} at_ms */
export function clockTime(at_ms) {
  return new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false }).format(at_ms);
}

/** @param {number} at_ms */
export function exactTime(at_ms) {
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  }).format(at_ms);
}

/**
 * Say when, as short as it is clear: the hour today, the weekday this week, else the date.
 *
 * @param {number} at_ms
 * @param {number} now_ms
 */
export function when(at_ms, now_ms) {
  const days = dayNumber(now_ms) - dayNumber(at_ms);
  if (days === 0) return clockTime(at_ms);
  const locale = language() === "zh" ? "zh-CN" : "en-GB";
  /** @type {Intl.DateTimeFormatOptions} */
  const form = days > 0 && days < 7 ? { weekday: "short" } : { month: "short", day: "numeric" };
  return `${new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...form }).format(at_ms)} ${clockTime(at_ms)}`;
}

/**
 * Say how long something still lasts.
 *
 * @param {number} ms
 */
export function lasting(ms) {
  if (ms <= 0) return t("expired");
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

/** @param {number} fen */
export function yuan(fen) {
  return `¥${(fen / 100).toFixed(fen % 100 ? 2 : 0)}`;
}

/** @param {number} at_ms */
function dayNumber(at_ms) {
  return Math.floor((at_ms + 8 * 3_600_000) / DAY_MS); // China keeps one time all year.
}
