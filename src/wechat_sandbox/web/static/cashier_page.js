/** The page an H5 payment leads to, and where a Native code can be paid without a phone. */

import * as api from "./api.js";
import { cashier } from "./cashier.js";
import { fill, find, h } from "./dom.js";
import { t } from "./words.js";

const PEOPLE = 100;

/** @typedef {import("./cashier.js").Bill} Bill */

const asked = new URLSearchParams(location.search);
const root = find(document, "#cashier");
const place = h("div", { class: "pay" });
const complaint = h("p", { class: "complaint", role: "alert" });
const complain = (/** @type {string} */ text) => { complaint.textContent = text; };

/** Go where the shop wanted the person to be led, if it said so. */
function leave() {
  const back = asked.get("redirect_url") ?? "";
  if (/^https?:\/\//i.test(back)) location.assign(back);
  else fill(place, h("p", { class: "pay-to" }, t("pay_gone")));
}

async function start() {
  const mark = asked.get("prepay_id") ?? asked.get("mark") ?? "";
  const code = asked.get("package");
  const path = `/cashier?mark=${encodeURIComponent(mark)}${code === null ? "" : `&package=${encodeURIComponent(code)}`}`;
  const bill = /** @type {Bill} */ (await api.get(path));
  const people = /** @type {{index: number, nickname: string}[]} */ ((await api.get(`/people?limit=${PEOPLE}`)).items);
  const choose = h("select", { "aria-label": t("pay_who") }, people.map((one) => h("option", { value: String(one.index), selected: one.index === bill.person }, `${one.nickname} · ${one.index}`)));
  const draw = () => cashier(place, bill, Number(choose.value), complain, leave);
  choose.disabled = bill.person !== null;
  choose.onchange = draw;
  fill(root, h("h1", {}, t("wallet")), h("label", { class: "who" }, t("pay_who"), choose), place, complaint);
  draw();
}

start().catch((error) => fill(root, h("h1", {}, t("wallet")), h("p", { class: "complaint", role: "alert" }, error instanceof Error ? error.message : String(error))));
