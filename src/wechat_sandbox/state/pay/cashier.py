"""What a person does with a payment sheet before them: confirm, go away, fail.

A payment takes effect as a whole: coupons, money of the merchant, state of the order, callback. What
follows from it (a gift, the card of a guide) is declared by its own family with ``after_payment``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.state.pay.orders import OPEN, PAID, PREPAY_S, Bundle, Order, Orders, Prepay, TradeState
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.promotions import Discounts
from wechat_sandbox.wire.pay import crypto, signing

BALANCE = "OTHERS"
BANKS = (BALANCE, "CMB_DEBIT", "ICBC_CREDIT", "CCB_DEBIT", "ABC_DEBIT")
Follow = Callable[[Pay, Order], None]
_FOLLOWS: list[Follow] = []


def after_payment(follow: Follow) -> Follow:
    """Declare what follows from every payment."""
    _FOLLOWS.append(follow)
    return follow


class NotPayable(ValueError):
    """The client would say so on its screen: the text is what the person reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands before a person: orders that are paid together."""

    prepay: Prepay
    orders: list[Order]

    @property
    def total(self) -> int:
        return sum(order.total for order in self.orders)

    @property
    def openid(self) -> str:
        """Who must pay; empty where anybody may."""
        return self.orders[0].payer_openid

    @property
    def state(self) -> TradeState:
        return self.orders[0].state


class Cashier:
    """Lets people pay."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self.orders = Orders(pay)

    def open(self, mark: str) -> Sheet:
        """Return the sheet behind a prepay id, a Native code or an H5 address.

        Raises:
            NotPayable: there is no such payment.
        """
        prepay = self.orders.find_prepay(mark)
        orders = self.orders.orders_of(prepay) if prepay else []
        if prepay is None or not orders:
            raise NotPayable("没有这笔支付")
        return Sheet(prepay=prepay, orders=orders)

    def invoke(self, parameters: dict[str, Any]) -> Sheet:
        """Return the sheet a client opens with the parameters a page gave it, once their signature holds.

        JSAPI and mini programs give ``package=prepay_id=…`` and ``paySign``, apps ``prepayid`` and ``sign``.

        Raises:
            NotPayable: with the client's words.
        """
        read = {name.lower(): str(value) for name, value in parameters.items()}
        is_app = "prepayid" in read
        package = read.get("prepayid", "") if is_app else read.get("package", "")
        sheet = self.open(package)
        if read.get("appid") != sheet.prepay.appid:
            raise NotPayable("appid 与下单时不一致")
        if not is_app and read.get("signtype") != "RSA":
            raise NotPayable("signType 应为 RSA")
        merchant = self.pay.merchants.get(sheet.prepay.mchid)
        if is_app and (read.get("partnerid"), read.get("package")) != (merchant.mchid, "Sign=WXPay"):
            raise NotPayable("partnerid 或 package 有误")
        message = signing.client_message(
            read["appid"], read.get("timestamp", ""), read.get("noncestr", ""), package
        )
        keys = self.pay.merchants.keys(merchant, self.pay.now())
        signature = read.get("sign" if is_app else "paysign", "")
        if not crypto.verifies(keys.certificate_pem, message, signature):
            raise NotPayable("支付验证签名失败")
        return sheet

    def confirm(
        self, sheet: Sheet, person: int | None, at: float, *, bank_type: str = "", paid_at: float = 0.0
    ) -> None:
        """The person enters the password: all orders of the sheet are paid.

        Raises:
            NotPayable: paid, closed, too late, or another person's.
        """
        self._check(sheet, person, at)
        bank_type = _choose_bank(sheet.orders[0].limit_pay, person, bank_type)
        when_paid = paid_at or at
        for order in sheet.orders:
            self._pay(order, person, when_paid, bank_type)
        self._tell(sheet, at)
        for order in sheet.orders:
            for follow in _FOLLOWS:
                follow(self.pay, order)
        self._note(sheet)

    def behave(self, prepay_id: str, person: int, outcome: str, at: float) -> None:
        """Do what a simulated person decided; a sheet that is gone by then is left alone."""
        self.pay.advance(at)
        try:
            sheet = self.open(prepay_id)
            if outcome == "paid":
                self.confirm(sheet, person, at)
            elif sheet.state in OPEN:
                self.give_up(sheet, at, why=outcome)
        except NotPayable:
            return

    def give_up(self, sheet: Sheet, at: float, *, why: str = "cancel") -> None:
        """The person closes the sheet, or the bank refuses; the order stays payable."""
        for order in sheet.orders:
            order.attempts.append({"at": at, "outcome": why})
            if order.state is TradeState.USERPAYING:
                order.state = TradeState.PAYERROR  # A payment code is not shown twice.
            self.orders.save(order)
        self._note(sheet)

    def _note(self, sheet: Sheet) -> None:
        for order in sheet.orders:
            self.pay.note(order.appid, order.payer_openid)

    def _check(self, sheet: Sheet, person: int | None, at: float) -> None:
        first = sheet.orders[0]
        if first.state in PAID:
            raise NotPayable("该订单已支付")
        if any(order.state not in OPEN for order in sheet.orders):
            raise NotPayable("该订单已关闭")
        if at >= min(first.expires_at, sheet.prepay.created_at + PREPAY_S):
            raise NotPayable("订单已过期,请重新下单")
        named = sheet.openid and self.pay.account(first.appid) is not None
        if named and self.payer_openid(first.appid, person) != sheet.openid:
            raise NotPayable("下单用户与支付用户不一致")

    def _pay(self, order: Order, person: int | None, at: float, bank_type: str) -> None:
        merchant = self.pay.merchants.get(order.mchid)
        order.person = person
        if not order.payer_openid:
            order.payer_openid = self.payer_openid(order.appid, person)
        order.transaction_id = self.pay.digits("4200003", at, 28)
        order.bank_type = bank_type
        order.paid_at, order.state = at, TradeState.SUCCESS
        order.attempts.append({"at": at, "outcome": "paid"})
        Discounts(self.pay).apply(order, at)
        order.fee = (order.settlement_total * merchant.fee_bps + 5_000) // 10_000
        self._credit(order)
        self.orders.note_paid(order)

    def _credit(self, order: Order) -> None:
        funds = self.pay.funds
        for name, amount in (("交易", order.settlement_total), ("扣除交易手续费", -order.fee)):
            funds.move(
                order.mchid,
                amount,
                at=order.paid_at,
                name=name,
                kind=name,
                ref=order.transaction_id,
                voucher=order.out_trade_no,
            )
        if order.profit_sharing:
            order.frozen = order.settlement_total - order.fee
            funds.freeze(order.mchid, order.frozen)

    def payer_openid(self, appid: str, person: int | None) -> str:
        """Return how an appid knows the payer, also one that is no account of this sandbox."""
        account = self.pay.account(appid)
        if account is not None and person is not None:
            return self.pay.world.get_relation(account, person).openid
        text = f"{self.pay.world.seed}:{appid}:{person}"
        return "o" + hashlib.sha256(text.encode()).hexdigest()[:27]

    def _tell(self, sheet: Sheet, at: float) -> None:
        content: dict[str, Any]
        if sheet.prepay.is_bundle:
            bundle = self.orders.find_bundle(sheet.prepay.mchid, sheet.prepay.number)
            assert bundle is not None
            bundle.transaction_id = self.pay.digits("4200004", at, 28)
            self.orders.save_bundle(bundle)
            url, mchid, content = bundle.notify_url, bundle.combine_mchid, bundle_wire(bundle, sheet.orders)
        else:
            order = sheet.orders[0]
            url, mchid, content = order.notify_url, order.mchid, order.wire()
        self.pay.notices.post(
            self.pay.merchants.get(mchid),
            url,
            "TRANSACTION.SUCCESS",
            content,
            at=at,
            original_type="transaction",
            summary="支付成功",
        )


def _choose_bank(limits: list[str], person: int | None, wanted: str) -> str:
    """Return what is paid with: what the person took, or what they usually take of what the order allows."""
    if wanted and not _may_pay(limits, wanted):
        raise NotPayable("该订单不支持此支付方式")
    usual = BANKS[(person or 0) % len(BANKS)]
    return wanted or next(one for one in (usual, *BANKS) if _may_pay(limits, one))


def _may_pay(limits: list[str], bank_type: str) -> bool:
    """Whether ``limit_pay`` of an order lets this be paid with."""
    if bank_type == BALANCE:
        return "no_balance" not in limits
    kind = "no_credit" if bank_type.endswith("_CREDIT") else "no_debit"
    return "balance_only" not in limits and kind not in limits


def bundle_wire(bundle: Bundle, orders: list[Order]) -> dict[str, Any]:
    """Return a combined payment as queries and callbacks show it."""
    shown: dict[str, Any] = {
        "combine_appid": bundle.combine_appid,
        "combine_mchid": bundle.combine_mchid,
        "combine_out_trade_no": bundle.combine_out_trade_no,
        "sub_orders": [_sub_wire(order) for order in orders],
    }
    if bundle.transaction_id:
        shown["combine_transaction_id"] = bundle.transaction_id
    if bundle.device_id:
        shown["scene_info"] = {"device_id": bundle.device_id}
    openid = next((order.payer_openid for order in orders if order.payer_openid), "")
    return shown | ({"combine_payer_info": {"openid": openid}} if openid else {})


def _sub_wire(order: Order) -> dict[str, Any]:
    whole = order.wire()
    names = ("mchid", "out_trade_no", "trade_state", "attach")
    shown = {name: whole[name] for name in names} | {"trade_type": order.trade_type}
    amount: dict[str, Any] = {"total_amount": order.total, "currency": order.currency}
    if order.state in PAID:
        shown |= {name: whole[name] for name in ("transaction_id", "bank_type", "success_time")}
        amount |= {"payer_amount": order.payer_total, "payer_currency": order.currency}
        if order.promotions:
            shown["promotion_detail"] = order.promotions
    return shown | {"amount": amount}
