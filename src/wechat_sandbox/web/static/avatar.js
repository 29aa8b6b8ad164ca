/** Faces drawn from a number: the same person always looks the same, and no picture is fetched. */

import { s } from "./dom.js";

const SKIN = ["#ffe0c7", "#f9d2b4", "#f2c19c", "#e9b48d"];
const HAIR = ["#2b2320", "#3a2c25", "#51382b", "#6d4a35", "#1f2430"];
const BACK = ["#8fd3c1", "#9cc6f2", "#f6c48d", "#e8a7b8", "#b9b2ea", "#a9d68f", "#f2d479", "#8fc7d9"];
const CLOTH = ["#2f7f73", "#3c6ea8", "#c0653f", "#a94a6b", "#6257a8", "#4f8443", "#b98b22", "#33566b"];

/**
 * @param {{index: number, gender: string, nickname: string}} person
 * @returns {SVGElement}
 */
export function face(person) {
  const draw = numbers(`face:${person.index}`);
  const tone = draw();
  const hair = pick(HAIR, draw());
  const skin = pick(SKIN, draw());
  const isLong = person.gender === "female" ? draw() < 0.75 : draw() < 0.05;
  return s(
    "svg",
    { viewBox: "0 0 48 48", class: "avatar", role: "img", "aria-label": person.nickname },
    s("rect", { width: 48, height: 48, fill: pick(BACK, tone) }),
    isLong && s("path", { d: "M11 25C11 14 16 8.500 24 8.500S37 14 37 25v13H11Z", fill: hair }),
    s("path", { d: "M9 48c1-8.500 7-12 15-12s14 3.500 15 12Z", fill: pick(CLOTH, tone) }),
    s("rect", { x: 20.5, y: 29, width: 7, height: 9.5, rx: 3.5, fill: skin }),
    s("ellipse", { cx: 24, cy: 23, rx: 9.2, ry: 10.4, fill: skin }),
    s("path", { d: fringe(draw()), fill: hair }),
    eyes(draw()),
    s("path", { d: "M20.800 28.200q3.200 2.600 6.400 0", fill: "none", stroke: "#b5654a", "stroke-width": 1.3, "stroke-linecap": "round" }),
    draw() < 0.25 && glasses(),
  );
}

/**
 * @param {{appid: string, name: string}} account
 * @returns {SVGElement}
 */
export function badge(account) {
  const draw = numbers(`account:${account.appid}`);
  const hue = 130 + Math.floor(draw() * 60);
  return s(
    "svg",
    { viewBox: "0 0 48 48", class: "avatar", role: "img", "aria-label": account.name },
    s("rect", { width: 48, height: 48, fill: `hsl(${hue} 46% 34%)` }),
    s("path", { d: "M48 0v48H0C22 44 42 26 48 0Z", fill: `hsl(${hue} 46% 41%)` }),
    s("path", { d: "M24 9c8 5 11 12 8 20-6 0-13-4-13-11 0-4 2-7 5-9Z", fill: "#ffffff", opacity: 0.16 }),
    s(
      "text",
      { x: 24, y: 32.5, "text-anchor": "middle", "font-size": 23, "font-weight": 600, fill: "#fff" },
      [...account.name][0] ?? "?",
    ),
  );
}

/** @param {number} chance */
function fringe(chance) {
  if (chance < 0.34) return "M14 23c-1.500-9 4-14 10-14s11.500 5 10 14c-1.500-5-4-7-6-7.500-3 2.500-10 2-14 7.500Z";
  if (chance < 0.67) return "M14 22c-1-9 4-13.500 10-13.500S35 13 34 22c-2-3-3-5-3.500-7-5 1.500-11 1.500-13.500 0-.500 2-1 4-3 7Z";
  return "M14.200 21c-.700-8 4-12.500 9.800-12.500S34.500 13 33.800 21c-3-1.500-6-4-8-7-2 3-7 6-11.600 7Z";
}

/** @param {number} chance */
function eyes(chance) {
  const y = 22 + chance;
  return s(
    "g",
    { fill: "#2e2622" },
    s("circle", { cx: 20.3, cy: y, r: 1.15 }),
    s("circle", { cx: 27.7, cy: y, r: 1.15 }),
  );
}

function glasses() {
  return s(
    "g",
    { fill: "none", stroke: "#4c4540", "stroke-width": 0.9 },
    s("circle", { cx: 20.3, cy: 22.5, r: 3.2 }),
    s("circle", { cx: 27.7, cy: 22.5, r: 3.2 }),
    s("path", { d: "M23.500 22.300h1" }),
  );
}

/** @template T @param {T[]} from @param {number} chance @returns {T} */
function pick(from, chance) {
  return /** @type {T} */ (from[Math.floor(chance * from.length)]);
}

/**
 * Return numbers between 0 and 1 that depend on a text alone.
 *
 * @param {string} text
 */
function numbers(text) {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16777619);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507);
    state = Math.imul(state ^ (state >>> 13), 3266489909);
    state ^= state >>> 16;
    return (state >>> 0) / 4294967296;
  };
}
