/** The right pane: what the account may send, and what became of every callback. */

import * as api from "./api.js";
import { fateWords, stateOf } from "./bubbles.js";
import { fill, h, s } from "./dom.js";
import { exactTime, lasting, yuan } from "./format.js";
import { t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./types.js").Callback} Callback */
/** @typedef {import("./types.js").Attempt} Attempt */

export class Wire {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.account = h("section", { class: "box" });
    this.windows = h("section", { class: "box" });
    this.callbacks = h("section", { class: "box callbacks" });
    this.identity = h("section", { class: "box" });
    this.offline = h("p", { class: "offline", role: "alert" }, t("offline"));
    this.element = h("aside", { class: "pane pane-wire", "aria-label": t("wire") }, this.offline, this.account, this.windows, this.callbacks, this.identity);
    this.signature = "";
    setInterval(() => this.#showWindows(), 1000);
  }

  /** @param {string} what */
  update(what) {
    this.offline.hidden = this.desk.isOnline;
    if (what === "chat" || what === "choice" || what === "accounts") this.#show();
    if (what === "callback") this.#showCallbacks();
  }

  #show() {
    const chat = this.#chat();
    for (const box of [this.windows, this.callbacks, this.identity]) box.hidden = !chat;
    this.#showAccount();
    if (!chat) return;
    this.#showWindows();
    this.#showCallbacks();
    this.#showIdentity(chat);
  }

  #chat() {
    const chat = this.desk.chat;
    return chat && chat.person.index === this.desk.person ? chat : null;
  }

  #showAccount() {
    const account = this.desk.accounts.find((one) => one.appid === this.desk.appid);
    this.account.hidden = !account;
    if (!account || this.account.dataset.drawn === JSON.stringify(account)) return;
    this.account.dataset.drawn = JSON.stringify(account);
    fill(
      this.account,
      h("h3", {}, t("account")),
      this.#copyable("appid", account.appid),
      account.callback_url
        ? h("div", { class: "callback-url" }, h("code", {}, account.callback_url), h("button", { type: "button", onclick: () => this.#verify(account.appid) }, t("verify")))
        : h("p", { class: "hint" }, t("no_address")),
    );
  }

  /** @param {string} appid */
  #verify(appid) {
    return this.desk.attempt(async () => {
      const answer = await api.send("POST", `/accounts/${appid}/verify`);
      this.desk.say(t(answer.verified ? "verified" : "not_verified"));
    });
  }

  #showWindows() {
    const chat = this.#chat();
    if (!chat) return;
    const now = this.desk.now();
    const open = chat.windows.filter((window) => Date.parse(window.expires_at) > now);
    const rows = open.map((window) =>
      h(
        "div",
        { class: "window" },
        h("span", {}, t(`${window.trigger}_window`)),
        h("span", { class: "budget" }, h("b", {}, window.remaining), ` ${t("left")} ${lasting(Date.parse(window.expires_at) - now)}`),
      ),
    );
    fill(this.windows, h("h3", {}, t("windows")), rows.length ? rows : h("p", { class: "hint" }, t("no_windows")));
  }

  #showCallbacks() {
    const chat = this.#chat();
    if (!chat) return;
    const signature = JSON.stringify([chat.relation.openid, this.desk.chosenCallback, chat.callbacks.map((one) => [one.seq, one.state, one.history.length])]);
    if (signature === this.signature) return;
    this.signature = signature;
    const rows = chat.callbacks.map((callback) => this.#callback(callback, chat));
    fill(this.callbacks, h("h3", {}, t("callbacks")), rows.length ? rows : h("p", { class: "hint" }, t("no_callbacks")));
    this.callbacks.querySelector("[open]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Callback} callback @param {Chat} chat */
  #callback(callback, chat) {
    const line = chat.lines.find((one) => one.seq === callback.line);
    const name = callback.event.startsWith("message:") ? callback.event.slice("message:".length) : callback.event;
    return h(
      "details",
      { class: "callback", open: callback.seq === this.desk.chosenCallback },
      h(
        "summary",
        {},
        h("span", { class: `lamp is-${stateOf(callback)}` }),
        h("code", {}, name),
        h("span", { class: `fate is-${stateOf(callback)}` }, fateWords(callback)),
        h("time", {}, exactTime(callback.create_time * 1000)),
      ),
      h("ol", {}, callback.history.map((attempt) => attemptRow(attempt))),
      line && fields(line.body),
    );
  }

  /** @param {Chat} chat */
  #showIdentity(chat) {
    const { person, relation } = chat;
    fill(
      this.identity,
      h("h3", {}, `${t("identity")} · ${person.nickname}`),
      this.#copyable("openid", relation.openid),
      this.#copyable("unionid", relation.unionid),
      pair(t("member_no"), person.member_no),
      pair(t("city"), `${person.province} ${person.city}`),
      pair(t("interests"), person.interests.map(([name]) => name).join(" · ")),
      pair(t("ceiling"), yuan(person.price_ceiling_fen)),
    );
  }

  /** @param {string} name @param {string} value */
  #copyable(name, value) {
    if (!value) return null;
    const copy = () => this.desk.attempt(async () => {
      await navigator.clipboard.writeText(value);
      this.desk.say(t("copied"));
    });
    return h("div", { class: "pair" }, h("dt", {}, name), h("dd", {}, h("code", {}, value), h("button", { type: "button", class: "copy", "aria-label": `${t("copy")} ${name}`, onclick: copy }, sheets())));
  }
}

function sheets() {
  return s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("rect", { x: 5.5, y: 5.5, width: 8.5, height: 8.5, rx: 2 }), s("path", { d: "M10.500 3v-.500a1 1 0 0 0-1-1h-7a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1H3" }));
}

/** @param {string} name @param {string} value */
function pair(name, value) {
  return h("div", { class: "pair" }, h("dt", {}, name), h("dd", {}, value));
}

/** @param {Attempt} attempt */
function attemptRow(attempt) {
  const isGood = attempt.reply !== undefined || Boolean(attempt.copy) || Boolean(attempt.refused);
  const status = attempt.outcome.startsWith("answered_") ? `HTTP ${attempt.outcome.slice("answered_".length)}` : t(attempt.outcome);
  return h(
    "li",
    { class: isGood ? "is-good" : "is-bad" },
    h("span", {}, status),
    h("span", { class: "took" }, `${Math.round(attempt.took_ms)} ms`),
    h("span", { class: "reply" }, attemptWords(attempt)),
  );
}

/** @param {Attempt} attempt */
function attemptWords(attempt) {
  if (attempt.forged) return t(attempt.refused ? "forged_refused" : "forged_accepted");
  if (attempt.copy) return t("copy_sent");
  return attempt.reply === undefined ? "" : replyWords(attempt.reply);
}

/** @param {string} reply */
function replyWords(reply) {
  if (reply === "") return t("reply_empty");
  if (reply === "success") return t("reply_success");
  if (reply.startsWith("bad: ")) return `${t("reply_bad")}: ${reply.slice("bad: ".length)}`;
  return `${t("replied")} ${reply}`;
}

/** @param {Record<string, any>} body */
function fields(body) {
  return h("dl", { class: "fields" }, Object.entries(body).map(([name, value]) => pair(name, typeof value === "object" ? JSON.stringify(value) : String(value))));
}
