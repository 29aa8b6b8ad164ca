"""Asking for refunds. Source: website tree (2026-08), refund pages (2025-02, 2025-03)."""

from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.endpoints.pay.shapes import AMOUNT
from wechat_sandbox.state.pay.orders import Order, Orders, digest_of
from wechat_sandbox.state.pay.refunds import Refund, Refunds
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import CIPHER, NOTIFY_URL, Fields, Group, Many, Text, Whole

_ROOT = "/v3/refund/domestic/refunds"
_SOURCE = Group({"account!": Text(one_of=("AVAILABLE", "UNAVAILABLE")), "amount!": AMOUNT})
_GOODS = Group(
    {
        "merchant_goods_id!": Text(max=32),
        "wechatpay_goods_id": Text(max=32),
        "goods_name": Text(max=256),
        "unit_price!": Whole(),
        "refund_amount!": Whole(),
        "refund_quantity!": Whole(min=1),
    }
)
_REFUND: Fields = {
    "transaction_id": Text(max=32),
    "out_trade_no": Text(max=32),
    "out_refund_no!": Text(max=64, pattern=r"[0-9A-Za-z_\-|*@]+"),
    "reason": Text(max=80),
    "notify_url": Text(max=256, pattern=NOTIFY_URL),
    "funds_account": Text(one_of=("AVAILABLE",)),
    "amount!": Group(
        {
            "refund!": AMOUNT,
            "total!": AMOUNT,
            "currency!": Text(one_of=("CNY",)),
            "from": Many(_SOURCE, min=1, max=2),
        }
    ),
    "goods_detail": Many(_GOODS, min=1),
}
_ABNORMAL: Fields = {
    "out_refund_no!": Text(max=64),
    "type!": Text(one_of=("USER_BANK_CARD", "MERCHANT_BANK_CARD")),
    "bank_type": Text(max=16),
    "bank_account": CIPHER,
    "real_name": CIPHER,
}


@PAY.post(_ROOT, _REFUND, limit=Limit(calls=150))
def make(call: PayCall) -> Answer:
    """Ask for a refund of an order, of the whole or of a part; it is done a moment later."""
    body, amount = call.body, call.body["amount"]
    order = _find_order(call)
    if amount["total"] != order.total:
        raise PayError("INVALID_REQUEST", "订单金额与原订单不一致")
    if "from" in amount and sum(one["amount"] for one in amount["from"]) != amount["refund"]:
        raise param_error("/body/amount/from", None, "出资金额之和应等于退款金额")
    refunds = Refunds(call.pay)
    refund = refunds.make(
        call.merchant,
        order,
        out_refund_no=body["out_refund_no"],
        amount=amount["refund"],
        digest=digest_of(body),
        at=call.at,
        notify_url=body.get("notify_url", ""),
        reason=body.get("reason", ""),
    )
    if amount.get("from") and not refund.sources:
        refund.sources = amount["from"]
        refunds.save(refund)
    return refund.wire()


@PAY.get(_ROOT + "/{out_refund_no}")
def query(call: PayCall) -> Answer:
    """A refund by the merchant's number."""
    return _find(call, call.params["out_refund_no"]).wire()


@PAY.post(_ROOT + "/{refund_id}/apply-abnormal-refund", _ABNORMAL, limit=Limit(calls=150))
def retry_abnormal(call: PayCall) -> Answer:
    """Send an abnormal refund to another card of the person, or back to the merchant."""
    refund = _find(call, call.body["out_refund_no"])
    if refund.refund_id != call.params["refund_id"]:
        raise PayError("PARAM_ERROR", "微信支付退款单号与商户退款单号不一致")
    account = call.secret("bank_account", call.body.get("bank_account"))
    call.secret("real_name", call.body.get("real_name"))
    to_person = call.body["type"] == "USER_BANK_CARD"
    if to_person and not (account and call.body.get("bank_type") and call.body.get("real_name")):
        raise param_error("/body/bank_account", None, "退款至用户银行卡时必填")
    Refunds(call.pay).retry(
        call.merchant,
        refund,
        call.at,
        channel="OTHER_BANKCARD" if to_person else "OTHER_BALANCE",
        account=f"{call.body.get('bank_type', '')}{account[-4:]}" if to_person else "商户结算账户",
    )
    return refund.wire()


def _find_order(call: PayCall) -> Order:
    transaction_id, number = call.body.get("transaction_id", ""), call.body.get("out_trade_no", "")
    if not transaction_id and not number:
        raise param_error("/body/transaction_id", None, "transaction_id 与 out_trade_no 二选一必填")
    try:
        return Orders(call.pay).get(call.merchant, transaction_id=transaction_id, out_trade_no=number)
    except PayError as error:
        raise PayError("RESOURCE_NOT_EXISTS", "订单不存在") from error


def _find(call: PayCall, out_refund_no: str) -> Refund:
    found = Refunds(call.pay).find(call.merchant.mchid, out_refund_no)
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "退款单不存在")
    return found
