/** The left pane: which account, and which person to be. */

import { badge, face } from "./avatar.js";
import { fill, h } from "./dom.js";
import { when } from "./format.js";
import { summary } from "./summary.js";
import { switchLanguage, t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Contact} Contact */

const TYPING_MS = 180;

export class Contacts {
  /**
   * @param {Desk} desk
   * @param {() => void} rebuild called when the language has changed
   */
  constructor(desk, rebuild) {
    this.desk = desk;
    this.timer = 0;
    this.accounts = h("div", { class: "accounts" });
    this.list = h("nav", { class: "people", "aria-label": t("people") });
    this.element = h(
      "aside",
      { class: "pane pane-people" },
      h(
        "header",
        { class: "brand" },
        h("img", { src: "icon.svg", alt: "", class: "brand-mark" }),
        h("div", {}, h("h1", {}, t("title")), h("p", {}, t("subtitle"), " · ", h("a", { href: "companies.html" }, t("companies")))),
        h(
          "button",
          {
            type: "button", class: "language", "aria-label": t("language_label"),
            onclick: () => { switchLanguage(); rebuild(); },
          },
          t("language"),
        ),
      ),
      this.accounts,
      this.#searchBox(),
      this.list,
    );
  }

  /** @param {string} what */
  update(what) {
    if (what === "accounts" || what === "choice") this.#showAccounts();
    if (what === "contacts") this.#showPeople();
    if (what === "choice" || what === "chat") this.#markChosen();
  }

  #searchBox() {
    const search = (/** @type {Event} */ event) => {
      const box = /** @type {HTMLInputElement} */ (event.target);
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.desk.search(box.value.trim()), TYPING_MS);
    };
    return h(
      "div",
      { class: "search" },
      h("input", {
        type: "search", placeholder: t("search"), "aria-label": t("search"), value: this.desk.query,
        autocomplete: "off", spellcheck: false, oninput: search,
      }),
    );
  }

  #showAccounts() {
    const cards = this.desk.accounts.map((account) =>
      h(
        "button",
        {
          type: "button", class: "account", "aria-pressed": account.appid === this.desk.appid,
          onclick: () => this.desk.choose(account.appid, this.desk.person),
        },
        badge(account),
        h(
          "span",
          { class: "grow" },
          h("strong", {}, account.name),
          h("small", {}, `${account.followers ?? 0} ${t("followers")}`),
        ),
        h("span", { class: account.callback_url ? "dot is-on" : "dot", title: account.callback_url || t("no_address") }),
      ),
    );
    fill(this.accounts, ...cards);
  }

  #showPeople() {
    const scrolled = this.list.scrollTop;
    const rows = this.desk.contacts.map((contact) => this.#row(contact));
    fill(this.list, rows.length ? rows : h("p", { class: "empty" }, t("nobody")));
    this.list.scrollTop = scrolled;
    this.#markChosen();
  }

  /** @param {Contact} contact */
  #row(contact) {
    const last = contact.last;
    return h(
      "button",
      {
        type: "button", class: "person", data: { person: contact.index },
        onclick: () => this.desk.choose(this.desk.appid, contact.index),
      },
      h("span", { class: contact.following ? "portrait is-following" : "portrait" }, face(contact)),
      h(
        "span",
        { class: "grow" },
        h(
          "span",
          { class: "row" },
          h("strong", {}, contact.nickname),
          h("time", {}, last ? when(Date.parse(last.at), this.desk.now()) : ""),
        ),
        h("small", {}, last ? summary(last) : `#${contact.index} · ${contact.city}`),
      ),
    );
  }

  #markChosen() {
    for (const row of this.list.querySelectorAll(".person")) {
      const isChosen = Number(/** @type {HTMLElement} */ (row).dataset.person) === this.desk.person;
      row.setAttribute("aria-current", String(isChosen));
    }
  }
}
