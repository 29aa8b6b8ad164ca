/** The phone in the middle: a conversation, or the account's own page for who does not follow. */

import { bubble } from "./bubbles.js";
import { openWallet } from "./cashier.js";
import { Composer } from "./composer.js";
import { fill, find, h, s } from "./dom.js";
import { clockTime, when } from "./format.js";
import { profile } from "./profile.js";
import { askPlace, askSubscription } from "./requests.js";
import { askScan, askText, showMiniProgram, showPage } from "./sheets.js";
import { t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./types.js").Line} Line */

const PAUSE_MS = 5 * 60_000; // After a pause like this the time is shown again.
const NEAR_END_PX = 80;

export class Phone {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.isProfile = false;
    this.owner = "";
    /** @type {Map<string, {signature: string, element: HTMLElement}>} */
    this.drawn = new Map();
    this.composer = new Composer(desk, {
      openPage: (url) => this.openPage(url),
      openMiniProgram: (appid, path) => this.openMiniProgram(appid, path),
      scan: () => askScan(this.#sheet(), desk),
      askText: (title, use) => askText(this.#sheet(), title, use),
      askPlace: (use) => askPlace(this.#sheet(), use),
      askSubscription: () => desk.attempt(() => askSubscription(this.#sheet(), desk)),
      openWallet: () => desk.attempt(() => openWallet(this.#sheet(), desk)),
    });
    this.time = h("span", { class: "time" });
    this.title = h("h2", {});
    this.lines = h("div", { class: "lines", role: "log", "aria-live": "polite" });
    this.scroller = h("div", { class: "scroller" }, this.#earlier(), this.lines);
    this.isNearEnd = true;
    this.scroller.onscroll = () => (this.isNearEnd = this.#measureEnd());
    // The keyboard, the tray or a picture takes room: what was said last stays in sight.
    const keepEnd = new ResizeObserver(() => { if (this.isNearEnd) this.scroller.scrollTop = this.scroller.scrollHeight; });
    keepEnd.observe(this.scroller);
    keepEnd.observe(this.lines);
    this.about = h("div", { class: "about" });
    this.screen = h("div", { class: "screen" }, this.#statusBar(), this.#titleBar(), this.scroller, this.about, this.composer.element, h("div", { class: "sheet", hidden: true }));
    this.nobody = h("div", { class: "nobody" }, h("p", {}, t("choose")));
    this.element = h("section", { class: "pane pane-phone", "aria-label": t("phone") }, h("div", { class: "device" }, this.screen, this.nobody));
    /** @type {import("./bubbles.js").Taps} */
    this.taps = {
      openPage: (url) => this.openPage(url),
      openMiniProgram: (appid, path) => this.openMiniProgram(appid, path),
      chooseItem: (id, text) => void this.desk.act("say", { text, menu_item: id }),
      showCallback: (seq) => { this.desk.chooseCallback(seq); this.desk.show("wire"); },
    };
    setInterval(() => this.#tick(), 1000);
  }

  /** @param {string} what */
  update(what) {
    if (what === "choice") {
      this.isProfile = false;
      this.#closeSheet();
      this.#show();
    }
    if (what === "chat") this.#show();
  }

  /** @param {string} url */
  openPage(url) {
    if (this.desk.chat) showPage(this.#sheet(), url);
  }

  /** @param {string} appid @param {string} path */
  openMiniProgram(appid, path) {
    showMiniProgram(this.#sheet(), appid, path);
  }

  #show() {
    const chat = this.desk.chat;
    const isChosen = chat !== null && this.desk.person === chat.person.index && this.desk.appid === chat.account.appid;
    this.nobody.hidden = isChosen;
    this.screen.hidden = !isChosen;
    if (!isChosen) return;
    const isAbout = this.isProfile || !chat.relation.following;
    this.#tick();
    this.title.textContent = isAbout && !chat.relation.following && !chat.lines.length ? "" : chat.account.name;
    this.about.hidden = !isAbout;
    this.scroller.hidden = isAbout && (this.isProfile || !chat.lines.length);
    this.screen.classList.toggle("is-about", isAbout);
    if (isAbout) fill(this.about, profile(chat, this.desk, () => this.#leaveProfile()));
    this.composer.update(chat, !isAbout);
    this.#draw(chat);
  }

  #leaveProfile() {
    this.isProfile = false;
    this.#show();
  }

  /** Draw what changed; what is on the screen already stays untouched, and so does a selection in it. */
  #draw(/** @type {Chat} */ chat) {
    const isNew = this.owner !== chat.relation.openid;
    if (isNew) {
      this.owner = chat.relation.openid;
      this.drawn.clear();
      fill(this.lines);
    }
    if (isNew) this.isNearEnd = true;
    const wanted = this.#parts(chat);
    const keys = new Set(wanted.map((part) => part.key));
    for (const [key, { element }] of this.drawn) {
      if (!keys.has(key)) { element.remove(); this.drawn.delete(key); }
    }
    let place = this.lines.firstChild;
    for (const part of wanted) place = this.#put(part, place);
    find(this.scroller, ".earlier").hidden = !chat.has_more;
    if (this.isNearEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #measureEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  /**
   * @param {{key: string, signature: string, draw: () => HTMLElement}} part
   * @param {ChildNode | null} place where it belongs: in front of this
   * @returns {ChildNode | null} what comes behind it
   */
  #put(part, place) {
    const known = this.drawn.get(part.key);
    if (known && known.signature === part.signature && known.element === place) return place.nextSibling;
    if (known && known.signature === part.signature) {
      this.lines.insertBefore(known.element, place);
      return place;
    }
    const element = part.draw();
    if (known) {
      const next = known.element === place ? place.nextSibling : place;
      known.element.replaceWith(element);
      this.drawn.set(part.key, { signature: part.signature, element });
      return next;
    }
    this.lines.insertBefore(element, place);
    this.drawn.set(part.key, { signature: part.signature, element });
    return place;
  }

  /** @param {Chat} chat */
  #parts(chat) {
    const fates = new Map(chat.callbacks.map((callback) => [callback.line, callback]));
    const parts = [];
    let before_ms = 0;
    for (const line of chat.lines) {
      const at_ms = Date.parse(line.at);
      if (at_ms - before_ms > PAUSE_MS) {
        const said = when(at_ms, this.desk.now());
        parts.push({ key: `t${line.seq}`, signature: said, draw: () => h("div", { class: "line is-time" }, h("time", {}, said)) });
      }
      before_ms = at_ms;
      const callback = fates.get(line.seq);
      const signature = callback ? `${callback.state}:${callback.history.length}` : "";
      parts.push({ key: String(line.seq), signature, draw: () => bubble(line, chat, callback, this.taps) });
    }
    return parts;
  }

  #earlier() {
    return h("button", { type: "button", class: "earlier", hidden: true, onclick: () => this.desk.attempt(() => this.desk.loadEarlier()) }, t("earlier"));
  }

  #statusBar() {
    const signal = s("svg", { viewBox: "0 0 46 12", class: "signal", "aria-hidden": "true" },
      ...[0, 1, 2, 3].map((bar) => s("rect", { x: bar * 4.5, y: 8 - bar * 2.4, width: 3, height: 4 + bar * 2.4, rx: 0.8 })),
      s("rect", { x: 23.5, y: 1.5, width: 19, height: 10, rx: 3, fill: "none", stroke: "currentColor" }),
      s("rect", { x: 25, y: 3, width: 14, height: 7, rx: 1.6 }),
      s("rect", { x: 43.5, y: 5, width: 1.6, height: 3.4, rx: 0.8 }));
    return h("div", { class: "status-bar" }, this.time, h("span", { class: "island", "aria-hidden": "true" }), signal);
  }

  #titleBar() {
    const back = () => (this.isProfile ? this.#leaveProfile() : this.desk.show("people"));
    const more = () => { this.isProfile = true; this.#show(); };
    return h(
      "header",
      { class: "title-bar" },
      h("button", { type: "button", class: "back", "aria-label": t("back"), onclick: back }, "‹"),
      this.title,
      h("button", { type: "button", class: "dots", "aria-label": t("profile"), onclick: more }, "···"),
    );
  }

  #tick() {
    this.time.textContent = clockTime(this.desk.now());
  }

  #sheet() {
    return find(this.screen, ".sheet");
  }

  #closeSheet() {
    this.#sheet().hidden = true;
  }
}
