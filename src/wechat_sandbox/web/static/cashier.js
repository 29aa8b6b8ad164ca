/** The payment sheet: what is to be paid, how, and what the person does about it. */

import * as api from "./api.js";
import { fill, h } from "./dom.js";
import { openSheet } from "./sheets.js";
import { t } from "./words.js";

/** @typedef {{description: string, out_trade_no: string, total: number, transaction_id: string, discounts: {name: string, amount: number}[]}} Item */
/** @typedef {{prepay_id: string, appid: string, merchant: string, mchid: string, number: string, trade_type: string, state: string, total: number, payer_total: number, items: Item[], person: number | null, expires_at: string}} Bill */

/** @type {[string, string][]} */
const BANKS = [
  ["OTHERS", "change"],
  ["CMB_DEBIT", "card_cmb"],
  ["ICBC_CREDIT", "card_icbc"],
];
const DIGITS = 6;
const DONE = new Set(["SUCCESS", "REFUND"]);

/** @param {number} fen */
export function money(fen) {
  return `¥${(fen / 100).toFixed(2)}`;
}

/** @param {string} mark @returns {Promise<Bill>} */
export function look(mark) {
  return api.get(`/cashier?mark=${encodeURIComponent(mark)}`);
}

/** Whether a scanned text is a payment: a Native code or the address of the H5 page. */
export function isPayment(/** @type {string} */ text) {
  return /^weixin:\/\/wxpay\/bizpayurl/i.test(text) || /\/mmpayweb-bin\/checkmweb\?/i.test(text);
}

/**
 * Show a payment to a person and let them confirm, fail or leave it.
 *
 * @param {Element} place
 * @param {Bill} bill
 * @param {number} person
 * @param {(text: string) => void} complain
 * @param {() => void} leave
 */
export function cashier(place, bill, person, complain, leave) {
  let bank = BANKS[0]?.[0] ?? "OTHERS";
  /** @param {string} outcome */
  const answer = async (outcome) => {
    try {
      const body = { mark: bill.prepay_id, outcome, bank_type: bank };
      const after = await api.send("POST", `/people/${person}/pay`, body);
      if (outcome === "paid") fill(place, receipt(after, leave));
      else leave();
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
    }
  };
  if (DONE.has(bill.state)) {
    fill(place, receipt(bill, leave));
    return;
  }
  const banks = h("div", { class: "pay-ways", role: "radiogroup", "aria-label": t("pay_with") }, BANKS.map(([code, name]) => way(code, name, code === bank, () => (bank = code))));
  fill(
    place,
    h("p", { class: "pay-to" }, bill.merchant),
    h("p", { class: "pay-sum" }, money(bill.total)),
    h("ul", { class: "pay-items" }, bill.items.map((item) => h("li", {}, h("span", {}, item.description), h("span", {}, money(item.total))))),
    banks,
    h("p", { class: "hint" }, `${t("order_no")} ${bill.number}`),
    h("button", { type: "button", class: "primary pay-go", onclick: () => keypad(place, () => void answer("paid"), () => cashier(place, bill, person, complain, leave)) }, t("pay_now")),
    h(
      "div",
      { class: "pair-of" },
      h("button", { type: "button", class: "quiet", onclick: () => void answer("fail") }, t("pay_fail")),
      h("button", { type: "button", class: "quiet", onclick: () => void answer("cancel") }, t("pay_leave")),
    ),
  );
}

/** @param {string} code @param {string} name @param {boolean} isChosen @param {() => void} choose */
function way(code, name, isChosen, choose) {
  return h("label", { class: "pay-way" }, h("span", { class: "pay-mark", data: { bank: code }, "aria-hidden": "true" }), h("span", { class: "grow" }, t(name)), h("input", { type: "radio", name: "bank", value: code, checked: isChosen, onchange: choose }));
}

/** Six digits, any six: nobody checks them. @param {Element} place @param {() => void} done @param {() => void} back */
function keypad(place, done, back) {
  let typed = 0;
  const dots = h("div", { class: "pay-dots", role: "status", "aria-label": t("password") }, Array.from({ length: DIGITS }, () => h("span", {})));
  const press = () => {
    if (typed >= DIGITS) return;
    dots.children[typed]?.classList.add("is-typed");
    typed += 1;
    if (typed === DIGITS) done();
  };
  const rub = () => {
    if (!typed) return back();
    typed -= 1;
    dots.children[typed]?.classList.remove("is-typed");
    return undefined;
  };
  const key = (/** @type {string} */ label, /** @type {() => void} */ use, spoken = label) => h("button", { type: "button", "aria-label": spoken, onclick: use }, label);
  fill(
    place,
    h("p", { class: "pay-to" }, t("password")),
    dots,
    h("div", { class: "pay-keys" }, [..."123456789"].map((digit) => key(digit, press)), h("span", {}), key("0", press), key("⌫", rub, t("back"))),
  );
}

/** @param {Bill} bill @param {() => void} leave */
function receipt(bill, leave) {
  const discounts = bill.items.flatMap((item) => item.discounts);
  return h(
    "div",
    { class: "pay-done" },
    h("div", { class: "pay-tick", "aria-hidden": "true" }, "✓"),
    h("p", { class: "pay-ok", role: "status" }, t("pay_ok")),
    h("p", { class: "pay-sum" }, money(bill.payer_total)),
    h("p", { class: "pay-to" }, bill.merchant),
    h("ul", { class: "pay-items" }, discounts.map((one) => h("li", {}, h("span", {}, one.name), h("span", {}, `−${money(one.amount)}`)))),
    h("p", { class: "hint" }, bill.items.map((item) => item.transaction_id).join(" ")),
    h("button", { type: "button", class: "quiet", onclick: leave }, t("pay_back")),
  );
}

/**
 * Open the sheet on the phone.
 *
 * @param {HTMLElement} sheet
 * @param {import("./desk.js").Desk} desk
 * @param {Bill} bill
 */
export function openCashier(sheet, desk, bill) {
  const place = h("div", { class: "pay" });
  openSheet(sheet, t("pay_title"), place);
  cashier(place, bill, desk.person ?? 0, (text) => desk.say(text), () => { sheet.hidden = true; });
}

/**
 * Show what waits for a person: payments, and money a merchant sends.
 *
 * @param {HTMLElement} sheet
 * @param {import("./desk.js").Desk} desk
 */
export async function openWallet(sheet, desk) {
  const chat = desk.chat;
  if (!chat) return;
  const root = `/people/${chat.person.index}`;
  const asked = `?appid=${chat.account.appid}`;
  const [payments, transfers] = await Promise.all([api.get(`${root}/payments${asked}`), api.get(`${root}/transfers${asked}`)]);
  const pay = (/** @type {Bill} */ bill) =>
    h("div", { class: "notice-row" }, h("span", { class: "grow" }, h("strong", {}, bill.items[0]?.description ?? ""), h("small", {}, `${bill.merchant} · ${money(bill.total)}`)), h("button", { type: "button", class: "word is-good", onclick: () => openCashier(sheet, desk, bill) }, t("pay_now")));
  const take = (/** @type {{kind: string, merchant: string, amount?: number, text: string, package_info: string}} */ one) => {
    const verb = one.kind === "transfer" ? "confirm-transfer" : "allow-transfers";
    const use = async () => { if (await desk.act(verb, { package_info: one.package_info })) await openWallet(sheet, desk); };
    const said = one.amount ? money(one.amount) : t("allow_transfers");
    return h("div", { class: "notice-row" }, h("span", { class: "grow" }, h("strong", {}, one.text), h("small", {}, `${one.merchant} · ${said}`)), h("button", { type: "button", class: "word is-good", onclick: use }, one.amount ? t("take_money") : t("accept")));
  };
  const rows = [...payments.items.map(pay), ...transfers.items.map(take)];
  openSheet(sheet, t("wallet"), rows.length ? h("div", { class: "notices" }, rows) : h("p", { class: "hint" }, t("wallet_empty")));
}
