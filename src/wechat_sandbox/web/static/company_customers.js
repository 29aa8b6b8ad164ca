/** A member's customers, adding by a scanned code, what apps sent, and what the company was told. */

import * as api from "./api.js";
import { card, does, form, spoken } from "./company_pieces.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./company_cards.js").Place} Place */

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
export async function customers(place) {
  const { corpid } = place.company;
  const phone = await api.get(`/phone/corps/${corpid}/${encodeURIComponent(place.member.userid)}`);
  return phone.customers.map((/** @type {any} */ one) => {
    const act = (/** @type {string} */ verb, details = {}) =>
      api.send("POST", `/corps/${corpid}/customers/${one.external_userid}/${verb}`, { userid: place.member.userid, ...details });
    const marks = [one.state, ...one.tags, one.deleted_by_customer ? t("has_deleted") : ""].filter(Boolean).join(" · ");
    return card(
      one.remark || one.nickname,
      one.external_userid,
      [marks, one.last].filter(Boolean).join("\n"),
      form(t("say"), t("customer_says"), place, (text) => act("say", { text })),
      form(t("say"), t("member_says"), place, (text) => act("hear", { text })),
      h(
        "div",
        { class: "actions" },
        does(t("delete_member"), place, () => act("delete-member"), true),
        does(t("delete_customer"), place, () => act("be-deleted"), true),
      ),
    );
  });
}

/** Codes and links to come by, and who waits to be accepted. @param {Place} place @returns {Promise<HTMLElement[]>} */
export async function adding(place) {
  const base = `/corps/${place.company.corpid}`;
  const company = await api.get(`/phone${base}`);
  const waiting = company.requests.filter((/** @type {any} */ one) => one.userid === place.member.userid);
  return [
    ...waiting.map((/** @type {any} */ one) => requestCard(place, base, one)),
    ...company.ways.toReversed().map((/** @type {any} */ way) => wayCard(place, base, way)),
    ...company.links.toReversed().map((/** @type {any} */ link) =>
      card(link.name, link.url, "", form(t("add_hint"), t("open_link"), place, (who) =>
        api.send("POST", `${base}/customers/${encodeURIComponent(who)}/open-link`, { url: link.url }))),
    ),
    card(place.member.name, t("add_by_search"), "", form(t("add_hint"), t("add"), place, (who) =>
      api.send("POST", `${base}/customers/${encodeURIComponent(who)}/add`, { userid: place.member.userid }))),
  ];
}

/** @param {Place} place @param {string} base @param {any} request */
function requestCard(place, base, request) {
  const accept = () =>
    api.send("POST", `${base}/customers/${request.external_userid}/be-accepted`, { userid: request.userid });
  return card(request.name, t("wants_to_be_added"), "", h("div", { class: "actions" }, does(t("let_in"), place, accept)));
}

/** A code with its picture: any phone can read it, and a customer of ours scans it here. @param {Place} place @param {string} base @param {any} way */
function wayCard(place, base, way) {
  const half = h("input", { type: "checkbox", "aria-label": t("half_added") });
  const scan = (/** @type {string} */ who) =>
    api.send("POST", `${base}/customers/${encodeURIComponent(who)}/scan`, { code: way.config_id, half: half.checked });
  return card(
    way.remark || way.state || way.config_id.slice(0, 8),
    way.user.join(", "),
    "",
    h("img", { class: "code", src: way.picture, alt: t("scan") }),
    form(t("add_hint"), t("scan"), place, scan, h("label", {}, half, t("half_added"))),
  );
}

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
export async function apps(place) {
  const { corpid } = place.company;
  const own = `/corps/${corpid}/staff/${encodeURIComponent(place.member.userid)}`;
  const phone = await api.get(`/phone/corps/${corpid}/${encodeURIComponent(place.member.userid)}`);
  const write = card(t("tab_apps"), place.member.userid, "", form(t("say"), t("send"), place, (text) => api.send("POST", `${own}/say`, { text })));
  const sent = phone.messages.map((/** @type {any} */ one) => {
    const said = one.body.content ?? one.body.title ?? one.body.main_title?.title ?? `[${one.kind}]`;
    return spoken(one.kind, String(said), Date.parse(one.at) / 1000);
  });
  const pages = place.company.toolbar.map((/** @type {any} */ one) => {
    const address = `/sandbox/phone/corps/${corpid}/${encodeURIComponent(place.member.userid)}/toolbar/${one.agentid}`;
    return card(one.name, t("toolbar"), "", h("div", { class: "actions" }, h("a", { class: "do", href: address, target: "_blank", rel: "noopener" }, t("open_toolbar"))));
  });
  return [...pages, write, ...(sent.length ? [card(t("from_apps"), "", "", h("ol", {}, sent))] : [])];
}

/** @param {Place} place @returns {Promise<HTMLElement[]>} */
export async function told(place) {
  const company = await api.get(`/phone/corps/${place.company.corpid}`);
  const rows = company.callbacks.map((/** @type {any} */ one) =>
    spoken(`${t(one.state)} ×${one.attempts}`, `${one.event} ${one.openid}`, one.create_time),
  );
  return rows.length ? [card(t("callbacks"), company.is_heard ? "" : t("no_address"), "", h("ol", {}, rows))] : [];
}
