/** One line of a conversation, drawn as a phone draws it. */

import { badge, face } from "./avatar.js";
import { h } from "./dom.js";
import { link, richText } from "./rich.js";
import { articles } from "./summary.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./types.js").Line} Line */
/** @typedef {import("./types.js").Callback} Callback */

/**
 * What a tap inside a message does.
 *
 * @typedef {object} Taps
 * @property {(url: string) => void} openPage
 * @property {(appid: string, path: string) => void} openMiniProgram
 * @property {(id: string, text: string) => void} chooseItem
 * @property {(seq: number) => void} showCallback
 */

/**
 * @param {Line} line
 * @param {Chat} chat
 * @param {Callback | undefined} callback of this line
 * @param {Taps} taps
 * @returns {HTMLElement}
 */
export function bubble(line, chat, callback, taps) {
  if (line.direction === "note") {
    return h("div", { class: "line is-note" }, h("p", {}, line.kind === "transfer" ? t("transferred") : line.body.text));
  }
  const [family = "", kind = ""] = line.kind.split(":");
  if (family === "event") return happening(line, kind, callback, taps);
  const isMine = line.direction === "from_person";
  const content = CONTENT[kind || family] ?? unknown;
  const portrait = isMine ? face(chat.person) : badge(chat.account);
  return h(
    "div",
    { class: isMine ? "line is-mine" : "line is-theirs", data: { kind: line.kind } },
    h("span", { class: "portrait" }, portrait),
    h("div", { class: "said" }, content(line.body, taps, line), isMine && fate(callback, taps)),
  );
}

/**
 * Say in a word and a colour what became of a callback.
 *
 * @param {Callback | undefined} callback
 * @param {Taps} taps
 */
function fate(callback, taps) {
  if (!callback) return null;
  return h(
    "button",
    { type: "button", class: `fate is-${stateOf(callback)}`, onclick: () => taps.showCallback(callback.seq) },
    fateWords(callback),
  );
}

/** @param {Callback} callback */
export function stateOf(callback) {
  return callback.state === "pending" && callback.history.length ? "retrying" : callback.state;
}

/** @param {Callback} callback */
export function fateWords(callback) {
  const state = stateOf(callback);
  const last = callback.history.at(-1);
  if (state === "retrying") return `${t(state)} ${callback.history.length}/3`;
  if (state !== "delivered" || !last) return t(state);
  return `${t(state)} ${Math.round(last.took_ms)} ms${callback.attempts > 1 ? ` · ×${callback.attempts}` : ""}`;
}

/** @type {Record<string, (body: Record<string, any>, taps: Taps, line: Line) => HTMLElement>} */
const CONTENT = {
  text: (body, taps) => h("div", { class: "bubble" }, richText(body.Content ?? body.content ?? "", taps)),
  image: (body) => picture(fileUrl(mediaId(body, "Image")) || body.PicUrl),
  media_id: (body) => picture(fileUrl(body.media_id ?? "")),
  voice: (body) => media("audio", t("voice"), fileUrl(mediaId(body, "Voice"))),
  video: (body) => media("video", t("video"), fileUrl(mediaId(body, "Video"))),
  shortvideo: (body) => media("video", t("video"), fileUrl(mediaId(body, "Video"))),
  music: (body, taps) => linkCard(body.Music ?? body, taps, t("music")),
  location: (body) => placeCard(body),
  link: (body, taps) => linkCard(body, taps, ""),
  news: (body, taps) => newsCard(body, taps),
  mpnews: (body, taps) => newsCard(body, taps),
  mpnewsarticle: (body, taps) => newsCard(body, taps),
  msgmenu: (body, taps) => menuMessage(body, taps),
  miniprogrampage: (body, taps) => miniCard(body, taps),
  wxcard: (body) => h("div", { class: "card" }, h("strong", {}, t("card")), h("p", {}, body.card_id ?? "")),
  template: (body, taps, line) => templateCard(body, taps, line),
  subscribe: (body, taps, line) => templateCard(body, taps, line),
  one_time: (body, taps, line) => templateCard(body, taps, line),
};

/** @param {Record<string, any>} body */
function unknown(body) {
  return h("div", { class: "bubble is-odd" }, h("em", {}, t("unknown_kind")), h("pre", {}, JSON.stringify(body, null, 1)));
}

/**
 * @param {Line} line
 * @param {string} event
 * @param {Callback | undefined} callback
 * @param {Taps} taps
 */
function happening(line, event, callback, taps) {
  const key = line.body.EventKey || answersIn(line.body) || "";
  return h(
    "div",
    { class: "line is-event", data: { kind: line.kind } },
    h("span", { class: "chip" }, t(`event_${event}`), key && h("code", {}, String(key))),
    fate(callback, taps),
  );
}

/**
 * The accepts and rejects of a subscription request.
 *
 * @param {Record<string, any>} body
 */
function answersIn(body) {
  const told = body.SubscribeMsgPopupEvent ?? body.SubscribeMsgChangeEvent;
  return [told?.List ?? []].flat().map((row) => row.SubscribeStatusString).join(" ");
}

/** @param {string} url */
function picture(url) {
  if (!url) return h("div", { class: "bubble is-odd" }, `[${t("picture")}]`);
  return h("img", { class: "picture", src: url, alt: t("picture"), loading: "lazy", referrerPolicy: "no-referrer" });
}

/** @param {"audio" | "video"} tag @param {string} label @param {string} url */
function media(tag, label, url) {
  if (!url) return h("div", { class: "bubble is-odd" }, `[${label}]`);
  return h(tag, { class: "media", src: url, controls: true, preload: "metadata", "aria-label": label });
}

/** @param {Record<string, any>} body */
function placeCard(body) {
  return h(
    "div",
    { class: "card place" },
    h("div", { class: "map", "aria-hidden": "true" }, h("span", { class: "pin" })),
    h("strong", {}, body.Label || t("place")),
    h("small", {}, `${body.Location_X}, ${body.Location_Y}`),
  );
}

/** @param {Record<string, any>} body @param {Taps} taps @param {string} label */
function linkCard(body, taps, label) {
  const url = body.url ?? body.Url ?? body.musicurl ?? body.MusicUrl ?? "";
  const thumb = body.thumb_url ?? body.ThumbUrl ?? "";
  return tappable(
    () => taps.openPage(url),
    "card link",
    h("span", { class: "grow" }, h("strong", {}, body.title ?? body.Title ?? label), h("small", {}, body.description ?? body.Description ?? url)),
    thumb && h("img", { src: thumb, alt: "", referrerPolicy: "no-referrer" }),
  );
}

/** @param {Record<string, any>} body @param {Taps} taps */
function newsCard(body, taps) {
  const [first, ...rest] = articles(body);
  if (!first) return unknown(body);
  return h(
    "div",
    { class: "card news" },
    tappable(
      () => taps.openPage(first.url),
      "lead",
      h("span", { class: "cover" }, first.picurl && h("img", { src: first.picurl, alt: "", referrerPolicy: "no-referrer" })),
      h("strong", {}, first.title),
      first.description && h("small", {}, first.description),
    ),
    rest.map((one) => tappable(() => taps.openPage(one.url), "next", h("span", { class: "grow" }, one.title), one.picurl && h("img", { src: one.picurl, alt: "" }))),
  );
}

/** @param {Record<string, any>} body @param {Taps} taps */
function menuMessage(body, taps) {
  /** @type {{id: string, content: string}[]} */
  const items = body.list ?? [];
  return h(
    "div",
    { class: "bubble choices" },
    body.head_content && h("p", {}, richText(body.head_content, taps)),
    items.map((item) => h("p", {}, link(item.content, () => taps.chooseItem(String(item.id), item.content)))),
    body.tail_content && h("p", {}, richText(body.tail_content, taps)),
  );
}

/** @param {Record<string, any>} body @param {Taps} taps */
function miniCard(body, taps) {
  return tappable(
    () => taps.openMiniProgram(body.appid ?? body.AppId ?? "", body.pagepath ?? body.PagePath ?? ""),
    "card mini",
    h("small", { class: "mini-name" }, t("mini_program")),
    h("strong", {}, body.title ?? body.Title ?? ""),
    h("div", { class: "mini-cover", "aria-hidden": "true" }),
  );
}

/** @param {Record<string, any>} body @param {Taps} taps @param {Line} line */
function templateCard(body, taps, line) {
  const rows = String(body.text ?? "")
    .split("\n")
    .map((row) => row.split(/[::]/))
    .map(([name = "", ...value]) =>
      h("div", { class: "pair" }, value.length > 0 && h("dt", {}, name), h("dd", {}, value.length ? value.join(":") : name)),
    );
  const mini = body.miniprogram?.appid ? body.miniprogram : null;
  const url = body.url ?? "";
  // With both a page and a mini program, phones open the mini program.
  const open = mini ? () => taps.openMiniProgram(mini.appid, mini.pagepath ?? "") : url ? () => taps.openPage(url) : null;
  const inside = [
    h("strong", {}, body.title ?? ""),
    h("dl", {}, rows),
    open && h("span", { class: "details" }, mini ? t("mini_program") : t("details")),
  ];
  const kind = `card template${line.client_msg_id ? " has-key" : ""}`;
  return open ? tappable(open, kind, inside) : h("div", { class: kind }, inside);
}

/**
 * @param {() => void} tap
 * @param {string} kind
 * @param {...any} children
 */
function tappable(tap, kind, ...children) {
  return h("button", { type: "button", class: kind, onclick: tap }, ...children);
}

/**
 * Where the sandbox shows a file; the folder says nothing about its kind.
 *
 * @param {string} mediaId
 */
function fileUrl(mediaId) {
  return mediaId && `/mmbiz_jpg/${encodeURIComponent(mediaId)}/0`;
}

/** @param {Record<string, any>} body @param {string} branch of a passive reply */
function mediaId(body, branch) {
  return body.media_id ?? body.MediaId ?? body[branch]?.MediaId ?? "";
}
