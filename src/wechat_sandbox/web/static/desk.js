/** What the page shows at the moment, and the only place where it changes. */

import * as api from "./api.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Contact} Contact */

const CONTACTS_EVERY_MS = 800; // A busy crowd changes the list all the time.

export class Desk {
  /** @type {Account[]} */ accounts = [];
  /** @type {Contact[]} */ contacts = [];
  /** @type {Chat | null} */ chat = null;
  /** @type {number | null} */ person = null;
  /** @type {number | null} */ chosenCallback = null;
  appid = "";
  query = "";
  isOnline = true;
  notice = "";
  /** Which of the three panes a narrow screen shows. */
  pane = "people";

  /** @type {Set<(what: string) => void>} */ #listeners = new Set();
  #clock = { epoch_s: 0, rate: 1, read_ms: 0 };
  #chatTurn = 0;
  #contactsTimer = 0;
  #isChatWanted = false;
  #isChatLoading = false;

  /** @param {(what: string) => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** @param {string} what */
  tell(what) {
    for (const listener of this.#listeners) listener(what);
  }

  /** Load everything, follow the address bar, and stay up to date. */
  async start() {
    await this.loadAccounts();
    this.#followAddress();
    window.addEventListener("hashchange", () => this.#followAddress());
    api.watch(
      (changed) => this.#take(changed),
      (isOpen) => this.#setOnline(isOpen),
    );
  }

  /** The sandbox's time now, in milliseconds since 1970. */
  now() {
    const passed_ms = performance.now() - this.#clock.read_ms;
    return this.#clock.epoch_s * 1000 + passed_ms * this.#clock.rate;
  }

  async loadAccounts() {
    const answer = await api.get("/phone/accounts");
    this.accounts = answer.items;
    this.#setClock(answer.clock);
    this.tell("accounts");
  }

  async loadContacts() {
    const query = this.query;
    const answer = await api.get(`/phone/contacts/${this.appid}?q=${encodeURIComponent(query)}`);
    if (query !== this.query) return; // Somebody went on typing.
    this.contacts = answer.items;
    this.tell("contacts");
  }

  /** Read the conversation again; calls that come meanwhile lead to one more reading. */
  async loadChat() {
    this.#isChatWanted = true;
    if (this.#isChatLoading) return;
    this.#isChatLoading = true;
    try {
      while (this.#isChatWanted) {
        this.#isChatWanted = false;
        await this.#readChat();
      }
    } finally {
      this.#isChatLoading = false;
    }
  }

  /** Put the page before the loaded one in front of it. */
  async loadEarlier() {
    const chat = this.chat;
    const first = chat?.lines[0];
    if (!chat || !first) return;
    const path = `/phone/chats/${chat.account.appid}/${chat.person.index}?before=${first.seq}`;
    const earlier = await api.get(path);
    if (this.chat?.person.index !== chat.person.index) return;
    this.chat = { ...this.chat, lines: [...earlier.lines, ...this.chat.lines], has_more: earlier.has_more };
    this.tell("chat");
  }

  /** @param {string} appid @param {number | null} person */
  choose(appid, person) {
    location.hash = person === null ? `#/${appid}` : `#/${appid}/${person}`;
  }

  /** @param {string} query */
  async search(query) {
    this.query = query;
    await this.attempt(() => this.loadContacts());
  }

  /** @param {string} pane */
  show(pane) {
    this.pane = pane;
    this.tell("pane");
  }

  /** @param {number | null} seq */
  chooseCallback(seq) {
    this.chosenCallback = seq;
    this.tell("callback");
  }

  /**
   * Do something that the sandbox may refuse, and say so if it does.
   *
   * @template T
   * @param {() => Promise<T>} action
   * @returns {Promise<T | null>}
   */
  async attempt(action) {
    try {
      return await action();
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  /**
   * Act as the chosen person, then look at what it led to.
   *
   * @param {string} what
   * @param {Record<string, unknown>} [details]
   * @returns {Promise<any>} the answer, or null when it was refused
   */
  async act(what, details) {
    const chat = this.chat;
    if (!chat) return null;
    return this.attempt(async () => {
      const answer = await api.act(chat, what, details);
      await this.loadChat();
      return answer;
    });
  }

  /** @param {string} text */
  say(text) {
    this.notice = text;
    this.tell("notice");
  }

  async #readChat() {
    const { appid, person } = this;
    if (person === null) return;
    const turn = ++this.#chatTurn;
    const chat = /** @type {Chat} */ (await api.get(`/phone/chats/${appid}/${person}`));
    if (turn !== this.#chatTurn || appid !== this.appid || person !== this.person) return;
    this.#setClock(chat.clock);
    this.chat = { ...chat, ...this.#withEarlier(chat) };
    this.tell("chat");
  }

  /** Keep earlier pages that were asked for: a reading brings the latest lines only. */
  #withEarlier(/** @type {Chat} */ chat) {
    const before = this.chat;
    const first = chat.lines[0];
    if (!before || !first || before.relation.openid !== chat.relation.openid) return {};
    const earlier = before.lines.filter((line) => line.seq < first.seq);
    return earlier.length ? { lines: [...earlier, ...chat.lines], has_more: before.has_more } : {};
  }

  #followAddress() {
    const [, appid = "", person = ""] = location.hash.split("/");
    const known = this.accounts.find((account) => account.appid === appid) ?? this.accounts[0];
    if (!known) return;
    const isOther = known.appid !== this.appid;
    this.appid = known.appid;
    this.person = /^\d+$/.test(person) ? Number(person) : null;
    this.chosenCallback = null;
    // Pages that ask the platform who is looking are told: the one whose phone this is.
    if (this.person !== null) document.cookie = `wechat_sandbox_person=${this.person}; path=/; SameSite=Lax`;
    if (isOther) this.chat = null;
    this.pane = this.person === null ? "people" : "phone";
    this.tell("choice");
    if (isOther) void this.attempt(() => this.loadContacts());
    void this.attempt(() => this.loadChat());
  }

  /** @param {[string, string][]} changed */
  #take(changed) {
    const isWhole = changed.some(([appid]) => !appid);
    const openid = this.chat?.relation.openid;
    if (isWhole || changed.some(([appid, about]) => appid && !about)) {
      void this.attempt(() => this.loadAccounts());
    }
    if (isWhole || changed.some(([appid, about]) => appid === this.appid && (!about || about === openid))) {
      void this.attempt(() => this.loadChat());
    }
    if (!this.#contactsTimer) {
      this.#contactsTimer = window.setTimeout(() => {
        this.#contactsTimer = 0;
        if (!this.query) void this.attempt(() => this.loadContacts());
      }, CONTACTS_EVERY_MS);
    }
  }

  /** @param {boolean} isOnline */
  #setOnline(isOnline) {
    if (isOnline && !this.isOnline) this.#take([["", ""]]); // Whatever happened meanwhile was missed.
    this.isOnline = isOnline;
    this.tell("online");
  }

  /** @param {Clock} clock */
  #setClock(clock) {
    this.#clock = { epoch_s: clock.epoch_s, rate: clock.rate, read_ms: performance.now() };
  }
}
