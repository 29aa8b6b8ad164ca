"""Smart guide (支付即服务): the card of a member of staff after a payment. Source: page of 2020-07."""

from dataclasses import dataclass
from typing import Any

from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.orders import Orders
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError
from wechat_sandbox.wire.pay.fields import CIPHER, Fields, Text, Whole

_ROOT = "/v3/smartguide/guides"
_GUIDE: Fields = {
    "corpid!": Text(max=32),
    "store_id!": Whole(min=1),
    "userid!": Text(max=64),
    "name!": CIPHER,
    "mobile!": CIPHER,
    "qr_code!": Text(max=1024),
    "avatar!": Text(max=1024),
    "group_qrcode": Text(max=1024),
}
_CHANGES: Fields = {
    "name": CIPHER,
    "mobile": CIPHER,
    "qr_code": Text(max=1024),
    "avatar": Text(max=1024),
    "group_qrcode": Text(max=1024),
}
_NAME_BYTES, _MOBILE_BYTES = 64, 32


@dataclass(slots=True, kw_only=True)
class Guide:
    """One member of staff of a store."""

    guide_id: str
    corpid: str
    store_id: int
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str
    group_qrcode: str = ""


@PAY.post(_ROOT, _GUIDE)
def register(call: PayCall) -> Answer:
    """Register a member of staff; once for each store."""
    body, shelf = call.body, _shelf(call)
    for one in shelf.values(call.merchant.mchid):
        if (one.store_id, one.userid) == (body["store_id"], body["userid"]):
            raise PayError("RESOURCE_ALREADY_EXISTS", "服务人员已注册")
    made = Guide(
        guide_id=f"LLA3WJ6DSZUfiaZDS79FH5{call.pay.ordinal():08d}",
        corpid=body["corpid"],
        store_id=body["store_id"],
        userid=body["userid"],
        name=_secret(call, "name", _NAME_BYTES),
        mobile=_secret(call, "mobile", _MOBILE_BYTES),
        qr_code=body["qr_code"],
        avatar=body["avatar"],
        group_qrcode=body.get("group_qrcode", ""),
    )
    shelf.put(call.merchant.mchid, made.guide_id, made)
    return {"guide_id": made.guide_id}


@PAY.get(_ROOT)
def list_all(call: PayCall) -> Answer:
    """The staff of a store."""
    store_id, query = call.number("store_id"), call.query
    # A plus in a query is a blank; in base64 it is itself.
    mobile = call.secret("mobile", query.get("mobile", "").replace(" ", "+"))
    offset, limit = call.number("offset", 0), call.number("limit", 10, low=1, high=20)
    found = [
        one
        for one in _shelf(call).values(call.merchant.mchid)
        if one.store_id == store_id
        and query.get("userid") in (None, "", one.userid)
        and mobile in ("", one.mobile)
    ]
    rows: list[dict[str, Any]] = [
        {
            "guide_id": one.guide_id,
            "store_id": one.store_id,
            "name": call.seal(one.name),
            "mobile": call.seal(one.mobile),
            "userid": one.userid,
            "work_id": one.userid,
        }
        for one in found[offset : offset + limit]
    ]
    return {"data": rows, "total_count": len(found), "limit": limit, "offset": offset}


@PAY.patch(_ROOT + "/{guide_id}", _CHANGES)
def change(call: PayCall) -> None:
    """Change what is known of somebody."""
    found = _find(call)
    found.name = _secret(call, "name", _NAME_BYTES) or found.name
    found.mobile = _secret(call, "mobile", _MOBILE_BYTES) or found.mobile
    for name in ("qr_code", "avatar", "group_qrcode"):
        setattr(found, name, call.body.get(name, getattr(found, name)))
    _shelf(call).put(call.merchant.mchid, found.guide_id, found)


@PAY.post(_ROOT + "/{guide_id}/assign", {"out_trade_no!": Text(max=32)})
def assign(call: PayCall) -> None:
    """Show somebody's card after the payment of an order."""
    found, orders = _find(call), Orders(call.pay)
    order = orders.get(call.merchant, out_trade_no=call.body["out_trade_no"])
    order.guide_id = found.guide_id
    orders.save(order)


def _secret(call: PayCall, name: str, bytes_max: int) -> str:
    text = call.secret(name, call.body.get(name))
    if len(text.encode()) > bytes_max:
        raise PayError("PARAM_ERROR", f"{name} 长度超过 {bytes_max} 字节")
    return text


def _find(call: PayCall) -> Guide:
    found = _shelf(call).find(call.merchant.mchid, call.params["guide_id"])
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "服务人员不存在")
    return found


def _shelf(call: PayCall) -> "Shelf[Guide]":
    return Shelf(call.pay.store, "pay_guide", Guide)
