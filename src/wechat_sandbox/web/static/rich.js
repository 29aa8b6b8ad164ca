/** Texts with links in them, as accounts may write them. Only links are understood; the rest stays text. */

import { h } from "./dom.js";

/** @typedef {import("./bubbles.js").Taps} Taps */

const ANCHOR = /<a\b([^>]*)>(.*?)<\/a>/gis;
const BARE = /https?:\/\/[^\s<>"',。;!?、)】]+/g;

/**
 * @param {string} text
 * @param {Taps} taps
 * @returns {(Node | string)[]}
 */
export function richText(text, taps) {
  const parts = [];
  let read = 0;
  for (const found of text.matchAll(ANCHOR)) {
    parts.push(...bareLinks(text.slice(read, found.index), taps), anchor(found[1] ?? "", found[2] ?? "", taps));
    read = found.index + found[0].length;
  }
  return [...parts, ...bareLinks(text.slice(read), taps)];
}

/**
 * A word to tap.
 *
 * @param {string} text
 * @param {() => void} tap
 */
export function link(text, tap) {
  return h("button", { type: "button", class: "word", onclick: tap }, text);
}

/** @param {string} text @param {Taps} taps */
function bareLinks(text, taps) {
  const parts = [];
  let read = 0;
  for (const found of text.matchAll(BARE)) {
    parts.push(text.slice(read, found.index), link(found[0], () => taps.openPage(found[0])));
    read = found.index + found[0].length;
  }
  return [...parts, text.slice(read)];
}

/** @param {string} attributes @param {string} label @param {Taps} taps */
function anchor(attributes, label, taps) {
  const href = attribute(attributes, "href");
  const mini = attribute(attributes, "data-miniprogram-appid");
  if (mini) return link(label, () => taps.openMiniProgram(mini, attribute(attributes, "data-miniprogram-path")));
  if (href.startsWith("weixin://bizmsgmenu")) {
    const asked = new URLSearchParams(href.split("?")[1] ?? "");
    return link(label, () => taps.chooseItem(asked.get("msgmenuid") ?? "", asked.get("msgmenucontent") ?? label));
  }
  return link(label, () => taps.openPage(href));
}

/** @param {string} attributes @param {string} name */
function attribute(attributes, name) {
  const found = new RegExp(`${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|(\\S+))`, "i").exec(attributes);
  return (found?.[1] ?? found?.[2] ?? found?.[3] ?? "").replaceAll("&amp;", "&");
}
