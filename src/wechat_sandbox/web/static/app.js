/** The page: people on the left, a phone in the middle, what the account's server hears on the right. */

import { Contacts } from "./contacts.js";
import { Desk } from "./desk.js";
import { fill, find, h } from "./dom.js";
import { Phone } from "./phone.js";
import { Wire } from "./wire.js";
import { t } from "./words.js";

const NOTICE_MS = 4000;

const desk = new Desk();
const app = find(document, "#app");

/** @type {number} */
let noticeTimer = 0;

/** Build everything anew: at the start, and when the language changes. */
function build() {
  const contacts = new Contacts(desk, build);
  const phone = new Phone(desk);
  const wire = new Wire(desk);
  fill(app, contacts.element, phone.element, wire.element, tabs(), h("div", { class: "notice", role: "status", hidden: true }));
  view = { contacts, phone, wire };
  document.title = t("title");
  for (const what of ["accounts", "contacts", "choice", "chat", "pane", "online"]) update(what);
}

/** @type {{contacts: Contacts, phone: Phone, wire: Wire}} */
let view;

/** @param {string} what */
function update(what) {
  if (what === "notice") showNotice();
  if (what === "pane" || what === "choice") showPane();
  if (what === "online") app.classList.toggle("is-offline", !desk.isOnline);
  view.contacts.update(what);
  view.phone.update(what);
  view.wire.update(what);
}

function tabs() {
  const tab = (/** @type {string} */ pane) =>
    h("button", { type: "button", data: { pane }, onclick: () => desk.show(pane) }, t(pane));
  return h("nav", { class: "tabs" }, tab("people"), tab("phone"), tab("wire"));
}

function showPane() {
  app.dataset.pane = desk.pane;
  for (const tab of app.querySelectorAll(".tabs button")) {
    const isShown = /** @type {HTMLElement} */ (tab).dataset.pane === desk.pane;
    tab.setAttribute("aria-current", String(isShown));
  }
}

function showNotice() {
  const notice = find(app, ".notice");
  notice.textContent = desk.notice;
  notice.hidden = !desk.notice;
  clearTimeout(noticeTimer);
  noticeTimer = window.setTimeout(() => (notice.hidden = true), NOTICE_MS);
}

build();
desk.listen(update);
desk.attempt(() => desk.start());
