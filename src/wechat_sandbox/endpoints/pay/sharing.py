"""Sharing profits. Source: website tree and profit-sharing guide (2026)."""

from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.endpoints.pay.shapes import AMOUNT
from wechat_sandbox.state.pay.orders import digest_of
from wechat_sandbox.state.pay.sharing import MERCHANT, PERSON, RECEIVERS_MAX, Receiver, ShareOrder, Sharing
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import CIPHER, Fields, Flag, Group, Many, Text

_ROOT = "/v3/profitsharing"
_TYPE = Text(one_of=(MERCHANT, PERSON))
_ACCOUNT = Text(max=64)
_NUMBER = Text(max=64, pattern=r"[0-9A-Za-z_\-|*@]+")
_RECEIVER: Fields = {
    "appid!": Text(max=32),
    "type!": _TYPE,
    "account!": _ACCOUNT,
    "name": CIPHER,
    "relation_type!": Text(
        one_of=(
            "SERVICE_PROVIDER", "STORE", "STAFF", "STORE_OWNER", "PARTNER", "HEADQUARTER", "BRAND",
            "DISTRIBUTOR", "USER", "SUPPLIER", "CUSTOM",
        )
    ),
    "custom_relation": Text(max=10),
}  # fmt: skip
_SHARE = Group(
    {
        "type!": _TYPE,
        "account!": _ACCOUNT,
        "name": CIPHER,
        "amount!": AMOUNT,
        "description!": Text(max=80),
    }
)


@PAY.post(f"{_ROOT}/receivers/add", _RECEIVER)
def add_receiver(call: PayCall) -> Answer:
    """Allow a merchant or a person to get shares."""
    body, sharing = call.body, Sharing(call.pay)
    call.pay.check_binding(call.merchant, body["appid"])
    name = call.secret("name", body.get("name"))
    if body["type"] == MERCHANT:
        _check_merchant(call, body["account"], name)
    else:
        call.pay.find_person(body["appid"], body["account"])
    if body["relation_type"] == "CUSTOM" and not body.get("custom_relation"):
        raise param_error("/body/custom_relation", None, "自定义关系时必填")
    if sharing.receivers.count(call.merchant.mchid) >= RECEIVERS_MAX:
        raise PayError("RULE_LIMIT", "分账接收方数量达到上限")
    made = Receiver(
        type=body["type"],
        account=body["account"],
        relation_type=body["relation_type"],
        name=name,
        custom_relation=body.get("custom_relation", ""),
    )
    sharing.receivers.put(call.merchant.mchid, f"{made.type}:{made.account}", made)
    shown = {"type": made.type, "account": made.account, "relation_type": made.relation_type}
    if name:
        shown["name"] = call.seal(name)
    return shown | ({"custom_relation": made.custom_relation} if made.custom_relation else {})


@PAY.post(f"{_ROOT}/receivers/delete", {"appid!": Text(max=32), "type!": _TYPE, "account!": _ACCOUNT})
def delete_receiver(call: PayCall) -> Answer:
    """Take a receiver off the list; one who is not on it is fine."""
    shown = {name: call.body[name] for name in ("type", "account")}
    Sharing(call.pay).receivers.drop(call.merchant.mchid, f"{shown['type']}:{shown['account']}")
    return shown


@PAY.post(
    f"{_ROOT}/orders",
    {
        "appid": Text(max=32),
        "transaction_id!": Text(max=32),
        "out_order_no!": _NUMBER,
        "receivers": Many(_SHARE, min=1, max=50),
        "unfreeze_unsplit!": Flag(),
    },
    limit=Limit(calls=300),
)
def share(call: PayCall) -> Answer:
    """Share the profit of a payment."""
    body, sharing = call.body, Sharing(call.pay)
    receivers = body.get("receivers", [])
    if not receivers:
        raise param_error("/body/receivers", None, "此字段为必填项")
    if len({(one["type"], one["account"]) for one in receivers}) < len(receivers):
        raise PayError("INVALID_REQUEST", "同一请求中分账接收方重复")
    for index, one in enumerate(receivers):
        call.secret(f"receivers/{index}/name", one.get("name"))
    order = sharing.payment(call.merchant.mchid, body["transaction_id"])
    # The same name is another ciphertext each time.
    bare = [{name: value for name, value in one.items() if name != "name"} for one in receivers]
    return sharing.share(
        call.merchant,
        order,
        out_order_no=body["out_order_no"],
        shares=receivers,
        frees_rest=body["unfreeze_unsplit"],
        digest=digest_of([body["transaction_id"], bare, body["unfreeze_unsplit"]]),
        at=call.at,
    ).wire()


@PAY.get(_ROOT + "/orders/{out_order_no}", limit=Limit(calls=500))
def query(call: PayCall) -> Answer:
    """A share order with the result of each receiver."""
    found = _find(call, call.params["out_order_no"])
    if found.transaction_id != call.needed("transaction_id"):
        raise PayError("RESOURCE_NOT_EXISTS", "分账单不存在")
    return found.wire()


@PAY.post(
    f"{_ROOT}/orders/unfreeze",
    {"transaction_id!": Text(max=32), "out_order_no!": _NUMBER, "description!": Text(max=80)},
)
def unfreeze(call: PayCall) -> Answer:
    """Free what is left of a payment; nothing can be shared of it any more."""
    body, sharing = call.body, Sharing(call.pay)
    order = sharing.payment(call.merchant.mchid, body["transaction_id"])
    return sharing.share(
        call.merchant,
        order,
        out_order_no=body["out_order_no"],
        shares=[],
        frees_rest=True,
        digest=digest_of(body),
        at=call.at,
    ).wire()


@PAY.post(
    f"{_ROOT}/return-orders",
    {
        "order_id": Text(max=64),
        "out_order_no": Text(max=64),
        "out_return_no!": _NUMBER,
        "return_mchid!": Text(max=32),
        "amount!": AMOUNT,
        "description!": Text(max=80),
    },
    limit=Limit(calls=100),
)
def give_back(call: PayCall) -> Answer:
    """Take a share back from a merchant."""
    body, sharing = call.body, Sharing(call.pay)
    if "order_id" in body:
        order = sharing.find_by_id(body["order_id"])
        if order is None or order.mchid != call.merchant.mchid:
            raise PayError("RESOURCE_NOT_EXISTS", "分账单不存在")
    elif "out_order_no" in body:
        order = _find(call, body["out_order_no"])
    else:
        raise param_error("/body/order_id", None, "order_id 与 out_order_no 二选一必填")
    return sharing.give_back(call.merchant, order, body, digest=digest_of(body), at=call.at).wire()


@PAY.get(_ROOT + "/return-orders/{out_return_no}")
def query_return(call: PayCall) -> Answer:
    """A return by the merchant's number."""
    found = Sharing(call.pay).find_return(call.merchant.mchid, call.params["out_return_no"])
    if found is None or found.out_order_no != call.needed("out_order_no"):
        raise PayError("RESOURCE_NOT_EXISTS", "回退单不存在")
    return found.wire()


@PAY.get(_ROOT + "/transactions/{transaction_id}/amounts")
def remaining(call: PayCall) -> Answer:
    """What can still be shared of a payment."""
    order = Sharing(call.pay).payment(call.merchant.mchid, call.params["transaction_id"])
    return {"transaction_id": order.transaction_id, "unsplit_amount": order.frozen}


@PAY.get(_ROOT + "/merchant-configs/{sub_mchid}")
def max_ratio(call: PayCall) -> Answer:
    """The largest share others may get, in 1/10000."""
    merchant = call.pay.merchants.find(call.params["sub_mchid"])
    if merchant is None:
        raise PayError("RESOURCE_NOT_EXISTS", "商户不存在")
    return {"sub_mchid": merchant.mchid, "max_ratio": merchant.profit_sharing_max_bps}


def _check_merchant(call: PayCall, mchid: str, name: str) -> None:
    if not name:
        raise param_error("/body/name", None, "分账接收方为商户时必填")
    merchant = call.pay.merchants.find(mchid)
    if merchant is None:
        raise PayError("INVALID_REQUEST", "分账接收方商户不存在")
    if merchant.name != name:
        raise PayError("INVALID_REQUEST", "分账接收方全称与商户号不匹配")


def _find(call: PayCall, out_order_no: str) -> ShareOrder:
    found = Sharing(call.pay).find(call.merchant.mchid, out_order_no)
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "分账单不存在")
    return found
