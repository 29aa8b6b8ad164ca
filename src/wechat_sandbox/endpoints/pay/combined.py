"""Combined orders: several orders of one or more merchants, paid all or none.

Source: website tree (2026-08). Refunds, profit sharing and bills are of the single orders.
"""

from typing import Any

from wechat_sandbox.endpoints.pay.orders import code_url, h5_url, read_expiry
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.endpoints.pay.shapes import DETAIL, H5_SCENE, LIMIT_PAY, NUMBER, SCENE, SUBSIDY
from wechat_sandbox.state.pay.cashier import bundle_wire
from wechat_sandbox.state.pay.orders import Bundle, Order, Orders, Prepay, check_repeat, digest_of
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError, param_error
from wechat_sandbox.wire.pay.fields import URL, Anything, Fields, Flag, Group, Many, Moment, Text, Whole

_ROOT = "/v3/combine-transactions"
_LIMIT = Limit(calls=500)
_SUB = Group(
    {
        "mchid!": Text(max=32),
        "attach!": Text(max=128),
        "amount!": Group({"total_amount!": Whole(min=1, max=10**9), "currency!": Text(one_of=("CNY",))}),
        "out_trade_no!": NUMBER,
        "description!": Text(max=127),
        "detail": DETAIL,
        "goods_tag": Text(max=32),
        "settle_info": Group({"profit_sharing": Flag(), "subsidy_amount": Whole()}),
    }
)
_PAYER: Fields = {"sub_openid": Text(max=128), "identity": Anything()}
_ORDER: Fields = {
    "combine_appid!": Text(max=32),
    "combine_mchid!": Text(max=32),
    "combine_out_trade_no!": NUMBER,
    "sub_orders!": Many(_SUB, min=2, max=10),
    "time_start": Moment(),
    "time_expire": Moment(),
    "notify_url!": URL,
    "limit_pay": LIMIT_PAY,
    "subsidy_info": SUBSIDY,
}
_JSAPI: Fields = {
    **_ORDER,
    "scene_info": SCENE,
    "combine_payer_info!": Group({"openid!": Text(max=128), **_PAYER}),
}
_ANYBODY: Fields = {**_ORDER, "combine_payer_info": Group({"openid": Text(max=128), **_PAYER})}
_OTHERS: Fields = {**_ANYBODY, "scene_info": SCENE}
_SUB_TO_CLOSE = Group(
    {
        "mchid!": Text(max=32),
        "out_trade_no!": Text(max=32),
        "sub_mchid": Text(max=32),
        "sub_appid": Text(max=32),
    }
)


@PAY.post(f"{_ROOT}/jsapi", _JSAPI, limit=_LIMIT)
def place_jsapi(call: PayCall) -> Answer:
    """Paid inside WeChat by one known person; mini programs use this too."""
    call.pay.find_person(call.body["combine_appid"], call.body["combine_payer_info"]["openid"])
    return {"prepay_id": _place(call, "JSAPI").prepay_id}


@PAY.post(f"{_ROOT}/app", _OTHERS, limit=_LIMIT)
def place_app(call: PayCall) -> Answer:
    """Paid from an app."""
    return {"prepay_id": _place(call, "APP").prepay_id}


@PAY.post(f"{_ROOT}/h5", {**_ANYBODY, "scene_info!": H5_SCENE}, limit=_LIMIT)
def place_h5(call: PayCall) -> Answer:
    """Paid from a browser outside WeChat."""
    return {"h5_url": h5_url(call, _place(call, "MWEB"))}


@PAY.post(f"{_ROOT}/native", _OTHERS, limit=_LIMIT)
def place_native(call: PayCall) -> Answer:
    """Paid by scanning a code."""
    return {"code_url": code_url(_place(call, "NATIVE"))}


@PAY.get(_ROOT + "/out-trade-no/{combine_out_trade_no}")
def query(call: PayCall) -> Answer:
    """A combined payment with all its orders."""
    bundle = _find(call)
    return bundle_wire(bundle, Orders(call.pay).subs(bundle))


@PAY.post(
    _ROOT + "/out-trade-no/{combine_out_trade_no}/close",
    {"combine_appid!": Text(max=32), "sub_orders!": Many(_SUB_TO_CLOSE, min=1, max=50)},
)
def close(call: PayCall) -> None:
    """Close all orders of an unpaid combined payment; they must all be named."""
    bundle, orders = _find(call), Orders(call.pay)
    named = {(one["mchid"], one["out_trade_no"]) for one in call.body["sub_orders"]}
    if call.body["combine_appid"] != bundle.combine_appid or named != set(bundle.subs):
        raise PayError("INVALID_REQUEST", "子单信息与下单时不一致,必须包含全部子单")
    for order in orders.subs(bundle):
        orders.close(order)


def _place(call: PayCall, trade_type: str) -> Prepay:
    body, orders = call.body, Orders(call.pay)
    if body["combine_mchid"] != call.merchant.mchid:
        raise param_error("/body/combine_mchid", body["combine_mchid"], "与请求签名的商户号不一致")
    call.pay.check_binding(call.merchant, body["combine_appid"])
    digest, number = digest_of([trade_type, body]), body["combine_out_trade_no"]
    known = orders.find_bundle(call.merchant.mchid, number)
    if known is None:
        _open(call, orders, trade_type, digest)
    else:
        if known.digest != digest:
            raise PayError("INVALID_REQUEST", "合单商户订单号相同,但参数不一致", reason=OTHER_PARAMETERS)
        for order in orders.subs(known):
            check_repeat(order, digest)
    return orders.prepare(
        appid=body["combine_appid"], mchid=call.merchant.mchid, number=number, is_bundle=True, at=call.at
    )


def _open(call: PayCall, orders: Orders, trade_type: str, digest: str) -> None:
    """Keep the payment with its orders, or nothing of it."""
    body = call.body
    subs = [(one["mchid"], one["out_trade_no"]) for one in body["sub_orders"]]
    if len(set(subs)) < len(subs):
        raise PayError("INVALID_REQUEST", "子单商户订单号重复")
    for mchid, number in subs:
        if call.pay.merchants.find(mchid) is None:
            raise PayError("MCH_NOT_EXISTS")
        if orders.find(mchid, number) is not None:
            raise PayError("OUT_TRADE_NO_USED")
    made = [_order(call, one, trade_type, digest) for one in body["sub_orders"]]
    for order in made:
        orders.open(order)
    orders.save_bundle(
        Bundle(
            combine_appid=body["combine_appid"],
            combine_mchid=call.merchant.mchid,
            combine_out_trade_no=body["combine_out_trade_no"],
            subs=subs,
            notify_url=body["notify_url"],
            digest=digest,
            created_at=call.at,
            payer_openid=body.get("combine_payer_info", {}).get("openid", ""),
            device_id=body.get("scene_info", {}).get("device_id", ""),
        )
    )


def _order(call: PayCall, sub: dict[str, Any], trade_type: str, digest: str) -> Order:
    body = call.body
    return Order(
        mchid=sub["mchid"],
        appid=body["combine_appid"],
        out_trade_no=sub["out_trade_no"],
        trade_type=trade_type,
        description=sub["description"],
        total=sub["amount"]["total_amount"],
        notify_url=body["notify_url"],
        created_at=call.at,
        expires_at=read_expiry(call),
        digest=digest,
        attach=sub["attach"],
        goods_tag=sub.get("goods_tag", ""),
        goods=sub.get("detail", {}).get("goods_detail", []),
        limit_pay=body.get("limit_pay", []),
        profit_sharing=sub.get("settle_info", {}).get("profit_sharing", False),
        payer_openid=body.get("combine_payer_info", {}).get("openid", ""),
        combine=(call.merchant.mchid, body["combine_out_trade_no"]),
    )


def _find(call: PayCall) -> Bundle:
    found = Orders(call.pay).find_bundle(call.merchant.mchid, call.params["combine_out_trade_no"])
    if found is None:
        raise PayError("ORDER_NOT_EXIST")
    return found
