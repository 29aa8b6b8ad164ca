"""From a mini program's callbacks to events of the log: ``wechat.mini_program.<fact>``."""

from functools import singledispatch
from typing import Any, Final

import msgspec

from quanyu.modules.channels import translation as official
from quanyu.modules.channels.translation import Translation
from quanyu.wechat.mini_program import messages as wx
from quanyu.wechat.official_account.messages import Callback

PREFIX: Final = "wechat.mini_program."
# These come from the platform about the mini program or an order; their sender is nobody.
_ABOUT_THE_ACCOUNT: Final = (
    wx.TradeAccessEvent,
    wx.TradeShippingEvent,
    wx.TradeSettlementEvent,
    wx.PunishEvent,
)


def openid_of(callback: Callback) -> str:
    """Return whose callback it is; empty when it is about the mini program."""
    return "" if isinstance(callback, _ABOUT_THE_ACCOUNT) else official.openid_of(callback)


@singledispatch
def translate(callback: Callback) -> Translation:
    """Return what ``callback`` is in the log; what official accounts know too is named alike."""
    said = official.translate(callback)
    return said._replace(name=PREFIX + said.name.removeprefix(official.PREFIX))


@translate.register
def _(callback: wx.MediaCheckEvent) -> Translation:
    properties: dict[str, Any] = {
        "trace_id": callback.trace_id,
        "suggest": callback.result.suggest,
        "label": callback.result.label,
        "errcode": callback.errcode,
        "error": callback.errmsg if callback.errcode else "",
    }
    return Translation(f"{PREFIX}media_checked", _told(properties))


@translate.register
def _(callback: wx.TradeAccessEvent) -> Translation:
    return Translation(f"{PREFIX}shipping_required", _told({"message": callback.msg}))


@translate.register
def _(callback: wx.TradeShippingEvent) -> Translation:
    return Translation(f"{PREFIX}shipping_overdue", _told(_order(callback) | {"message": callback.msg}))


@translate.register
def _(callback: wx.TradeSettlementEvent) -> Translation:
    receipt = {1: "person", 2: "itself"}.get(callback.confirm_receive_method, "")
    times = {
        "shipped_time": callback.shipped_time,
        "estimated_settlement_time": callback.estimated_settlement_time,
        "confirmed_by": receipt,
        "confirm_receive_time": callback.confirm_receive_time,
        "settlement_time": callback.settlement_time,
    }
    return Translation(f"{PREFIX}order_settlement_changed", _told(_order(callback) | times))


@translate.register
def _(callback: wx.PunishEvent) -> Translation:
    properties = {
        name: getattr(callback, name)
        for name in ("event_type", "punish_id", "punish_time", "illegal_reason", "rule_name", "rule_url")
    }
    return Translation(f"{PREFIX}punished", _told(properties))


def _order(callback: wx.TradeShippingEvent | wx.TradeSettlementEvent) -> dict[str, Any]:
    names = ("transaction_id", "merchant_id", "sub_merchant_id", "merchant_trade_no", "pay_time")
    shown = msgspec.structs.asdict(callback)
    return {name: shown[name] for name in names}


def _told(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in ("", 0)}
