/** Sheets with more than one answer: a place, and requests to be sent notices. */

import * as api from "./api.js";
import { h } from "./dom.js";
import { openSheet } from "./sheets.js";
import { t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {{latitude: number, longitude: number, label: string}} Place */
/** @typedef {{template_id: string, title: string, credits: number, is_open: boolean}} Allowance */

/** @type {Place[]} */
const PLACES = [
  { label: "杭州市西湖区龙井路", latitude: 30.2257, longitude: 120.1146 },
  { label: "上海市静安区南京西路", latitude: 31.2304, longitude: 121.4563 },
  { label: "北京市朝阳区三里屯", latitude: 39.9334, longitude: 116.4553 },
  { label: "广州市天河区体育西路", latitude: 23.1317, longitude: 113.3213 },
];
const ASKED_AT_ONCE = 3; // As many templates as one request may name.

/**
 * @param {HTMLElement} sheet
 * @param {(place: Place) => Promise<unknown>} use closes the sheet unless it returns null
 */
export function askPlace(sheet, use) {
  const [first] = PLACES;
  if (!first) return;
  const label = box("text", t("place_label"), first.label);
  const latitude = box("number", t("latitude"), first.latitude);
  const longitude = box("number", t("longitude"), first.longitude);
  const choose = h("select", { "aria-label": t("place"), onchange: () => put(PLACES[choose.selectedIndex] ?? first) }, PLACES.map((place) => h("option", {}, place.label)));
  const put = (/** @type {Place} */ place) => {
    label.value = place.label;
    latitude.value = String(place.latitude);
    longitude.value = String(place.longitude);
  };
  const take = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const place = { label: label.value, latitude: latitude.valueAsNumber, longitude: longitude.valueAsNumber };
    if (await use(place)) sheet.hidden = true;
  };
  openSheet(
    sheet,
    t("place"),
    h("form", { class: "ask", onsubmit: take }, choose, label, h("div", { class: "pair-of" }, latitude, longitude), h("button", { class: "primary" }, t("send"))),
  );
}

/**
 * Show which notices the account may ask for, as its page or mini program would.
 *
 * @param {HTMLElement} sheet
 * @param {Desk} desk
 */
export async function askSubscription(sheet, desk) {
  const chat = desk.chat;
  if (!chat) return;
  const path = `/people/${chat.person.index}/subscriptions`;
  /** @type {Allowance[]} */
  const rows = (await api.get(`${path}?appid=${chat.account.appid}`)).items;
  if (!rows.length) {
    openSheet(sheet, t("subscribe"), h("p", { class: "hint" }, t("no_notices")));
    return;
  }
  const boxes = rows.map((row, place) => h("input", { type: "checkbox", checked: place < ASKED_AT_ONCE, value: row.template_id }));
  const answer = (/** @type {"accept" | "reject"} */ word) => async () => {
    const chosen = boxes.filter((one) => one.checked).map((one) => [one.value, word]);
    if (await desk.act("subscriptions", { answers: Object.fromEntries(chosen), scene: 1 })) sheet.hidden = true;
  };
  const withdraw = (/** @type {string} */ template_id) => async () => {
    if (await desk.act("subscriptions/withdraw", { template_id })) sheet.hidden = true;
  };
  openSheet(
    sheet,
    t("subscribe"),
    h("p", { class: "hint" }, t("subscribe_hint")),
    h("div", { class: "notices" }, rows.map((row, place) => notice(row, boxes[place], withdraw(row.template_id)))),
    h(
      "div",
      { class: "pair-of" },
      h("button", { type: "button", class: "quiet", onclick: answer("reject") }, t("reject")),
      h("button", { type: "button", class: "primary", onclick: answer("accept") }, t("accept")),
    ),
  );
}

/** @param {Allowance} row @param {Node | undefined} mark @param {() => void} withdraw */
function notice(row, mark, withdraw) {
  const left = row.is_open ? t("always") : `${row.credits} ${t("credits")}`;
  return h(
    "div",
    { class: "notice-row" },
    h("label", { class: "grow" }, mark, h("span", { class: "grow" }, h("strong", {}, row.title), h("small", {}, left))),
    (row.is_open || row.credits > 0) && h("button", { type: "button", class: "word", onclick: withdraw }, t("withdraw")),
  );
}

/** @param {"text" | "number"} type @param {string} label @param {string | number} value */
function box(type, label, value) {
  return h("input", { type, step: "any", "aria-label": label, placeholder: label, value: String(value), required: true });
}
