"""Shipping information of orders paid in a mini program (发货信息管理)."""

from collections.abc import Mapping
from typing import Any

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.mini_program.shipping_rules import (
    EXPRESS,
    Refusal,
    check_time,
    read_key,
    read_shipping,
)
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, read_number
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.mini_program.trades import OrderState, Trade, Trades
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 100
PRESALE, TEST_ORDER = 1, 2


@REGISTRY.post("/wxa/sec/order/upload_shipping_info", kinds=MINI_PROGRAMS)
def upload_shipping(call: Call) -> Mapping[str, object]:
    """Say how one order was shipped; a complete upload begins the way to the payout."""
    trade = _get_payment(call, call.body)
    check_time(call.body.get("upload_time"))
    _ship(call, trade, call.body)
    return OK


@REGISTRY.post("/wxa/sec/order/upload_combined_shipping_info", kinds=MINI_PROGRAMS)
def upload_combined_shipping(call: Call) -> Mapping[str, object]:
    """The same for the orders of one combined payment; all of them or none."""
    subs = call.body.get("sub_orders")
    if not isinstance(subs, list) or not subs or not all(isinstance(sub, dict) for sub in subs):
        raise PlatformError(47001)
    check_time(call.body.get("upload_time"))
    payer = call.body.get("payer")
    trades = [_get_payment(call, sub | {"payer": payer}) for sub in subs]
    for trade, sub in zip(trades, subs, strict=True):
        read_shipping(trade, sub, at=call.at)
    for trade, sub in zip(trades, subs, strict=True):
        _ship(call, trade, sub)
    return OK


@REGISTRY.post("/wxa/sec/order/get_order", kinds=MINI_PROGRAMS)
def get_order(call: Call) -> Mapping[str, object]:
    return OK | {"order": _row(_get_named(call))}


@REGISTRY.post("/wxa/sec/order/get_order_list", kinds=MINI_PROGRAMS, may_be_empty=True)
def list_orders(call: Call) -> Mapping[str, object]:
    """Page through orders, the latest paid first; ``last_index`` leads on."""
    span = call.body.get("pay_time_range") or {}
    if not isinstance(span, dict):
        raise PlatformError(47001)
    begin, end = read_number(span.get("begin_time", 0)), read_number(span.get("end_time", 2**40))
    state, size = call.number("order_state", 0), call.number("page_size", PAGE_MAX)
    if not 1 <= size <= PAGE_MAX:
        raise PlatformError(40097)
    chosen = [
        trade
        for trade in reversed(_trades(call).all())
        if begin <= trade.pay_time <= end
        and state in (0, trade.state)
        and call.text("openid") in ("", trade.openid)
    ]
    ids = [trade.transaction_id for trade in chosen]
    after = call.text("last_index")
    if after and after not in ids:
        raise PlatformError(Refusal.BAD_INDEX)
    start = ids.index(after) + 1 if after else 0
    page = chosen[start : start + size]
    answer: dict[str, object] = {
        "last_index": page[-1].transaction_id if page else after,
        "has_more": start + size < len(chosen),
        "order_list": [_row(trade) for trade in page],
    }
    return OK | answer


@REGISTRY.post("/wxa/sec/order/notify_confirm_receive", kinds=MINI_PROGRAMS)
def remind_receipt(call: Call) -> Mapping[str, object]:
    """Ask the person once to confirm that a parcel has come."""
    trade = _get_named(call)
    shipping = trade.shipping
    if trade.state is not OrderState.SHIPPED or shipping is None:
        raise PlatformError(Refusal.NOT_SHIPPED)
    if shipping.logistics_type != EXPRESS:
        raise PlatformError(Refusal.ONLY_EXPRESS)
    if trade.receipt_reminded:
        raise PlatformError(Refusal.REMINDED)
    if call.number("received_time", 0) < int(trade.shipped_at):
        raise PlatformError(Refusal.BAD_RECEIPT_TIME)
    _trades(call).remind_receipt(trade)
    relation = call.world.get_relation(call.account, trade.person)
    path = _jump_paths(call.world).find(call.account.appid, "path") or ""
    names = {name: getattr(trade, name) for name in ("transaction_id", "merchant_id", "merchant_trade_no")}
    target = path + ("&" if "?" in path else "?") + "&".join(f"{key}={value}" for key, value in names.items())
    body = {"title": "确认收货提醒", "text": trade.description, "page": target if path else ""}
    call.world.deliver(relation, "receipt_reminder", body, call.at)
    return OK


@REGISTRY.post("/wxa/sec/order/set_msg_jump_path", kinds=MINI_PROGRAMS)
def set_jump_path(call: Call) -> Mapping[str, object]:
    path = call.text("path")
    if not path:
        raise PlatformError(40097)
    _jump_paths(call.world).put(call.account.appid, "path", path)
    return OK


@REGISTRY.post("/wxa/sec/order/is_trade_managed", kinds=MINI_PROGRAMS)
def is_trade_managed(call: Call) -> Mapping[str, object]:
    _check_own(call)
    return OK | {"is_trade_managed": True}


@REGISTRY.post("/wxa/sec/order/is_trade_management_confirmation_completed", kinds=MINI_PROGRAMS)
def is_confirmation_completed(call: Call) -> Mapping[str, object]:
    _check_own(call)
    return OK | {"completed": True}


@REGISTRY.post("/wxa/sec/order/opspecialorder", kinds=MINI_PROGRAMS)
def report_special_order(call: Call) -> Mapping[str, object]:
    """Report a presale, to be shipped later, or a test order, never to be shipped."""
    trade = _trades(call).find(transaction_id=call.text("order_id"))
    if trade is None:
        raise PlatformError(Refusal.NO_SUCH_PAYMENT)
    kind = call.number("type")
    if kind == TEST_ORDER:
        _trades(call).mark_as_test(trade)
        return OK
    until = call.number("delay_to", 0)
    days = (until - trade.pay_time) / DAY_S
    if kind != PRESALE or not 15 <= days <= 330:
        raise PlatformError(40097)
    _trades(call).delay(trade, float(until))
    return OK


def _trades(call: Call) -> Trades:
    """Return the orders, brought up to now."""
    trades = Trades(call.world, call.account)
    trades.advance(call.at)
    return trades


def _get_payment(call: Call, body: Mapping[str, Any]) -> Trade:
    """Return the order an ``order_key`` names, if the payer is right."""
    key, payer = body.get("order_key"), body.get("payer")
    if not isinstance(key, dict) or not isinstance(payer, dict):
        raise PlatformError(47001)
    trade = _trades(call).find(**read_key(key))
    if trade is None:
        raise PlatformError(Refusal.NO_SUCH_PAYMENT)
    if payer.get("openid") != trade.openid:
        raise PlatformError(Refusal.WRONG_PAYER)
    return trade


def _get_named(call: Call) -> Trade:
    trade = _trades(call).find(
        transaction_id=call.text("transaction_id"),
        merchant_id=call.text("merchant_id"),
        trade_no=call.text("merchant_trade_no"),
    )
    if trade is None:
        raise PlatformError(Refusal.NO_SUCH_PAYMENT)
    return trade


def _ship(call: Call, trade: Trade, body: Mapping[str, Any]) -> None:
    _trades(call).ship(trade, read_shipping(trade, body, at=call.at), call.at)


def _check_own(call: Call) -> None:
    if call.text("appid") not in ("", call.account.appid):
        raise PlatformError(40013)


def _jump_paths(world: Core) -> Shelf[str]:
    return Shelf(world.store, "mini_jump_path", str)


def _row(trade: Trade) -> dict[str, object]:
    row: dict[str, object] = {
        "transaction_id": trade.transaction_id,
        "merchant_id": trade.merchant_id,
        "sub_merchant_id": trade.sub_merchant_id,
        "merchant_trade_no": trade.merchant_trade_no,
        "description": trade.description,
        "paid_amount": trade.paid_amount,
        "openid": trade.openid,
        "trade_create_time": int(trade.pay_time),
        "pay_time": int(trade.pay_time),
        "order_state": int(trade.state),
        "in_complaint": False,
    }
    shipping = trade.shipping
    if shipping is None:
        return row
    return row | {
        "shipping": {
            "delivery_mode": shipping.delivery_mode,
            "logistics_type": shipping.logistics_type,
            "finish_shipping": shipping.finished,
            "goods_desc": shipping.parcels[0].item_desc,
            "finish_shipping_count": shipping.count,
            "shipping_list": [
                {
                    "tracking_no": parcel.tracking_no,
                    "express_company": parcel.express_company,
                    "goods_desc": parcel.item_desc,
                    "upload_time": parcel.upload_time,
                    "contact": {
                        "consignor_contact": parcel.consignor_contact,
                        "receiver_contact": parcel.receiver_contact,
                    },
                }
                for parcel in shipping.parcels
            ],
        }
    }
