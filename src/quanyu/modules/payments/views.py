"""Rows as they are shown outside."""

from typing import Any

from quanyu.kernel.ids import encode_id
from quanyu.modules.payments.contracts import (
    ATTEMPT_PREFIX,
    DIFFERENCE_PREFIX,
    MERCHANT_PREFIX,
    PAYMENT_PREFIX,
    REFUND_PREFIX,
    Attempt,
    Bill,
    BillKind,
    BillState,
    Difference,
    DifferenceState,
    Merchant,
    Payment,
    Refund,
)
from quanyu.modules.payments.merchants import KeptMerchant
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment
from quanyu.modules.payments.queries.refunds import KeptRefund
from quanyu.modules.payments.rules import DifferenceKind, EntryKind, PaymentState


def show_merchant(merchant: KeptMerchant, notify_url: str) -> Merchant:
    return Merchant(
        id=encode_id(MERCHANT_PREFIX, merchant.merchant_id),
        mch_id=merchant.keys.mch_id,
        name=merchant.name,
        serial_no=merchant.keys.serial_no,
        public_key_id=merchant.keys.public_key_id,
        base_url=merchant.keys.base_url,
        notify_url=notify_url,
        last_notice_at=merchant.last_notice_at,
        created_at=merchant.created_at,
        updated_at=merchant.updated_at,
    )


def show_payment(payment: KeptPayment, refunded: tuple[int, int] = (0, 0)) -> Payment:
    """Show a payment; ``refunded`` is what has gone back, and that with what is on its way."""
    return Payment(
        id=encode_id(PAYMENT_PREFIX, payment.payment_id),
        key=payment.key,
        merchant_id=encode_id(MERCHANT_PREFIX, payment.merchant_id),
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.description,
        state=payment.state,
        closing=payment.state is PaymentState.OPEN and payment.close_asked_at is not None,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        closed_at=payment.closed_at,
        refunded_minor=refunded[0],
        refunding_minor=refunded[1],
        created_at=payment.created_at,
    )


def show_attempt(attempt: KeptAttempt) -> Attempt:
    return Attempt(
        id=encode_id(ATTEMPT_PREFIX, attempt.attempt_id),
        kind=attempt.kind,
        app_id=attempt.app_id,
        out_trade_no=attempt.out_trade_no,
        state=attempt.state,
        reason=attempt.reason,
        transaction_id=attempt.transaction_id,
        paid_at=attempt.paid_at,
        created_at=attempt.created_at,
    )


def show_refund(refund: KeptRefund) -> Refund:
    return Refund(
        id=encode_id(REFUND_PREFIX, refund.refund_id),
        payment_id=encode_id(PAYMENT_PREFIX, refund.payment_id),
        out_refund_no=refund.out_refund_no,
        amount_minor=refund.amount_minor,
        reason=refund.reason,
        cause=refund.cause,
        state=refund.state,
        note=refund.note,
        refund_id=refund.platform_id,
        succeeded_at=refund.succeeded_at,
        created_at=refund.created_at,
    )


def show_bill(row: Any) -> Bill:
    return Bill(
        merchant_id=encode_id(MERCHANT_PREFIX, row.merchant_id),
        kind=BillKind(row.kind),
        day=row.day,
        state=BillState(row.state),
        note=row.note,
        lines=row.lines,
        income_minor=row.income_minor,
        spent_minor=row.spent_minor,
        differences=row.differences,
        compared_at=row.compared_at,
    )


def show_difference(row: Any) -> Difference:
    return Difference(
        id=encode_id(DIFFERENCE_PREFIX, row.id),
        merchant_id=encode_id(MERCHANT_PREFIX, row.merchant_id),
        bill=BillKind(row.bill),
        day=row.day,
        kind=DifferenceKind(row.kind),
        entry=EntryKind(row.entry),
        number=row.number,
        own_number=row.own_number,
        ours_minor=row.ours_minor,
        bill_minor=row.bill_minor,
        state=DifferenceState(row.state),
        note=row.note,
        found_at=row.found_at,
    )
