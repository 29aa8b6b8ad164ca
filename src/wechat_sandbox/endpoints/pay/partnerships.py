"""Partnerships: letting another appid or merchant use one's stocks. Source: website tree (2026-08)."""

from dataclasses import dataclass
from typing import Any

import msgspec

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import Fields, Group, Text

_ROOT = "/v3/marketing/partnerships"
_PARTNERSHIP: Fields = {
    "partner!": Group(
        {
            "type!": Text(one_of=("APPID", "MERCHANT")),
            "appid": Text(max=32),
            "merchant_id": Text(min=8, max=20),
        }
    ),
    "authorized_data!": Group(
        {"business_type!": Text(one_of=("FAVOR_STOCK", "BUSIFAVOR_STOCK")), "stock_id": Text(max=20)}
    ),
}


@dataclass(slots=True, kw_only=True)
class Partnership:
    """One partnership."""

    body: dict[str, Any]
    built_at: float
    updated_at: float
    state: str = "ESTABLISHED"

    def wire(self) -> dict[str, Any]:
        return self.body | {
            "state": self.state,
            "build_time": china_time(self.built_at),
            "create_time": china_time(self.built_at),
            "update_time": china_time(self.updated_at),
        }


@PAY.post(f"{_ROOT}/build", _PARTNERSHIP)
def build(call: PayCall) -> Answer:
    """Begin a partnership; the same ``Idempotency-Key`` gives the same one."""
    found = _keyed(call)
    if found is not None and found.body != call.body:
        raise PayError("INVALID_REQUEST", "幂等键相同,但参数不一致")
    if found is None:
        found = Partnership(body=call.body, built_at=call.at, updated_at=call.at)
        _shelf(call).put(call.merchant.mchid, call.idempotency_key, found)
    return found.wire()


@PAY.post(f"{_ROOT}/terminate", _PARTNERSHIP)
def terminate(call: PayCall) -> Answer:
    """End a partnership."""
    _keyed(call)
    for key, one in _shelf(call).items(call.merchant.mchid):
        if one.body == call.body:
            one.state, one.updated_at = "TERMINATED", call.at
            _shelf(call).put(call.merchant.mchid, key, one)
            return {"terminate_time": china_time(call.at)}
    raise PayError("RESOURCE_NOT_EXISTS", "合作关系不存在")


@PAY.get(_ROOT)
def list_all(call: PayCall) -> Answer:
    """The partnerships of a stock; both filters are JSON in the query."""
    wanted = {name: _filter(call, name) for name in ("authorized_data", "partner")}
    offset, limit = call.number("offset", 0), call.number("limit", 20, low=0, high=50)
    found = [
        one.wire()
        for one in _shelf(call).values(call.merchant.mchid)
        if all(part.items() <= one.body[name].items() for name, part in wanted.items())
    ]
    page = found[offset * limit : (offset + 1) * limit]
    return {"data": page, "total_count": len(found), "offset": offset, "limit": limit}


def _filter(call: PayCall, name: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(call.query.get(name, "{}"), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise param_error(f"/query/{name}", call.query[name], "应为 JSON 对象") from error


def _keyed(call: PayCall) -> Partnership | None:
    if not call.idempotency_key:
        raise PayError("PARAM_ERROR", "请求头缺少 Idempotency-Key")
    return _shelf(call).find(call.merchant.mchid, call.idempotency_key)


def _shelf(call: PayCall) -> "Shelf[Partnership]":
    return Shelf(call.pay.store, "pay_partnership", Partnership)
