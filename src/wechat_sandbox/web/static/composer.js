/** The bar at the bottom: the account's menu, or a box to write in, and more ways to say something. */

import { fill, h } from "./dom.js";
import { asJpeg, choosePicture } from "./pictures.js";
import { t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./types.js").MenuButton} MenuButton */

/**
 * What the composer opens on the phone. Whoever asks closes again unless ``use`` gives null.
 *
 * @typedef {object} Doors
 * @property {(url: string) => void} openPage
 * @property {(appid: string, path: string) => void} openMiniProgram
 * @property {() => void} scan
 * @property {(title: string, use: (text: string) => Promise<unknown>) => void} askText
 * @property {(use: (place: import("./requests.js").Place) => Promise<unknown>) => void} askPlace
 * @property {() => void} askSubscription
 * @property {() => void} openWallet
 */

export class Composer {
  /**
   * @param {Desk} desk
   * @param {Doors} doors
   */
  constructor(desk, doors) {
    this.desk = desk;
    this.doors = doors;
    this.isWriting = false;
    this.signature = "";
    this.box = h("textarea", { rows: 1, placeholder: t("say"), "aria-label": t("say"), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), oninput: () => this.#grow() });
    this.menu = h("div", { class: "menu" });
    this.tray = h("div", { class: "tray", hidden: true }, this.#tools());
    this.element = h("footer", { class: "composer" }, h("div", { class: "bar" }, this.#toggle(), this.menu, this.#writing()), this.tray);
    document.addEventListener("click", (event) => {
      if (!(event.target instanceof Node) || !this.menu.contains(event.target)) this.#closeMenus();
    });
  }

  /** @param {Chat} chat @param {boolean} isShown */
  update(chat, isShown) {
    this.element.hidden = !isShown;
    const signature = `${chat.account.appid}:${chat.person.index}:${JSON.stringify(chat.menu)}`;
    if (signature === this.signature) return;
    this.signature = signature;
    this.isWriting = !chat.menu.length;
    this.box.value = "";
    this.tray.hidden = true;
    fill(this.menu, chat.menu.length ? chat.menu.map((button) => this.#button(button)) : h("p", { class: "empty" }, t("no_menu")));
    this.#showMode();
  }

  /** @param {MenuButton} button */
  #button(button) {
    const inside = button.sub_button ?? [];
    if (!inside.length) return h("div", { class: "entry" }, this.#leaf(button));
    const list = h("div", { class: "submenu", role: "menu", hidden: true }, inside.map((leaf) => this.#leaf(leaf)));
    const open = () => {
      const wasHidden = list.hidden;
      this.#closeMenus();
      list.hidden = !wasHidden;
    };
    return h("div", { class: "entry" }, h("button", { type: "button", class: "parent", "aria-haspopup": "menu", onclick: open }, button.name), list);
  }

  /** @param {MenuButton} button */
  #leaf(button) {
    return h("button", { type: "button", role: "menuitem", data: { type: button.type }, onclick: () => this.#tap(button) }, button.name);
  }

  /** @param {MenuButton} button */
  async #tap(button) {
    this.#closeMenus();
    const name = button.key || button.url || button.media_id || button.article_id || button.name;
    const tap = (/** @type {Record<string, unknown>} */ done) => this.desk.act("tap", { button: name, ...done });
    if (button.type.startsWith("scancode")) {
      this.doors.askText(t("scan_result"), (text) => tap({ scan_result: text }));
    } else if (button.type.startsWith("pic_")) {
      const content = await this.#picture();
      if (content) await tap({ pictures: [content] });
    } else if (button.type === "location_select") {
      this.doors.askPlace((place) => tap({ place }));
    } else if ((await tap({})) && button.type === "view") {
      this.doors.openPage(button.url ?? "");
    } else if (button.type === "miniprogram") {
      this.doors.openMiniProgram(button.appid ?? "", button.pagepath ?? "");
    }
  }

  async #sendPicture() {
    const content = await this.#picture();
    if (content) await this.desk.act("send-image", { content });
  }

  async #picture() {
    const file = await choosePicture();
    return file && this.desk.attempt(() => asJpeg(file));
  }

  #closeMenus() {
    for (const list of this.menu.querySelectorAll(".submenu")) /** @type {HTMLElement} */ (list).hidden = true;
  }

  #toggle() {
    this.mode = h("button", { type: "button", class: "mode", onclick: () => { this.isWriting = !this.isWriting; this.#showMode(); if (this.isWriting) this.box.focus(); } });
    return this.mode;
  }

  #showMode() {
    const mode = /** @type {HTMLElement} */ (this.mode);
    mode.setAttribute("aria-label", this.isWriting ? t("menu") : t("keyboard"));
    mode.dataset.mode = this.isWriting ? "menu" : "keyboard";
    this.menu.hidden = this.isWriting;
    this.element.classList.toggle("is-writing", this.isWriting);
    if (!this.isWriting) this.tray.hidden = true;
  }

  #writing() {
    return h(
      "div",
      { class: "writing" },
      this.box,
      h("button", { type: "button", class: "plus", "aria-label": t("more"), onclick: () => (this.tray.hidden = !this.tray.hidden) }, "+"),
      h("button", { type: "button", class: "send", onclick: () => this.#send() }, t("send")),
    );
  }

  #tools() {
    const tool = (/** @type {string} */ name, /** @type {() => void} */ use) =>
      h("button", { type: "button", class: "tool", data: { tool: name }, onclick: () => { this.tray.hidden = true; use(); } }, h("span", { class: "tool-mark", "aria-hidden": "true" }), t(name));
    return [
      tool("picture", () => void this.#sendPicture()),
      tool("place", () => this.doors.askPlace((place) => this.desk.act("send-location", { ...place }))),
      tool("scan", () => this.doors.scan()),
      tool("subscribe", () => this.doors.askSubscription()),
      tool("wallet", () => this.doors.openWallet()),
    ];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // While an input method composes Chinese, Enter chooses a word and sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.#send();
  }

  async #send() {
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.#grow();
    const answer = await this.desk.act("say", { text });
    if (!answer && !this.box.value) this.box.value = text; // Refused: nothing of it is lost.
  }

  #grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 96)}px`;
    this.element.classList.toggle("has-text", this.box.value.trim() !== "");
  }
}
