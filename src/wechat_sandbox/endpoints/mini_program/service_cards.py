"""Service cards (服务卡片): activate, change, and look at them.

Source: official pages 激活与更新服务卡片 and 查询服务卡片状态 (read 2026). Cards of shops take the number of
a payment as their code: to be activated within 24 hours and changed for thirty days. Others take a code of
a button: five minutes and 24 hours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.accounts import MINI_PROGRAMS
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.mini_program.sessions import CodeKind, Sessions
from wechat_sandbox.state.mini_program.trades import Trades
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

BAD_TYPE, BAD_CODE, EXPIRED, BAD_EXTENSION = 85434, 85437, 85438, 85470
REFUSED = 10  # ``code_state`` of someone who wants no more of this card.
_BY_BUTTON, _BY_PAYMENT = range(1001, 1100), range(2001, 2100)


@dataclass(slots=True, kw_only=True)
class Card:
    """One activated card."""

    person: int
    notify_type: int
    content_json: str
    expires_at: float
    ext_json: str = ""


@REGISTRY.post("/wxa/set_user_notify", kinds=MINI_PROGRAMS)
def set_card(call: Call) -> Mapping[str, object]:
    """Activate a card, or change one that is active."""
    relation, kind = call.recipient(call.text("openid")), _read_type(call)
    content = _read_json(call, "content_json", 47001)
    card = _shelf(call).find(call.account.appid, _key(call, kind))
    if card is None:
        ends = _activate(call, relation, kind)
        card = Card(person=relation.person, notify_type=kind, content_json="", expires_at=ends)
    _check_card(call, card, relation)
    card.content_json = call.text("content_json")
    _shelf(call).put(call.account.appid, _key(call, kind), card)
    body = {"notify_type": kind, "title": "服务动态", "content": content}
    call.world.deliver(relation, "service_card", body, call.at)
    return OK


@REGISTRY.post("/wxa/set_user_notifyext", kinds=MINI_PROGRAMS)
def set_extension(call: Call) -> Mapping[str, object]:
    """Add details to an active card."""
    relation = call.recipient(call.text("openid"))
    card = _get_card(call, relation)
    _read_json(call, "ext_json", BAD_EXTENSION)
    card.ext_json = call.text("ext_json")
    _shelf(call).put(call.account.appid, _key(call, card.notify_type), card)
    return OK


@REGISTRY.post("/wxa/get_user_notify", kinds=MINI_PROGRAMS)
def get_card(call: Call) -> Mapping[str, object]:
    relation = call.recipient(call.text("openid"))
    card = _get_card(call, relation)
    info = {
        "notify_type": card.notify_type,
        "content_json": card.content_json,
        "code_state": REFUSED if relation.refuses_messages else 0,
        "code_expire_time": int(card.expires_at),
    }
    return OK | {"notify_info": info}


def _activate(call: Call, relation: Relation, kind: int) -> float:
    """Check the code of a card that is not active yet, and return when it ends."""
    code = call.text("notify_code")
    if kind in _BY_BUTTON:
        try:
            taken = Sessions(call.world, call.account).take_code(CodeKind.CARD, code, call.at)
        except PlatformError as error:
            raise PlatformError(BAD_CODE) from error
        if taken.person != relation.person:
            raise PlatformError(BAD_CODE)
        return call.at + DAY_S
    trade = Trades(call.world, call.account).find(transaction_id=code) if code else None
    if trade is None or trade.person != relation.person:
        raise PlatformError(BAD_CODE)
    if call.at >= trade.pay_time + DAY_S:
        raise PlatformError(EXPIRED)
    check = _read_json(call, "check_json", BAD_CODE)
    if (check.get("pay_amount"), check.get("pay_time")) != (trade.paid_amount, int(trade.pay_time)):
        raise PlatformError(BAD_CODE, "check_json")
    return call.at + 30 * DAY_S


def _get_card(call: Call, relation: Relation) -> Card:
    card = _shelf(call).find(call.account.appid, _key(call, _read_type(call)))
    if card is None:
        raise PlatformError(BAD_CODE)
    _check_card(call, card, relation)
    return card


def _check_card(call: Call, card: Card, relation: Relation) -> None:
    if card.person != relation.person:
        raise PlatformError(BAD_CODE)
    if call.at >= card.expires_at:
        raise PlatformError(EXPIRED)


def _read_type(call: Call) -> int:
    kind = call.body.get("notify_type")
    if isinstance(kind, bool) or not isinstance(kind, int) or kind not in (*_BY_BUTTON, *_BY_PAYMENT):
        raise PlatformError(BAD_TYPE)
    return kind


def _read_json(call: Call, name: str, code: int) -> dict[str, Any]:
    try:
        content = json.loads(call.text(name))
    except ValueError as error:
        raise PlatformError(code, name) from error
    if not isinstance(content, dict):
        raise PlatformError(code, name)
    return content


def _key(call: Call, kind: int) -> str:
    return f"{kind}:{call.text('notify_code')}"


def _shelf(call: Call) -> Shelf[Card]:
    return Shelf(call.world.store, "mini_card", Card)
