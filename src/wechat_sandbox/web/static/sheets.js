/** What slides up from the bottom of the phone. */

import { isPayment, look, openCashier } from "./cashier.js";
import { fill, find, h } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */

const PLATFORM_PAGES = new Set(["open.weixin.qq.com", "mp.weixin.qq.com", "w.url.cn"]);

/**
 * @param {HTMLElement} sheet
 * @param {string} title
 * @param {...any} children
 */
export function openSheet(sheet, title, ...children) {
  const close = () => (sheet.hidden = true);
  fill(
    sheet,
    h("div", { class: "shade", onclick: close }),
    h(
      "div",
      { class: "sheet-body", role: "dialog", "aria-label": title },
      h("header", {}, h("h3", {}, title), h("button", { type: "button", class: "close", "aria-label": t("close"), onclick: close }, "×")),
      ...children,
    ),
  );
  sheet.onkeydown = (event) => { if (event.key === "Escape") close(); };
  sheet.hidden = false;
}

/** @param {HTMLElement} sheet @param {string} url */
export function showPage(sheet, url) {
  const isWeb = /^https?:\/\//i.test(url) && URL.canParse(url);
  openSheet(
    sheet,
    t("page_title"),
    h("p", { class: "address" }, url),
    h("p", { class: "hint" }, isWeb ? t("page_hint") : t("page_unsafe")),
    isWeb && h("a", { class: "primary", href: reachable(url), target: "_blank", rel: "noopener noreferrer" }, t("page_open")),
  );
}

/**
 * Where this browser finds a page: the platform's own pages are served by the sandbox.
 *
 * @param {string} url
 */
function reachable(url) {
  const page = new URL(url);
  return PLATFORM_PAGES.has(page.hostname) ? location.origin + page.pathname + page.search : url;
}

/** @param {HTMLElement} sheet @param {string} appid @param {string} path */
export function showMiniProgram(sheet, appid, path) {
  openSheet(
    sheet,
    t("mini_program"),
    h("p", { class: "address" }, appid),
    h("p", { class: "address" }, path || "/"),
    h("p", { class: "hint" }, t("mini_hint")),
  );
}

/** @param {HTMLElement} sheet @param {Desk} desk */
export function askScan(sheet, desk) {
  const scan = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const code = find(sheet, "input");
    const text = /** @type {HTMLInputElement} */ (code).value.trim();
    if (isPayment(text)) {
      const bill = await desk.attempt(() => look(text));
      return bill ? openCashier(sheet, desk, bill) : undefined;
    }
    const seen = readCode(text);
    if (!seen) return text ? showPage(sheet, text) : undefined;
    const relation = await desk.act("scan", seen);
    if (!relation) return;
    sheet.hidden = true;
    desk.choose(relation.appid, desk.person); // The code may belong to another account.
  };
  openSheet(
    sheet,
    t("scan"),
    h("div", { class: "finder", "aria-hidden": "true" }, h("span", {})),
    h(
      "form",
      { class: "ask", onsubmit: scan },
      h("input", { type: "text", placeholder: t("scan_hint"), "aria-label": t("scan_hint"), autocomplete: "off", spellcheck: false }),
      h("button", { class: "primary" }, t("confirm")),
    ),
  );
  find(sheet, "input").focus();
}

/**
 * Ask for one text.
 *
 * @param {HTMLElement} sheet
 * @param {string} title
 * @param {(text: string) => Promise<unknown>} use closes the sheet unless it returns null
 */
export function askText(sheet, title, use) {
  const take = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = /** @type {HTMLInputElement} */ (find(sheet, "input")).value.trim();
    if (text && (await use(text))) sheet.hidden = true;
  };
  const box = h("input", { type: "text", placeholder: title, "aria-label": title, autocomplete: "off", spellcheck: false });
  openSheet(sheet, title, h("form", { class: "ask", onsubmit: take }, box, h("button", { class: "primary" }, t("confirm"))));
  box.focus();
}

/**
 * Tell what a pasted code is: a ticket, the address inside a code, or a printed code's scene. Any other
 * address is a page like every other: null.
 *
 * @param {string} text
 * @returns {{ticket: string} | {url: string} | {qr_scene: string} | null}
 */
export function readCode(text) {
  const image = /[?&]ticket=([^&#]+)/.exec(text);
  if (/^https?:/i.test(text) && image) return { ticket: decodeURIComponent(image[1] ?? "") };
  if (/^https?:\/\/weixin\.qq\.com\/q\//i.test(text)) return { url: text };
  if (/^https?:/i.test(text) || !text) return null;
  return /^gQ.{20,}==$/.test(text) ? { ticket: text } : { qr_scene: text };
}
