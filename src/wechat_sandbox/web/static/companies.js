/** The companies' page: pick a member of the staff and hold their phone. */

import * as api from "./api.js";
import { CARDS } from "./company_cards.js";
import { fill, h } from "./dom.js";
import { switchLanguage, t } from "./words.js";

/** @typedef {import("./company_cards.js").Company} Company */
/** @typedef {import("./company_cards.js").Place} Place */

const NOTICE_MS = 4000;
const root = /** @type {HTMLElement} */ (document.querySelector("#companies"));

/** @type {Company[]} */
let companies = [];
let corpid = "";
let userid = "";
let tab = location.hash.slice(1) in CARDS ? location.hash.slice(1) : "tasks";
let notice = 0;
let drawing = 0;

/** Draw everything anew from what the sandbox says now. */
async function draw() {
  const mine = ++drawing;
  companies = (await api.get("/phone/corps")).items;
  const company = companies.find((one) => one.corpid === corpid) ?? companies[0];
  const member = company?.staff.find((one) => one.userid === userid) ?? company?.staff[0];
  corpid = company?.corpid ?? "";
  userid = member?.userid ?? "";
  const cards = company && member ? await CARDS[tab]?.({ company, member, attempt }) : null;
  if (mine !== drawing || isTyping()) return; // Something newer is being drawn, or a hand is at work.
  const scrolled = root.querySelector(".cards")?.scrollTop ?? 0;
  document.title = t("companies");
  fill(root, staffPane(company), phonePane(member, cards));
  const list = root.querySelector(".cards");
  if (list) list.scrollTop = scrolled;
}

/** Whether somebody is writing into a box that would be lost. */
function isTyping() {
  const active = document.activeElement;
  return active instanceof HTMLInputElement && active.value !== "";
}

/** @param {Company | undefined} company */
function staffPane(company) {
  return h(
    "aside",
    { class: "pane pane-people" },
    h(
      "header",
      { class: "brand" },
      h("img", { src: "icon.svg", alt: "", class: "brand-mark" }),
      h("div", {}, h("h1", {}, t("companies")), h("p", {}, h("a", { href: "./" }, t("subtitle")))),
      h(
        "button",
        { type: "button", class: "language", "aria-label": t("language_label"), onclick: () => { switchLanguage(); void show(); } },
        t("language"),
      ),
    ),
    h("div", { class: "accounts" }, companies.map((one) => companyButton(one))),
    h("nav", { class: "people", "aria-label": t("staff") }, company ? company.staff.map((one) => memberButton(one)) : h("p", { class: "empty" }, t("no_companies"))),
  );
}

/** @param {Company} one */
function companyButton(one) {
  const choose = () => { corpid = one.corpid; userid = ""; void show(); };
  return h(
    "button",
    { type: "button", class: "account", "aria-pressed": one.corpid === corpid, onclick: choose },
    h("span", { class: "grow" }, h("strong", {}, one.name), h("small", {}, one.corpid)),
  );
}

/** @param {Company["staff"][number]} one */
function memberButton(one) {
  const choose = () => { userid = one.userid; void show(); };
  return h(
    "button",
    { type: "button", class: "person", "aria-current": one.userid === userid, onclick: choose },
    h("span", { class: "grow" }, h("strong", {}, one.name), h("small", {}, `${one.userid} · ${one.customers} ${t("customers")}`)),
    one.tasks > 0 && h("span", { class: "count" }, one.tasks),
  );
}

/**
 * @param {Company["staff"][number] | undefined} member
 * @param {HTMLElement[] | null | undefined} cards
 */
function phonePane(member, cards) {
  const button = (/** @type {string} */ name) =>
    h("button", { type: "button", "aria-current": name === tab, onclick: () => { tab = name; void show(); } }, t(`tab_${name}`));
  return h(
    "section",
    { class: "desk" },
    h("header", {}, h("h2", {}, member?.name ?? t("companies")), Object.keys(CARDS).map(button)),
    h("div", { class: "cards" }, cards?.length ? cards : h("p", { class: "empty" }, t(`none_${tab}`))),
  );
}

/**
 * Do something, say what went wrong, and show how things are then.
 *
 * @param {() => Promise<unknown>} act
 */
async function attempt(act) {
  try {
    await act();
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.value = "";
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
  await draw();
}

/** @param {string} text */
function tell(text) {
  const box = h("p", { class: "companies-notice", role: "status" }, text);
  document.body.append(box);
  clearTimeout(notice);
  notice = window.setTimeout(() => box.remove(), NOTICE_MS);
}

/** Draw, and say it where that fails. */
async function show() {
  await draw().catch((error) => tell(error.message));
}

api.watch(() => void show(), () => {});
void show();
