"""PayScore service orders and permissions. Source: website tree and PayScore guide (2026)."""

from typing import Any

from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.orders import digest_of
from wechat_sandbox.state.pay.payscore import (
    COMPLETED,
    CONFIRMED,
    CREATED,
    DOING,
    DONE,
    REVOKED,
    PayScore,
    Permission,
    ServiceOrder,
)
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError, param_error
from wechat_sandbox.wire.pay.fields import URL, Anything, Fields, Flag, Group, Many, Text, Whole, read_moment

_ROOT = "/v3/payscore/serviceorder"
_ONE = _ROOT + "/{out_order_no}"
_NUMBER = Text(max=32, pattern=r"[0-9A-Za-z_\-|*]+")
_SERVICE = Text(max=32)
_PAYMENTS = Many(
    Group(
        {"name": Text(max=20), "amount": Whole(), "description": Text(max=30), "count": Whole(min=1, max=100)}
    ),
    max=100,
)
_DISCOUNTS = Many(
    Group(
        {"name": Text(max=20), "description": Text(max=30), "amount": Whole(), "count": Whole(min=1, max=100)}
    ),
    max=30,
)
_NAMES: Fields = {"appid!": Text(max=32), "service_id!": _SERVICE}
_CREATE: Fields = {
    **_NAMES,
    "out_order_no!": _NUMBER,
    "service_introduction!": Text(max=20),
    "post_payments": _PAYMENTS,
    "post_discounts": _DISCOUNTS,
    "time_range!": Group(
        {
            "start_time!": Text(max=32),
            "end_time": Text(max=32),
            "start_time_remark": Text(max=20),
            "end_time_remark": Text(max=20),
        }
    ),
    "location": Anything(),
    "risk_fund!": Group(
        {
            "name!": Text(one_of=("DEPOSIT", "ADVANCE", "CASH_DEPOSIT", "ESTIMATE_ORDER_COST")),
            "amount!": Whole(min=1),
            "description": Text(max=30),
        }
    ),
    "attach": Text(max=256),
    "notify_url!": URL,
    "openid": Text(max=128),
    "need_user_confirm": Flag(),
    "device": Anything(),
}
_COMPLETE: Fields = {
    **_NAMES,
    "post_payments!": _PAYMENTS,
    "post_discounts": _DISCOUNTS,
    "total_amount!": Whole(),
    "time_range": Anything(),
    "location": Anything(),
    "profit_sharing": Flag(),
    "goods_tag": Text(max=32),
    "device": Anything(),
}


@PAY.post(_ROOT, _CREATE)
def create(call: PayCall) -> Answer:
    """Begin a service order; the person confirms it unless they need not."""
    order = _create(call, confirmed=not call.body.get("need_user_confirm", True))
    shown = order.wire()
    return shown | ({"package": order.package} if order.state == CREATED else {})


@PAY.post(
    f"{_ROOT}/direct-complete",
    {**_CREATE, "total_amount!": Whole(), "profit_sharing": Flag(), "goods_tag": Text(max=32)},
)
def create_and_complete(call: PayCall) -> Answer:
    """Begin and finish a service order at once."""
    order = _create(call, confirmed=True)
    if order.description == CONFIRMED:
        _complete(call, order)
    return order.wire()


@PAY.get(_ROOT)
def query(call: PayCall) -> Answer:
    """A service order by the merchant's number, or by the one a client returned."""
    scores, number = PayScore(call.pay), call.query.get("out_order_no")
    found = (
        scores.find(call.merchant.mchid, number)
        if number
        else scores.find_by_package(call.needed("query_id"))
    )
    if found is None or found.body["service_id"] != call.needed("service_id"):
        raise PayError("ORDER_NOT_EXIST", "服务订单不存在")
    return found.wire()


@PAY.post(_ONE + "/cancel", {**_NAMES, "reason!": Text(max=50)})
def cancel(call: PayCall) -> Answer:
    """Take back an order that is not finished."""
    order = _find(call)
    if order.state == REVOKED:
        return _ids(order)
    if order.state not in (CREATED, DOING) or order.description == COMPLETED:
        raise PayError("INVALID_REQUEST", "当前状态的服务订单不能取消")
    order.state, order.reason = REVOKED, call.body["reason"]
    PayScore(call.pay).save(order)
    return _ids(order)


@PAY.post(
    _ONE + "/modify",
    {
        **_NAMES,
        "post_payments!": _PAYMENTS,
        "post_discounts": _DISCOUNTS,
        "total_amount!": Whole(),
        "reason!": Text(max=50),
        "device": Anything(),
    },
)
def modify(call: PayCall) -> Answer:
    """Lower the sum of a finished order that is not paid."""
    order = _find(call)
    if (order.state, order.description) != (DOING, COMPLETED):
        raise PayError("INVALID_REQUEST", "当前状态的服务订单不能修改金额")
    if call.body["total_amount"] > order.total:
        raise PayError("INVALID_REQUEST", "修改后的金额不能大于原金额")
    _set_sum(call, order)
    PayScore(call.pay).save(order)
    return order.wire()


@PAY.post(_ONE + "/complete", _COMPLETE)
def complete(call: PayCall) -> Answer:
    """Finish the service; its money is collected."""
    order = _find(call)
    if order.description == COMPLETED and order.total == call.body["total_amount"]:
        return order.wire()
    if (order.state, order.description) != (DOING, CONFIRMED):
        raise PayError("INVALID_REQUEST", "当前状态的服务订单不能完结")
    _complete(call, order)
    return order.wire()


@PAY.post(_ONE + "/pay", _NAMES)
def collect(call: PayCall) -> Answer:
    """Ask for the money again."""
    order = _find(call)
    if (order.state, order.description) != (DOING, COMPLETED):
        raise PayError("INVALID_REQUEST", "服务订单没有待支付的款项")
    return _ids(order)


@PAY.post(
    _ONE + "/sync",
    {**_NAMES, "type!": Text(one_of=("Order_Paid",)), "detail!": Group({"paid_time!": Text(max=32)})},
)
def sync(call: PayCall) -> Answer:
    """Say that the person has paid in another way."""
    order = _find(call)
    if (order.state, order.description) != (DOING, COMPLETED):
        raise PayError("INVALID_REQUEST", "服务订单没有待支付的款项")
    text = call.body["detail"]["paid_time"]
    order.paid_at = read_moment(text) if "T" in text else call.at
    order.state, order.paid_type = DONE, "MCH"
    PayScore(call.pay).save(order)
    return order.wire()


@PAY.post(
    "/v3/payscore/permissions",
    {
        "service_id!": _SERVICE,
        "appid!": Text(max=32),
        "authorization_code!": Text(max=32),
        "notify_url": URL,
    },
)
def ask_permission(call: PayCall) -> Answer:
    """Ask a person to let the service run without confirming each order."""
    scores, body = PayScore(call.pay), call.body
    call.pay.check_binding(call.merchant, body["appid"])
    found = scores.permissions.find(call.merchant.mchid, body["authorization_code"])
    if found is None:
        found = Permission(
            mchid=call.merchant.mchid,
            appid=body["appid"],
            service_id=body["service_id"],
            authorization_code=body["authorization_code"],
            notify_url=body.get("notify_url", ""),
            token=call.pay.token("permission", 64),
        )
        scores.permissions.put(call.merchant.mchid, found.authorization_code, found)
    return {"apply_permissions_token": found.token}


@PAY.get("/v3/payscore/permissions/authorization-code/{authorization_code}")
def query_permission(call: PayCall) -> Answer:
    """Whether the person allows it, by the merchant's number."""
    return _permission(call).wire()


@PAY.get("/v3/payscore/permissions/openid/{openid}")
def query_permission_of(call: PayCall) -> Answer:
    """Whether the person allows it, by who they are."""
    return _permission(call).wire()


@PAY.post(
    "/v3/payscore/permissions/authorization-code/{authorization_code}/terminate",
    {"service_id!": _SERVICE, "reason!": Text(max=50)},
)
def end_permission(call: PayCall) -> None:
    """Give the permission back."""
    _end_permission(call)


@PAY.post(
    "/v3/payscore/permissions/openid/{openid}/terminate",
    {"service_id!": _SERVICE, "appid!": Text(max=32), "reason!": Text(max=50)},
)
def end_permission_of(call: PayCall) -> None:
    """The same by who the person is."""
    _end_permission(call)


def _create(call: PayCall, *, confirmed: bool) -> ServiceOrder:
    body, scores = call.body, PayScore(call.pay)
    call.pay.check_binding(call.merchant, body["appid"])
    if confirmed:
        if not body.get("openid"):
            raise param_error("/body/openid", None, "免确认订单必填")
        call.pay.find_person(body["appid"], body["openid"])
    digest = digest_of(body)
    known = scores.find(call.merchant.mchid, body["out_order_no"])
    if known is not None:
        if known.digest != digest:
            raise PayError("INVALID_REQUEST", "商户服务订单号相同,但参数不一致", reason=OTHER_PARAMETERS)
        return known
    made = ServiceOrder(
        mchid=call.merchant.mchid,
        out_order_no=body["out_order_no"],
        order_id=call.pay.digits("1560", call.at, 32),
        body=body,
        created_at=call.at,
        package=call.pay.token("package", 128),
        digest=digest,
        openid=body.get("openid", ""),
    )
    scores.open(made, confirmed=confirmed)
    return made


def _complete(call: PayCall, order: ServiceOrder) -> None:
    _set_sum(call, order)
    for name in ("time_range", "location"):
        if name in call.body:
            order.body[name] = {**order.body.get(name, {}), **call.body[name]}
    PayScore(call.pay).complete(order, call.at)


def _set_sum(call: PayCall, order: ServiceOrder) -> None:
    """Take the sum over; it follows from its parts and stays within the risk fund."""
    payments, off = call.body.get("post_payments", []), call.body.get("post_discounts", [])
    total = sum(one.get("amount", 0) for one in payments) - sum(one.get("amount", 0) for one in off)
    if call.body["total_amount"] != total:
        raise PayError("PARAM_ERROR", "总金额应等于付费项目之和减去优惠之和")
    if total > order.body["risk_fund"]["amount"]:
        raise PayError("PARAM_ERROR", "总金额不能大于风险金")
    order.total = total
    order.body |= {"post_payments": payments, "post_discounts": off}


def _find(call: PayCall) -> ServiceOrder:
    found = PayScore(call.pay).find(call.merchant.mchid, call.params["out_order_no"])
    if found is None:
        raise PayError("ORDER_NOT_EXIST", "服务订单不存在")
    if found.body["service_id"] != call.body["service_id"]:
        raise PayError("INVALID_REQUEST", "服务 ID 与下单时不一致")
    return found


def _permission(call: PayCall) -> Permission:
    service = call.query.get("service_id") or call.body.get("service_id")
    for one in PayScore(call.pay).permissions.values(call.merchant.mchid):
        marks = (
            call.params.get("authorization_code") == one.authorization_code,
            bool(one.openid) and call.params.get("openid") == one.openid,
        )
        if any(marks) and one.service_id == service:
            return one
    raise PayError("RESOURCE_NOT_EXISTS", "授权记录不存在")


def _end_permission(call: PayCall) -> None:
    found = _permission(call)
    PayScore(call.pay).change_permission(found, "UNAVAILABLE", call.at, event="PAYSCORE.USER_CLOSE_SERVICE")


def _ids(order: ServiceOrder) -> dict[str, Any]:
    return {
        "appid": order.body["appid"],
        "mchid": order.mchid,
        "out_order_no": order.out_order_no,
        "service_id": order.body["service_id"],
        "order_id": order.order_id,
    }
