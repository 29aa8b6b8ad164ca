"""What an upload of shipping information must look like.

Source: the error table of 发货信息录入 and 确认收货提醒 (official pages, read 2026).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

from wechat_sandbox.state.mini_program.trades import OrderState, Parcel, Shipping, Trade
from wechat_sandbox.wire.errors import PlatformError

PARCELS_MAX = 15
DESCRIPTION_CHARS_MAX = 120
UPLOADS_MAX = 2  # One repeat per payment.
EXPRESS, UNIFIED, SPLIT = 1, 1, 2


class Refusal(IntEnum):
    """The numbers these calls refuse with."""

    NO_SUCH_PAYMENT = 10060001
    SHIPPED_TWICE = 10060003
    NOT_SHIPPABLE = 10060004
    BAD_LOGISTICS = 10060005
    SPLIT_WITHOUT_EXPRESS = 10060006
    SPLIT_WITHOUT_END = 10060007
    NO_DESCRIPTION = 10060008
    LONG_DESCRIPTION = 10060009
    BAD_INDEX = 10060011
    BAD_ARGUMENT = 10060014
    TOO_MANY_PARCELS = 10060024
    LONG_COMPANY = 10060025
    LONG_NUMBER = 10060026
    NOT_SHIPPED = 10060028
    BAD_RECEIPT_TIME = 10060029
    REMINDED = 10060030
    WRONG_PAYER = 10060031
    ONLY_EXPRESS = 10060032
    BAD_NUMBER_TYPE = 268485194
    NO_TRANSACTION = 268485195
    NO_MERCHANT = 268485196
    NO_TRADE_NO = 268485197
    BAD_TIME = 268485216
    BAD_MODE = 268485224
    NO_TRACKING = 268485226
    NO_COMPANY = 268485227
    ONE_PARCEL = 268485228


_TEXT_LIMITS = (
    ("item_desc", DESCRIPTION_CHARS_MAX, Refusal.LONG_DESCRIPTION),
    ("express_company", 128, Refusal.LONG_COMPANY),
    ("tracking_no", 128, Refusal.LONG_NUMBER),
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_MASKED = re.compile(r"[\d*+\- ]*\d{4}")


def read_key(key: Mapping[str, Any]) -> dict[str, str]:
    kind = key.get("order_number_type")
    if kind == 2:
        if not key.get("transaction_id"):
            raise PlatformError(Refusal.NO_TRANSACTION)
        return {"transaction_id": str(key["transaction_id"])}
    if kind != 1:
        raise PlatformError(Refusal.BAD_NUMBER_TYPE)
    if not key.get("mchid"):
        raise PlatformError(Refusal.NO_MERCHANT)
    if not key.get("out_trade_no"):
        raise PlatformError(Refusal.NO_TRADE_NO)
    return {"merchant_id": str(key["mchid"]), "trade_no": str(key["out_trade_no"])}


def read_shipping(trade: Trade, body: Mapping[str, Any], *, at: float) -> Shipping:
    """Return what an upload makes of an order's shipping.

    Raises:
        PlatformError: a mode that does not fit, parcels that are wrong, or a second repeat.
    """
    kind, mode = _read_modes(body)
    if trade.state not in (OrderState.TO_SHIP, OrderState.SHIPPED):
        raise PlatformError(Refusal.NOT_SHIPPABLE)
    before = trade.shipping
    if before is not None and before.count >= UPLOADS_MAX:
        raise PlatformError(Refusal.SHIPPED_TWICE)
    parcels = _read_parcels(body.get("shipping_list"), kind, mode, at)
    finished = mode == UNIFIED or body.get("is_all_delivered") is True
    if before is not None and not before.finished and mode == SPLIT:
        parcels = [*before.parcels, *parcels]
        if len(parcels) > PARCELS_MAX:
            raise PlatformError(Refusal.TOO_MANY_PARCELS)
    count = (before.count if before else 0) + (1 if finished else 0)
    return Shipping(logistics_type=kind, delivery_mode=mode, finished=finished, count=count, parcels=parcels)


def _read_modes(body: Mapping[str, Any]) -> tuple[int, int]:
    kind, mode = body.get("logistics_type"), body.get("delivery_mode")
    if not isinstance(kind, int) or kind not in (1, 2, 3, 4):
        raise PlatformError(Refusal.BAD_LOGISTICS)
    if not isinstance(mode, int) or mode not in (UNIFIED, SPLIT):
        raise PlatformError(Refusal.BAD_MODE)
    if mode == SPLIT and kind != EXPRESS:
        raise PlatformError(Refusal.SPLIT_WITHOUT_EXPRESS)
    if mode == SPLIT and not isinstance(body.get("is_all_delivered"), bool):
        raise PlatformError(Refusal.SPLIT_WITHOUT_END)
    return kind, mode


def _read_parcels(items: object, kind: int, mode: int, at: float) -> list[Parcel]:
    if not isinstance(items, list) or not items:
        raise PlatformError(Refusal.BAD_ARGUMENT, "shipping_list")
    if len(items) > PARCELS_MAX:
        raise PlatformError(Refusal.TOO_MANY_PARCELS)
    if mode == UNIFIED and len(items) > 1:
        raise PlatformError(Refusal.ONE_PARCEL)
    return [_read_parcel(item, kind, at) for item in items]


def _read_parcel(item: object, kind: int, at: float) -> Parcel:
    if not isinstance(item, dict):
        raise PlatformError(47001)
    contact = item.get("contact") or {}
    texts = {name: str(item.get(name) or "") for name in ("tracking_no", "express_company", "item_desc")}
    people = {name: str(contact.get(name) or "") for name in ("consignor_contact", "receiver_contact")}
    _check_texts(texts, kind)
    if any(value and not _MASKED.fullmatch(value) for value in people.values()):
        raise PlatformError(Refusal.BAD_ARGUMENT, "contact")
    if kind == EXPRESS and texts["express_company"].startswith("SF") and not any(people.values()):
        raise PlatformError(Refusal.BAD_ARGUMENT, "contact")
    return Parcel(**texts, **people, upload_time=int(at))


def _check_texts(texts: Mapping[str, str], kind: int) -> None:
    if not texts["item_desc"]:
        raise PlatformError(Refusal.NO_DESCRIPTION)
    for name, most, code in _TEXT_LIMITS:
        if len(texts[name]) > most:
            raise PlatformError(code)
    if kind == EXPRESS and not texts["tracking_no"]:
        raise PlatformError(Refusal.NO_TRACKING)
    if kind == EXPRESS and not texts["express_company"]:
        raise PlatformError(Refusal.NO_COMPANY)


def check_time(text: object) -> None:
    try:
        well_formed = isinstance(text, str) and _TIME.fullmatch(text) is not None
        good = well_formed and bool(datetime.fromisoformat(str(text).replace("Z", "+00:00")))
    except ValueError:
        good = False
    if not good:
        raise PlatformError(Refusal.BAD_TIME)
