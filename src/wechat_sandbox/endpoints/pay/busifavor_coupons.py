"""Merchant coupons of people: sending, using, giving back. Source: website tree (2026-08)."""

from collections.abc import Callable

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.busifavor_stocks import find_stock
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.busifavor import (
    DEACTIVATED,
    PLATFORM,
    SENT,
    USED,
    BusiCoupon,
    BusiFavor,
)
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import Fields, Moment, Text, read_moment

_ROOT = "/v3/marketing/busifavor"
_COUPONS = f"{_ROOT}/coupons"
_CODE, _STOCK, _REQUEST = Text(max=32), Text(max=20), Text(max=128)
_ORDER: Fields = {
    "stock_id!": _STOCK,
    "coupon_code!": _CODE,
    "out_trade_no!": Text(max=32),
    "out_request_no!": _REQUEST,
}


@PAY.post(
    f"{_COUPONS}/send",
    {
        "openid!": Text(max=128),
        "appid!": Text(max=32),
        "stock_id!": _STOCK,
        "out_request_no!": _REQUEST,
        "coupon_code": _CODE,
    },
)
def send(call: PayCall) -> Answer:
    """Give a person a coupon."""
    body = call.body
    if not call.merchant.can_issue_coupons:
        raise PayError("NO_AUTH", "商户未开通主动发券")
    call.pay.check_binding(call.merchant, body["appid"])
    call.pay.find_person(body["appid"], body["openid"])
    made = BusiFavor(call.pay).send(
        find_stock(call, body["stock_id"]),
        appid=body["appid"],
        openid=body["openid"],
        number=body["out_request_no"],
        at=call.at,
        channel="API",
        code=body.get("coupon_code", ""),
    )
    return {
        "stock_id": made.stock_id,
        "coupon_code": made.code,
        "out_request_no": body["out_request_no"],
    }


@PAY.post(
    _COUPONS + "/{card_id}/send",
    {"appid!": Text(max=32), "openid!": Text(max=128), "out_request_no!": _REQUEST, "send_time!": Moment()},
)
def send_card(call: PayCall) -> Answer:
    """Give a person a spending card (消费卡), which is a stock under its id."""
    body = call.body
    call.pay.find_person(body["appid"], body["openid"])
    made = BusiFavor(call.pay).send(
        find_stock(call, call.params["card_id"]),
        appid=body["appid"],
        openid=body["openid"],
        number=body["out_request_no"],
        at=call.at,
        channel="API",
    )
    return {"card_code": made.code}


@PAY.get(_ROOT + "/users/{openid}/coupons")
def list_coupons(call: PayCall) -> Answer:
    """A person's coupons."""
    coupons, appid = BusiFavor(call.pay), call.needed("appid")
    offset, limit = call.number("offset", 0), call.number("limit", 20, low=1, high=50)
    found = [
        one
        for one in coupons.coupons_of(call.params["openid"])
        if one.appid == appid
        and call.query.get("stock_id") in (None, "", one.stock_id)
        and call.query.get("coupon_state") in (None, "", one.now(call.at))
        and _is_of(call, coupons, one)
    ]
    page = [coupons.wire(one, call.at) for one in found[offset : offset + limit]]
    return {"total_count": len(found), "offset": offset, "limit": limit, "data": page}


@PAY.get(_ROOT + "/users/{openid}/coupons/{coupon_code}/appids/{appid}")
def show_coupon(call: PayCall) -> Answer:
    """One coupon of a person."""
    coupons = BusiFavor(call.pay)
    found = coupons.coupon_of(call.params["openid"], call.params["coupon_code"])
    if found is None or found.appid != call.params["appid"]:
        raise PayError("RESOURCE_NOT_EXISTS", "商家券不存在")
    return coupons.wire(found, call.at)


@PAY.post(
    f"{_COUPONS}/use",
    {
        "coupon_code!": _CODE,
        "stock_id": _STOCK,
        "appid!": Text(max=32),
        "use_time!": Moment(),
        "use_request_no!": Text(max=32),
        "openid": Text(max=128),
        "out_trade_no": Text(max=32),
        "transaction_id": Text(max=32),
        "mch_id": Text(max=20),
    },
)
def use(call: PayCall) -> Answer:
    """Say that a coupon was used in the shop."""
    body, coupons = call.body, BusiFavor(call.pay)
    found = (
        coupons.coupon(body["stock_id"], body["coupon_code"])
        if "stock_id" in body
        else coupons.find_code(body["coupon_code"])
    )
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "商家券不存在")
    stock = find_stock(call, found.stock_id)
    if "stock_id" not in body and stock.mode != PLATFORM:
        raise param_error("/body/stock_id", None, "商户自有券码时必填")
    if body.get("openid") not in (None, found.openid):
        raise PayError("INVALID_REQUEST", "用户与券不匹配")

    def act(coupon: BusiCoupon) -> None:
        if coupon.now(call.at) != SENT or call.at < coupon.begins_at:
            raise PayError("INVALID_REQUEST", "当前状态的商家券不能核销")
        coupon.state, coupon.use_request_no = USED, body["use_request_no"]
        coupon.used_at = read_moment(body["use_time"])

    at = _once(call, found, f"use {body['use_request_no']}", act)
    return {"stock_id": found.stock_id, "openid": found.openid, "wechatpay_use_time": china_time(at)}


@PAY.post(
    f"{_COUPONS}/return",
    {"coupon_code!": _CODE, "stock_id!": _STOCK, "return_request_no!": _REQUEST},
)
def give_back(call: PayCall) -> Answer:
    """Make a used coupon good again."""

    def act(coupon: BusiCoupon) -> None:
        if coupon.state != USED:
            raise PayError("INVALID_REQUEST", "只有已核销的商家券可以退")
        coupon.state, coupon.use_request_no = SENT, ""

    at = _once(call, _find(call), f"return {call.body['return_request_no']}", act)
    return {"wechatpay_return_time": china_time(at)}


@PAY.post(
    f"{_COUPONS}/deactivate",
    {
        "coupon_code!": _CODE,
        "stock_id!": _STOCK,
        "deactivate_request_no!": _REQUEST,
        "deactivate_reason": Text(max=64),
    },
)
def deactivate(call: PayCall) -> Answer:
    """Make a coupon worthless."""

    def act(coupon: BusiCoupon) -> None:
        if coupon.state != SENT:
            raise PayError("INVALID_REQUEST", "当前状态的商家券不能失效")
        coupon.state = DEACTIVATED

    at = _once(call, _find(call), f"deactivate {call.body['deactivate_request_no']}", act)
    return {"wechatpay_deactivate_time": china_time(at)}


@PAY.post(f"{_COUPONS}/associate", _ORDER)
def associate(call: PayCall) -> Answer:
    """Tie a used coupon to the order it was used for."""

    def act(coupon: BusiCoupon) -> None:
        if coupon.state != USED or coupon.out_trade_no:
            raise PayError("INVALID_REQUEST", "商家券未核销,或已关联订单")
        coupon.out_trade_no = call.body["out_trade_no"]

    at = _once(call, _find(call), f"associate {call.body['out_request_no']}", act)
    return {"wechatpay_associate_time": china_time(at)}


@PAY.post(f"{_COUPONS}/disassociate", _ORDER)
def disassociate(call: PayCall) -> Answer:
    """Untie it again."""

    def act(coupon: BusiCoupon) -> None:
        if coupon.out_trade_no != call.body["out_trade_no"]:
            raise PayError("INVALID_REQUEST", "商家券未关联该订单")
        coupon.out_trade_no = ""

    at = _once(call, _find(call), f"disassociate {call.body['out_request_no']}", act)
    return {"wechatpay_disassociate_time": china_time(at)}


def _find(call: PayCall) -> BusiCoupon:
    find_stock(call, call.body["stock_id"])
    found = BusiFavor(call.pay).coupon(call.body["stock_id"], call.body["coupon_code"])
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "商家券不存在")
    return found


def _once(call: PayCall, coupon: BusiCoupon, request: str, act: Callable[[BusiCoupon], None]) -> float:
    """Do something with a coupon once for each request number; return when it took effect."""
    if request not in coupon.done:
        act(coupon)
        coupon.done[request] = call.at
        BusiFavor(call.pay).save(coupon)
        call.pay.note(coupon.appid, coupon.openid)
    return coupon.done[request]


def _is_of(call: PayCall, coupons: BusiFavor, coupon: BusiCoupon) -> bool:
    stock = coupons.find(coupon.stock_id)
    assert stock is not None
    query = call.query
    return (
        query.get("creator_merchant") in (None, "", stock.mchid)
        and query.get("belong_merchant") in (None, "", stock.body["belong_merchant"])
        and query.get("sender_merchant") in (None, "", stock.mchid)
    )
