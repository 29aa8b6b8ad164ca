"""Subsidies (营销补差): a merchant pays another for a coupon that was used there, and may get it back.

Source: website tree (2026-08).
"""

from dataclasses import dataclass, replace
from typing import Any

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.busifavor_stocks import find_stock
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.endpoints.pay.shapes import AMOUNT
from wechat_sandbox.state.pay.busifavor import USED, BusiFavor
from wechat_sandbox.state.pay.orders import PAID, Orders
from wechat_sandbox.state.pay.refunds import Refunds
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError
from wechat_sandbox.wire.pay.fields import Fields, Text

_ROOT = "/v3/marketing/busifavor/subsidy"
_PAYMENTS, _RETURNS = f"{_ROOT}/pay-receipts", f"{_ROOT}/return-receipts"
_SUBSIDY: Fields = {
    "stock_id!": Text(max=20),
    "coupon_code!": Text(max=32),
    "transaction_id!": Text(max=32),
    "payer_merchant!": Text(max=20),
    "payee_merchant!": Text(max=20),
    "amount!": AMOUNT,
    "description!": Text(max=1024),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """Money paid or given back; ``body`` is the request."""

    receipt_id: str
    body: dict[str, Any]
    at: float
    payment: str = ""  # Of money given back: the receipt of the payment.


@PAY.post(_PAYMENTS, {**_SUBSIDY, "out_subsidy_no!": Text(max=128)})
def pay(call: PayCall) -> Answer:
    """Pay another merchant for a coupon that was used there."""
    body, shelf = call.body, _payments(call)
    known = shelf.find(call.merchant.mchid, body["out_subsidy_no"])
    if known is None:
        _check(call)
        known = _moved(call, "营销补差", body["payer_merchant"], body["payee_merchant"])
        shelf.put(call.merchant.mchid, body["out_subsidy_no"], known)
    elif known.body != body:
        raise PayError("RESOURCE_ALREADY_EXISTS", "商户补差单号已存在,但参数不一致")
    return _receipt(known)


@PAY.get(_PAYMENTS)
def list_payments(call: PayCall) -> Answer:
    """What was paid for a coupon."""
    wanted = {name: call.needed(name) for name in ("stock_id", "coupon_code")}
    number = call.query.get("out_subsidy_no")
    wanted |= {"out_subsidy_no": number} if number else {}
    paid = _payments(call).values(call.merchant.mchid)
    found = [one for one in paid if all(one.body[name] == value for name, value in wanted.items())]
    return {"pay_receipt_list": [_receipt(one) for one in found]}


@PAY.get(_PAYMENTS + "/{subsidy_receipt_id}")
def show_payment(call: PayCall) -> Answer:
    """One payment for a coupon."""
    for one in _payments(call).values(call.merchant.mchid):
        if one.receipt_id == call.params["subsidy_receipt_id"]:
            return _receipt(one)
    raise PayError("RESOURCE_NOT_EXISTS", "补差单不存在")


@PAY.post(_RETURNS, {**_SUBSIDY, "refund_id!": Text(max=32), "out_subsidy_return_no!": Text(max=128)})
def give_back(call: PayCall) -> Answer:
    """Take money back for a coupon whose payment was refunded, no more than was paid."""
    body, shelf = call.body, _returns(call)
    known = shelf.find(call.merchant.mchid, body["out_subsidy_return_no"])
    if known is None:
        payment = _check_return(call)
        known = replace(
            _moved(call, "营销补差退款", body["payee_merchant"], body["payer_merchant"]),
            payment=payment.receipt_id,
        )
        shelf.put(call.merchant.mchid, body["out_subsidy_return_no"], known)
    elif known.body != body:
        raise PayError("RESOURCE_ALREADY_EXISTS", "商户补差回退单号已存在,但参数不一致")
    return _return_receipt(known)


@PAY.get(_RETURNS + "/{subsidy_return_receipt_id}")
def show_return(call: PayCall) -> Answer:
    """Money that came back."""
    for one in _returns(call).values(call.merchant.mchid):
        if one.receipt_id == call.params["subsidy_return_receipt_id"]:
            return _return_receipt(one)
    raise PayError("RESOURCE_NOT_EXISTS", "补差回退单不存在")


def _check(call: PayCall) -> None:
    body, order = call.body, Orders(call.pay).find_transaction(call.body["transaction_id"])
    find_stock(call, body["stock_id"])
    coupon = BusiFavor(call.pay).coupon(body["stock_id"], body["coupon_code"])
    payee = call.pay.merchants.find(body["payee_merchant"])
    if coupon is None:
        raise PayError("RESOURCE_NOT_EXISTS", "商家券不存在")
    if body["payer_merchant"] != call.merchant.mchid or payee is None:
        raise PayError("MCH_NOT_EXISTS")
    if coupon.state != USED or order is None or order.state not in PAID or order.mchid != payee.mchid:
        raise PayError("INVALID_REQUEST", "券未核销,或订单不是收款商户的")


def _check_return(call: PayCall) -> Subsidy:
    """Return the payment that comes back, if as much of it may."""
    body, mchid = call.body, call.merchant.mchid
    same = ("stock_id", "coupon_code", "transaction_id", "payer_merchant", "payee_merchant")

    def alike(receipts: "Shelf[Subsidy]") -> list[Subsidy]:
        return [one for one in receipts.values(mchid) if all(one.body[name] == body[name] for name in same)]

    paid, returned = alike(_payments(call)), alike(_returns(call))
    refund = Refunds(call.pay).find_by_id(body["refund_id"])
    if refund is None or refund.transaction_id != body["transaction_id"]:
        raise PayError("INVALID_REQUEST", "退款单不存在,或不属于该订单")
    left = sum(one.body["amount"] for one in paid) - sum(one.body["amount"] for one in returned)
    if body["amount"] > left:
        raise PayError("INVALID_REQUEST", "回退金额大于剩余可回退的补差金额")
    return paid[0]


def _moved(call: PayCall, name: str, payer: str, payee: str) -> Subsidy:
    made = Subsidy(receipt_id=call.pay.digits("1120", call.at, 28), body=call.body, at=call.at)
    for mchid, amount in ((payer, -call.body["amount"]), (payee, call.body["amount"])):
        call.pay.funds.move(mchid, amount, at=call.at, name=name, kind=name, ref=made.receipt_id)
    return made


def _receipt(subsidy: Subsidy) -> dict[str, Any]:
    at = china_time(subsidy.at)
    times = {"success_time": at, "create_time": at}
    return subsidy.body | {"subsidy_receipt_id": subsidy.receipt_id, "status": "SUCCESS"} | times


def _return_receipt(subsidy: Subsidy) -> dict[str, Any]:
    at = china_time(subsidy.at)
    times = {"return_done_time": at, "return_create_time": at}
    numbers = {"subsidy_return_receipt_id": subsidy.receipt_id, "subsidy_receipt_id": subsidy.payment}
    return subsidy.body | numbers | {"status": "SUCCESS"} | times


def _payments(call: PayCall) -> "Shelf[Subsidy]":
    return Shelf(call.pay.store, "pay_busi_subsidy", Subsidy)


def _returns(call: PayCall) -> "Shelf[Subsidy]":
    return Shelf(call.pay.store, "pay_busi_subsidy_return", Subsidy)
