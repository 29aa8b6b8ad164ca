"""What answers and refusals of 微信支付 mean to our rules. Pure."""

from datetime import datetime
from typing import Final

from quanyu.modules.payments.rules import RefundSaid, Said
from quanyu.modules.payments.settling import RefundWord, Word
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay.errors import PayRefusal
from quanyu.wechat.pay.events import RefundNotice
from quanyu.wechat.pay.orders import Transaction
from quanyu.wechat.pay.refunds import Refund
from quanyu.wechat.refusals import Action

NOTHING: Final = Word(said=Said.NOTHING)
_STATES: Final = {
    "SUCCESS": Said.PAID,
    "REFUND": Said.PAID,  # Paid, and something of it went back.
    "NOTPAY": Said.UNPAID,
    "USERPAYING": Said.UNPAID,
    "PAYERROR": Said.UNPAID,
    "CLOSED": Said.CLOSED,
    "REVOKED": Said.CLOSED,
}
_REFUND_STATES: Final = {
    "SUCCESS": RefundSaid.SUCCESS,
    "PROCESSING": RefundSaid.PROCESSING,
    "ABNORMAL": RefundSaid.ABNORMAL,
    "CLOSED": RefundSaid.CLOSED,
}
# Refusals that say something of the order which was there before.
ABOUT_EXISTING: Final = frozenset({"ORDER_PAID", "ORDER_CLOSED", "OUT_TRADE_NO_USED"})
# Refusals that say something of the merchant, not of the refund: they pass once somebody has acted.
_NOT_ABOUT_REFUND: Final = frozenset({"SIGN_ERROR", "NO_AUTH", "REQUEST_BLOCKED"})


def word_of(transaction: Transaction) -> Word:
    """Return what an order's state says."""
    said = _STATES.get(transaction.trade_state, Said.NOTHING)
    return Word(said=said, transaction=transaction if said is Said.PAID else None)


def word_of_query_error(error: WechatError) -> Word:
    """Return what it says that an order could not be asked for."""
    if isinstance(error, PayRefusal):
        return Word(said=Said.MISSING if error.is_missing else Said.NOTHING, reason=error.pay_code)
    return Word(said=Said.NOTHING, reason=error.code)


def word_of_close_error(error: WechatError) -> Word:
    """Return what it says that an order could not be closed; a paid one is asked for next."""
    if isinstance(error, PayRefusal) and error.pay_code == "ORDER_CLOSED":
        return Word(said=Said.CLOSED)
    return word_of_query_error(error)


def refund_word(refund: Refund) -> RefundWord:
    """Return what an answer says of a refund."""
    return RefundWord(
        said=_REFUND_STATES.get(refund.status, RefundSaid.NOTHING),
        platform_id=refund.refund_id,
        amount_minor=refund.amount.refund if refund.amount else 0,
        succeeded_at=_instant(refund.success_time),
    )


def refund_word_of_notice(notice: RefundNotice) -> RefundWord:
    """Return what a notification says of a refund."""
    return RefundWord(
        said=_REFUND_STATES.get(notice.refund_status, RefundSaid.NOTHING),
        platform_id=notice.refund_id,
        amount_minor=notice.amount.refund if notice.amount else 0,
        succeeded_at=_instant(notice.success_time),
    )


def refund_word_of_query_error(error: WechatError) -> RefundWord:
    """Return what it says that a refund could not be asked for."""
    if isinstance(error, PayRefusal):
        said = RefundSaid.MISSING if error.is_missing else RefundSaid.NOTHING
        return RefundWord(said=said, note=error.pay_code)
    return RefundWord(said=RefundSaid.NOTHING, note=error.code)


def refund_word_of_error(error: WechatError) -> RefundWord:
    """Return what it says that a refund was not taken: too little money and trouble pass, a rule does not."""
    if not isinstance(error, PayRefusal):
        return RefundWord(said=RefundSaid.NOTHING, note=error.code)
    passes = error.action in (Action.BACK_OFF, Action.RETRY, Action.QUOTA) or error.status == 429
    if passes or error.pay_code in _NOT_ABOUT_REFUND:
        return RefundWord(said=RefundSaid.NOTHING, note=error.pay_code)
    return RefundWord(said=RefundSaid.REFUSED, note=error.pay_code)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
