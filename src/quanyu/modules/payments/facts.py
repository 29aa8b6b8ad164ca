"""What payments state in the log. Amounts are fen in ``amount_minor``.

No fact carries ``revenue``: the order states it, and a sum over both would count it twice.
"""

from datetime import datetime
from enum import StrEnum

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.kernel.ids import encode_id
from quanyu.modules.payments.contracts import PAYMENT_PREFIX, REFUND_PREFIX
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment
from quanyu.modules.payments.queries.refunds import KeptRefund


class FactName(StrEnum):
    PAID = "payments.paid"
    CLOSED = "payments.closed"
    GIVEN_BACK = "payments.late_payment"
    REFUNDED = "payments.refunded"
    REFUND_FAILED = "payments.refund_failed"


def paid(
    payment: KeptPayment, attempt: KeptAttempt, *, openid: str, transaction_id: str, at: datetime, late: bool
) -> Fact:
    """A payment is paid, in time or late and taken none the less."""
    return _order(FactName.PAID, payment, attempt, openid, transaction_id, at, late=late)


def given_back(
    payment: KeptPayment, attempt: KeptAttempt, *, openid: str, transaction_id: str, at: datetime, late: bool
) -> Fact:
    """Something was paid that is not owed: after the close, or a second time. It goes back by itself."""
    return _order(FactName.GIVEN_BACK, payment, attempt, openid, transaction_id, at, late=late)


def closed(payment: KeptPayment, *, expired: bool, at: datetime) -> Fact:
    """Nobody can pay any more: what was reserved may be released."""
    shown = encode_id(PAYMENT_PREFIX, payment.payment_id)
    return Fact(
        name=FactName.CLOSED,
        message_id=f"{FactName.CLOSED}:{shown}",
        occurred_at=at,
        order_id=payment.key,
        properties={"payment_id": shown, "amount_minor": payment.amount_minor, "expired": expired},
    )


def refund(name: FactName, refund: KeptRefund, payment: KeptPayment, *, note: str, at: datetime) -> Fact:
    """Money has arrived back, or could not be given back in the way that was tried."""
    shown = encode_id(REFUND_PREFIX, refund.refund_id)
    return Fact(
        name=name,
        message_id=f"{name}:{shown}:{note}" if note else f"{name}:{shown}",
        occurred_at=at,
        order_id=payment.key,
        properties={
            "refund_id": shown,
            "payment_id": encode_id(PAYMENT_PREFIX, refund.payment_id),
            "amount_minor": refund.amount_minor,
            "cause": refund.cause.value,
            "reason": note,
        },
    )


def _order(
    name: FactName,
    payment: KeptPayment,
    attempt: KeptAttempt,
    openid: str,
    transaction_id: str,
    at: datetime,
    *,
    late: bool,
) -> Fact:
    return Fact(
        name=name,
        message_id=f"{name}:{attempt.out_trade_no}",
        occurred_at=at,
        order_id=payment.key,
        identifiers=(FactIdentifier(namespace="openid", scope=attempt.app_id, value=openid),)
        if openid
        else (),
        properties={
            "payment_id": encode_id(PAYMENT_PREFIX, payment.payment_id),
            "amount_minor": payment.amount_minor,
            "kind": attempt.kind.value,
            "transaction_id": transaction_id,
            "late": late,
        },
        context={"channel": "pay", "app": attempt.app_id},
    )
