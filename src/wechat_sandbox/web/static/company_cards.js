/** What stands on a member's phone: customers, tasks, groups, moments, customer service. */

import * as api from "./api.js";
import { adding, apps, customers, told } from "./company_customers.js";
import { card, does, form, spoken, words } from "./company_pieces.js";
import { h } from "./dom.js";
import { when } from "./format.js";
import { t } from "./words.js";

/**
 * @typedef {{userid: string, name: string, customers: number, tasks: number}} Member
 * @typedef {{corpid: string, name: string, staff: Member[], groups: number, kf: number, toolbar: {agentid: number, name: string}[]}} Company
 * @typedef {{company: Company, member: Member, attempt: (act: () => Promise<unknown>) => Promise<void>}} Place
 */

/** Everything the phone shows, by tab. @type {Record<string, (place: Place) => Promise<HTMLElement[]>>} */
export const CARDS = { customers, adding, tasks, groups, moments, kf, apps, told };

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
async function tasks(place) {
  const own = `/corps/${place.company.corpid}/staff/${place.member.userid}`;
  const open = await api.get(`${own}/tasks`);
  const messages = open.messages.map((/** @type {any} */ one) =>
    card(
      t(one.chat_type === "group" ? "mass_to_groups" : "mass_to_customers"),
      `${one.receivers.length} ${t("receivers")}`,
      words(one.content),
      h("div", { class: "actions" }, does(t("send"), place, () => api.send("POST", `${own}/tasks/${one.msgid}/confirm`))),
    ),
  );
  const posts = open.moments.map((/** @type {any} */ one) =>
    card(
      t("tab_moments"),
      `${one.customers.length} ${t("customers")}`,
      words({ text: one.text, attachments: one.attachments }),
      h("div", { class: "actions" }, does(t("publish"), place, () => api.send("POST", `${own}/moments/${one.moment_id}/publish`))),
    ),
  );
  return [...messages, ...posts];
}

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
async function groups(place) {
  const base = `/corps/${place.company.corpid}/groups`;
  const found = await api.get(`${base}?who=${encodeURIComponent(place.member.userid)}`);
  return Promise.all(found.items.map((/** @type {any} */ one) => groupCard(place, base, one.chat_id)));
}

/** @param {Place} place @param {string} base @param {string} chatId */
async function groupCard(place, base, chatId) {
  const group = await api.get(`${base}/${chatId}?lines=12`);
  const speaker = h("select", { "aria-label": t("speak_as") }, group.members.map((/** @type {any} */ seat) =>
    h("option", { value: seat.who, selected: seat.who === place.member.userid }, group.names[seat.who] || seat.who)));
  const join = form(t("join_hint"), t("invite"), place, (who) => api.send("POST", `${base}/${chatId}/members`, { who, invitor: place.member.userid }));
  return card(
    group.name,
    `${group.members.length} ${t("members")} · ${chatId}`,
    group.notice,
    h("ol", {}, group.lines.map((/** @type {any} */ line) => spoken(line.name || "", groupWords(line, group), line.at))),
    form(t("say"), t("send"), place, (text) => api.send("POST", `${base}/${chatId}/say`, { who: speaker.value, text }), speaker),
    join,
    h("div", { class: "actions" }, does(t("leave"), place, () => api.send("POST", `${base}/${chatId}/members/${speaker.value}/leave`), true)),
  );
}

/** @param {any} line @param {any} group */
function groupWords(line, group) {
  if (line.kind === "joined" || line.kind === "left") return `${group.names[line.body.who] || line.body.who} ${t(`group_${line.kind}`)}`;
  return line.kind === "text" ? line.body.content : line.kind === "notice" ? `${t("notice")} ${line.body.text}` : words(line.body);
}

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
async function moments(place) {
  const { corpid } = place.company;
  const all = (await api.get(`/corps/${corpid}/moments`)).items.reverse();
  return all.flatMap((/** @type {any} */ one) => {
    const task = one.tasks.find((/** @type {any} */ each) => each.userid === place.member.userid);
    if (!task?.published_at) return [];
    const react = `/corps/${corpid}/staff/${place.member.userid}/moments/${one.moment_id}/react`;
    return [
      card(
        place.member.name,
        when(task.published_at * 1000, task.published_at * 1000),
        words({ text: one.text, attachments: one.attachments }),
        h("small", {}, `♥ ${task.likes.length} · ${task.shown.length} ${t("see_it")}`),
        h("ol", {}, task.comments.map((/** @type {any} */ said) => spoken(said.who, said.text, said.create_time))),
        form(t("say"), t("comment"), place, (text) => api.send("POST", react, { text })),
      ),
    ];
  });
}

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
async function kf(place) {
  const base = `/corps/${place.company.corpid}/kf`;
  const accounts = (await api.get(base)).items;
  const cards = await Promise.all(accounts.map((/** @type {any} */ one) => accountCards(place, `${base}/${one.open_kfid}`, one)));
  return cards.flat();
}

/** @param {Place} place @param {string} base @param {any} account */
async function accountCards(place, base, account) {
  const chats = (await api.get(`${base}/chats`)).items;
  const write = card(
    account.name,
    account.open_kfid,
    t("kf_hint"),
    form(t("person_and_text"), t("send"), place, (typed) => {
      const [who = "", ...text] = typed.split(" ");
      return api.send("POST", `${base}/chats/${encodeURIComponent(who)}/say`, { text: text.join(" ") });
    }),
  );
  return [write, ...(await Promise.all(chats.map((/** @type {any} */ one) => chatCard(place, base, one))))];
}

/** @param {Place} place @param {string} base @param {any} session */
async function chatCard(place, base, session) {
  const who = session.external_userid;
  const chat = await api.get(`${base}/chats/${who}`);
  const own = chat.session.state === 3 && chat.session.servicer === place.member.userid;
  const act = (/** @type {string} */ verb, body = {}) => api.send("POST", `${base}/chats/${who}/${verb}`, body);
  const lines = chat.lines.slice(-12).filter((/** @type {any} */ line) => line.msgtype !== "event");
  return card(
    who,
    `${chat.account} · ${t(`kf_state_${chat.session.state}`)} ${chat.session.servicer}`,
    "",
    h("ol", {}, lines.map((/** @type {any} */ line) => spoken(t(`kf_origin_${line.origin}`), line.body.content ?? `[${line.msgtype}]`, line.send_time))),
    form(t("say"), t("customer_says"), place, (text) => act("say", { text })),
    own && form(t("say"), t("servicer_says"), place, (text) => act("answer", { text })),
    h(
      "div",
      { class: "actions" },
      chat.session.state !== 3 && does(t("take"), place, () => act("take", { userid: place.member.userid })),
      own && does(t("end"), place, () => act("end"), true),
    ),
  );
}
