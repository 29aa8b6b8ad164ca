"""When a cash coupon holds, and on which goods it takes money off.

Source: cash-coupon models of the official SDKs (2026): ``coupon_use_rule``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wechat_sandbox.clock import CHINA, DAY_S, china_midnight
from wechat_sandbox.state.pay.orders import Order

MINUTE_S = 60.0
# ``trade_type`` of a rule, by that of the order; paying in a mini program is told apart from other pages.
_TRADE_TYPES = {"APP": "APPPAY", "MICROPAY": "CARD", "FACEPAY": "FACE"}


def period(rule: Mapping[str, Any], begins_at: float, ends_at: float, at: float) -> tuple[float, float]:
    """Return from when to when a coupon of a stock with this beginning and end holds, received now."""
    times = rule.get("coupon_available_time", {})
    begins = max(at, begins_at)
    if times.get("second_day_available"):
        begins = china_midnight(begins) + DAY_S
    ends = ends_at
    if times.get("available_time_after_receive"):
        ends = min(ends, begins + MINUTE_S * times["available_time_after_receive"])
    return begins, ends


def fits(rule: Mapping[str, Any], order: Order, at: float, *, in_mini_program: bool) -> bool:
    """Whether a rule lets a coupon be used on an order; where it may be used is asked elsewhere."""
    tags, banks, kinds = rule.get("goods_tag"), rule.get("limit_pay"), rule.get("trade_type")
    kind = "MICROAPP" if in_mini_program and order.trade_type == "JSAPI" else ""
    kind = kind or _TRADE_TYPES.get(order.trade_type, "OTHER")
    return (
        (not tags or order.goods_tag in tags)
        and (not banks or order.bank_type in banks)
        and (not kinds or kind in kinds)
        and (not rule.get("available_items") or bool(_goods(rule, order)))
        and _is_open(rule, at)
    )


def goods_off(rule: Mapping[str, Any], order: Order, amount: int) -> list[dict[str, Any]]:
    """Return what is taken off each of the goods a rule names, in fen; none for rules about orders."""
    rows, left = [], amount
    for one in _goods(rule, order):
        off = min(left, one["unit_price"] * one["quantity"])
        left -= off
        row = {"goods_id": one["merchant_goods_id"], "quantity": one["quantity"]}
        rows.append(row | {"unit_price": one["unit_price"], "discount_amount": off, "goods_remark": ""})
    return rows


def _goods(rule: Mapping[str, Any], order: Order) -> list[dict[str, Any]]:
    items = rule.get("available_items") or []
    return [one for one in order.goods if one.get("merchant_goods_id") in items]


def _is_open(rule: Mapping[str, Any], at: float) -> bool:
    """Whether a moment lies in the days of the week and the seconds of the day that a rule names."""
    fixed = rule.get("coupon_available_time", {}).get("fix_available_time") or {}
    days, second = fixed.get("available_week_day"), at - china_midnight(at)
    today = datetime.fromtimestamp(at, CHINA).isoweekday() % 7  # 0 is Sunday.
    if days and today not in days:
        return False
    return bool(fixed.get("begin_time", 0) <= second <= fixed.get("end_time", DAY_S))
