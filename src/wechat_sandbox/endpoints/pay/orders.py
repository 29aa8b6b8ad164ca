"""Placing, finding and closing orders: JSAPI and mini program, app, H5, Native, payment code."""

from typing import Any

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.pay.registry import PAY, Accepted, Answer, Limit, PayCall
from wechat_sandbox.endpoints.pay.shapes import DETAIL_BY_CODE, H5_SCENE, IDENTITY, ORDER, PAYER, SCENE
from wechat_sandbox.state.pay.cashier import Cashier, NotPayable
from wechat_sandbox.state.pay.orders import (
    AUTO_CLOSE_S,
    PAID,
    Order,
    Orders,
    Prepay,
    TradeState,
    check_repeat,
    digest_of,
)
from wechat_sandbox.state.pay.payment_codes import PaymentCodes
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import URL, Fields, Flag, Group, Text, read_moment

REVERSE_S = 7.0 * DAY_S
_LIMIT = Limit(calls=500)
_ROOT = "/v3/pay/transactions"
_ORDER: Fields = {**ORDER, "notify_url!": URL}


@PAY.post(f"{_ROOT}/jsapi", {**_ORDER, "payer!": PAYER, "scene_info": SCENE}, limit=_LIMIT)
def place_jsapi(call: PayCall) -> Answer:
    """An order paid inside WeChat by one known person."""
    call.pay.find_person(call.body["appid"], call.body["payer"]["openid"])
    return {"prepay_id": _place(call, "JSAPI").prepay_id}


@PAY.post(f"{_ROOT}/app", {**_ORDER, "payer": IDENTITY, "scene_info": SCENE}, limit=_LIMIT)
def place_app(call: PayCall) -> Answer:
    """An order paid from an app."""
    return {"prepay_id": _place(call, "APP").prepay_id}


@PAY.post(f"{_ROOT}/h5", {**_ORDER, "payer": IDENTITY, "scene_info!": H5_SCENE}, limit=_LIMIT)
def place_h5(call: PayCall) -> Answer:
    """An order paid from a browser outside WeChat; the address is good for five minutes."""
    return {"h5_url": h5_url(call, _place(call, "MWEB"))}


@PAY.post(f"{_ROOT}/native", {**_ORDER, "payer": IDENTITY, "scene_info": SCENE}, limit=_LIMIT)
def place_native(call: PayCall) -> Answer:
    """An order paid by scanning a code."""
    return {"code_url": code_url(_place(call, "NATIVE"))}


@PAY.post(
    f"{_ROOT}/codepay",
    {
        **ORDER,
        "detail": DETAIL_BY_CODE,
        "payer!": Group({"auth_code!": Text(max=32)}),
        "scene_info!": Group(
            {
                "device_id": Text(max=32),
                "device_ip": Text(max=45),
                "store_info!": Group({"id": Text(max=32), "out_id": Text(max=32)}),
            }
        ),
        "promotion_flag": Flag(),
    },
)
def pay_by_code(call: PayCall) -> Answer:
    """The shop scans the code on the person's phone; small amounts are paid at once, others ask first."""
    owner = PaymentCodes(call.pay).spend(call.body["payer"]["auth_code"], call.at)
    prepay = _place(call, "MICROPAY")
    cashier = Cashier(call.pay)
    order = Orders(call.pay).get(call.merchant, out_trade_no=call.body["out_trade_no"])
    if owner.asks_password:
        order.state, order.person = TradeState.USERPAYING, owner.person
        order.payer_openid = cashier.payer_openid(order.appid, owner.person)
        cashier.orders.save(order)
        return Accepted(status=202, body=order.wire())
    try:
        cashier.confirm(cashier.open(prepay.prepay_id), owner.person, call.at)
    except NotPayable as error:
        raise PayError("INVALID_REQUEST", str(error)) from error
    return Orders(call.pay).get(call.merchant, out_trade_no=order.out_trade_no).wire()


@PAY.get(_ROOT + "/out-trade-no/{out_trade_no}")
def query_by_number(call: PayCall) -> Answer:
    """An order by the merchant's number."""
    return _query(call, out_trade_no=call.params["out_trade_no"])


@PAY.get(_ROOT + "/id/{transaction_id}")
def query_by_transaction(call: PayCall) -> Answer:
    """A paid order by the platform's number."""
    return _query(call, transaction_id=call.params["transaction_id"])


@PAY.post(_ROOT + "/out-trade-no/{out_trade_no}/close", {"mchid!": Text(max=32)})
def close(call: PayCall) -> None:
    """Close an unpaid order; again is fine."""
    _check_mchid(call, call.body["mchid"], "/body/mchid")
    orders = Orders(call.pay)
    order = orders.get(call.merchant, out_trade_no=call.params["out_trade_no"])
    if order.trade_type == "MICROPAY":
        raise PayError("INVALID_REQUEST", "付款码订单请使用撤销接口", reason=268449641)
    orders.close(order)


@PAY.post(_ROOT + "/out-trade-no/{out_trade_no}/reverse", {"appid!": Text(max=32), "mchid!": Text(max=32)})
def reverse(call: PayCall) -> Answer:
    """Take back an order paid by code, also a paid one: the money returns."""
    _check_mchid(call, call.body["mchid"], "/body/mchid")
    orders = Orders(call.pay)
    order = orders.get(call.merchant, out_trade_no=call.params["out_trade_no"])
    if order.trade_type != "MICROPAY":
        raise PayError("INVALID_REQUEST", "只有付款码订单可以撤销")
    if order.state is TradeState.REVOKED:
        return _reversed(call)
    if order.refunds:
        raise PayError("INVALID_REQUEST", "订单已发生退款,不能撤销")
    if order.state in PAID:
        if call.at > order.paid_at + REVERSE_S:
            raise PayError("INVALID_REQUEST", "订单支付超过七天,不能撤销")
        _pay_back(call, order)
    order.state = TradeState.REVOKED
    orders.save(order)
    return _reversed(call)


def _reversed(call: PayCall) -> dict[str, Any]:
    shown = {name: call.body[name] for name in ("appid", "mchid")}
    return shown | {"out_trade_no": call.params["out_trade_no"]}


def _pay_back(call: PayCall, order: Order) -> None:
    """Return the money of a payment, also the part that waits to be shared."""
    if order.frozen:
        call.pay.funds.freeze(order.mchid, -order.frozen)
        order.frozen, order.profit_sharing = 0, False
    call.pay.funds.move(
        order.mchid,
        order.fee - order.settlement_total,
        at=call.at,
        name="撤销",
        kind="撤销",
        ref=order.transaction_id,
        voucher=order.out_trade_no,
    )


def h5_url(call: PayCall, prepay: Prepay) -> str:
    """Return the address of the payment page; the sandbox itself serves it."""
    page = f"{call.pay.world.public_url}/cgi-bin/mmpayweb-bin/checkmweb"
    return f"{page}?prepay_id={prepay.prepay_id}&package={prepay.code}"


def code_url(prepay: Prepay) -> str:
    """Return what a Native code says."""
    return f"weixin://wxpay/bizpayurl?pr={prepay.code}"


def read_expiry(call: PayCall) -> float:
    """Return when an order ends, refusing an end that has passed."""
    text = call.body.get("time_expire")
    if text is None:
        return call.at + AUTO_CLOSE_S
    until = read_moment(text, "/body/time_expire")
    if until <= call.at:
        raise param_error("/body/time_expire", text, "订单失效时间应晚于当前时间")
    return until


def _place(call: PayCall, trade_type: str) -> Prepay:
    body = call.body
    _check_mchid(call, body["mchid"], "/body/mchid")
    call.pay.check_binding(call.merchant, body["appid"])
    orders, digest = Orders(call.pay), digest_of([trade_type, body])
    known = orders.find(call.merchant.mchid, body["out_trade_no"])
    if known is None:
        orders.open(_order(call, trade_type, digest))
    else:
        check_repeat(known, digest)
        if call.at >= known.expires_at:
            raise PayError("ORDER_CLOSED", "订单已过期")
    return orders.prepare(
        appid=body["appid"],
        mchid=call.merchant.mchid,
        number=body["out_trade_no"],
        is_bundle=False,
        at=call.at,
    )


def _order(call: PayCall, trade_type: str, digest: str) -> Order:
    body: dict[str, Any] = call.body
    payer = body.get("payer", {})
    for name in ("number", "name"):
        call.secret(f"payer/identity/{name}", payer.get("identity", {}).get(name))
    return Order(
        mchid=call.merchant.mchid,
        appid=body["appid"],
        out_trade_no=body["out_trade_no"],
        trade_type=trade_type,
        description=body["description"],
        total=body["amount"]["total"],
        notify_url=body.get("notify_url", ""),
        created_at=call.at,
        expires_at=read_expiry(call),
        digest=digest,
        attach=body.get("attach", ""),
        goods_tag=body.get("goods_tag", ""),
        goods=body.get("detail", {}).get("goods_detail", []),
        limit_pay=body.get("limit_pay", []),
        device_id=body.get("scene_info", {}).get("device_id", ""),
        profit_sharing=body.get("settle_info", {}).get("profit_sharing", False),
        payer_openid=payer.get("openid", ""),
    )


def _query(call: PayCall, *, transaction_id: str = "", out_trade_no: str = "") -> dict[str, Any]:
    _check_mchid(call, call.needed("mchid"), "/query/mchid")
    found = Orders(call.pay).get(call.merchant, transaction_id=transaction_id, out_trade_no=out_trade_no)
    return found.wire()


def _check_mchid(call: PayCall, mchid: str, at: str) -> None:
    if mchid != call.merchant.mchid:
        raise param_error(at, mchid, "与请求签名的商户号不一致", reason=268447843)
