/** What the cards of a member's phone are made of. */

import { h } from "./dom.js";
import { clockTime } from "./format.js";

/** @typedef {import("./company_cards.js").Place} Place */

/** @param {string} title @param {string} under @param {string} text @param {...any} rest */
export function card(title, under, text, ...rest) {
  return h("article", { class: "card" }, h("h3", {}, title), h("small", {}, under), text && h("p", {}, text), ...rest);
}

/** @param {any} content */
export function words(content) {
  const text = typeof content.text === "object" ? content.text?.content : content.text;
  const attached = (content.attachments ?? []).map((/** @type {any} */ one) => `[${one.msgtype}] ${one.link?.title ?? one.miniprogram?.title ?? ""}`);
  return [text, ...attached].filter(Boolean).join("\n");
}

/** @param {string} who @param {string} text @param {number} at */
export function spoken(who, text, at) {
  return h("li", {}, h("time", {}, clockTime(at * 1000)), " ", who && h("strong", {}, who), who ? "：" : "", text);
}

/** @param {string} label @param {Place} place @param {() => Promise<unknown>} act */
export function does(label, place, act, quiet = false) {
  return h("button", { type: "button", class: quiet ? "do is-quiet" : "do", onclick: () => void place.attempt(act) }, label);
}

/**
 * @param {string} hint
 * @param {string} label
 * @param {Place} place
 * @param {(text: string) => Promise<unknown>} act
 * @param {...any} before
 */
export function form(hint, label, place, act, ...before) {
  const box = h("input", { type: "text", placeholder: hint, "aria-label": hint, autocomplete: "off" });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (text) void place.attempt(() => act(text));
  };
  return h("form", { onsubmit: submit }, ...before, box, h("button", { type: "submit", class: "do is-quiet" }, label));
}
