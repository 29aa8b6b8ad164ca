/** The account's own page, where one follows and leaves. */

import * as api from "./api.js";
import { badge } from "./avatar.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Chat} Chat */
/** @typedef {import("./desk.js").Desk} Desk */

const SCENES = ["ADD_SCENE_SEARCH", "ADD_SCENE_PROFILE_CARD", "ADD_SCENE_PROFILE_LINK", "ADD_SCENE_PAID", "ADD_SCENE_WXA", "ADD_SCENE_OTHERS"];

/**
 * @param {Chat} chat
 * @param {Desk} desk
 * @param {() => void} leave
 */
export function profile(chat, desk, leave) {
  const { account, relation } = chat;
  return h(
    "div",
    { class: "profile" },
    h("div", { class: "profile-head" }, badge(account), h("div", {}, h("strong", {}, account.name), h("small", {}, account.original_id))),
    relation.following ? membership(chat, desk, leave) : invitation(desk, leave),
    toggles(chat, desk),
  );
}

/** @param {Desk} desk @param {() => void} leave */
function invitation(desk, leave) {
  const scene = h("select", { "aria-label": t("follow_how") }, SCENES.map((name) => h("option", { value: name }, t(name))));
  const follow = async () => {
    leave();
    await desk.act("follow", { scene: scene.value });
  };
  return h(
    "div",
    { class: "profile-acts" },
    h("button", { type: "button", class: "primary", onclick: follow }, t("follow")),
    h("label", { class: "how" }, h("span", {}, t("follow_how")), scene),
  );
}

/** @param {Chat} chat @param {Desk} desk @param {() => void} leave */
function membership(chat, desk, leave) {
  const { relation } = chat;
  const came = relation.qr_scene ? `${t(relation.subscribe_scene)} · ${relation.qr_scene}` : t(relation.subscribe_scene);
  const unfollow = async () => {
    leave();
    await desk.act("unfollow");
  };
  return h(
    "div",
    { class: "profile-acts" },
    h("p", { class: "state" }, `${t("following")} · ${came}`),
    h("button", { type: "button", class: "primary", onclick: leave }, t("enter")),
    h("button", { type: "button", class: "danger", onclick: unfollow }, t("unfollow")),
  );
}

/** @param {Chat} chat @param {Desk} desk */
function toggles(chat, desk) {
  const toggle = (/** @type {"blocks" | "refuses"} */ name) => {
    const field = /** @type {const} */ (`${name}_messages`);
    const change = (/** @type {Event} */ event) => {
      const isOn = /** @type {HTMLInputElement} */ (event.target).checked;
      return desk.attempt(async () => {
        await api.send("PATCH", `/people/${chat.person.index}`, { appid: chat.account.appid, [field]: isOn });
        await desk.loadChat();
      });
    };
    return h(
      "label",
      { class: "toggle" },
      h("span", { class: "grow" }, h("strong", {}, t(name)), h("small", {}, t(`${name}_hint`))),
      h("input", { type: "checkbox", role: "switch", checked: chat.relation[field], onchange: change }),
    );
  };
  return h("div", { class: "toggles" }, toggle("blocks"), toggle("refuses"));
}
