"""Rows as they are shown outside."""

from typing import Any, TypeVar

from pydantic import BaseModel

from quanyu.kernel.ids import encode_id
from quanyu.modules.payments.contracts import (
    ATTEMPT_PREFIX,
    DIFFERENCE_PREFIX,
    MERCHANT_PREFIX,
    PAYMENT_PREFIX,
    REFUND_PREFIX,
    Attempt,
    Bill,
    Difference,
    Merchant,
    Notice,
    Payment,
    Refund,
)
from quanyu.modules.payments.merchants import KeptMerchant
from quanyu.modules.payments.queries.lists import MoneyBack
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment
from quanyu.modules.payments.queries.refunds import KeptRefund
from quanyu.modules.payments.rules import PaymentState

_M = TypeVar("_M", bound=BaseModel)


def _show(model: type[_M], row: Any, **own: Any) -> _M:
    """Fill a model from a row: what has the same name is the same, ``own`` is what has not."""
    same = {name: getattr(row, name) for name in model.model_fields if name not in own}
    return model(**same, **own)


def _merchant_id(row: Any) -> str:
    return encode_id(MERCHANT_PREFIX, row.merchant_id)


def show_merchant(merchant: KeptMerchant, notify_url: str) -> Merchant:
    keys = merchant.keys
    return _show(
        Merchant,
        merchant,
        id=_merchant_id(merchant),
        mch_id=keys.mch_id,
        serial_no=keys.serial_no,
        public_key_id=keys.public_key_id,
        base_url=keys.base_url,
        notify_url=notify_url,
    )


def show_payment(payment: KeptPayment, back: MoneyBack | None = None) -> Payment:
    """Show a payment; ``back`` is what has gone back of it, and that with what is on its way."""
    known = back or MoneyBack()
    return _show(
        Payment,
        payment,
        id=encode_id(PAYMENT_PREFIX, payment.payment_id),
        merchant_id=_merchant_id(payment),
        closing=payment.state is PaymentState.OPEN and payment.close_asked_at is not None,
        refunded_minor=known.refunded_minor,
        refunding_minor=known.refunding_minor,
        refundable_minor=known.refundable_minor,
    )


def show_attempt(attempt: KeptAttempt) -> Attempt:
    return _show(Attempt, attempt, id=encode_id(ATTEMPT_PREFIX, attempt.attempt_id))


def show_notice(row: Any) -> Notice:
    return _show(Notice, row, id=row.notice_id)


def show_refund(refund: KeptRefund) -> Refund:
    return _show(
        Refund,
        refund,
        id=encode_id(REFUND_PREFIX, refund.refund_id),
        payment_id=encode_id(PAYMENT_PREFIX, refund.payment_id),
        merchant_id=_merchant_id(refund),
        refund_id=refund.platform_id,
    )


def show_bill(row: Any) -> Bill:
    return _show(Bill, row, merchant_id=_merchant_id(row))


def show_difference(row: Any) -> Difference:
    return _show(Difference, row, id=encode_id(DIFFERENCE_PREFIX, row.id), merchant_id=_merchant_id(row))
