"""Pure decisions about payments and refunds: what is known, what was said, what follows.

No I/O and no clock. Whatever order notices, answers and people come in, the same facts lead to the same end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class PaymentState(StrEnum):
    """What became of an amount that was asked for."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


class AttemptState(StrEnum):
    """What became of one order at the platform."""

    PLANNED = "planned"  # Written down; the platform may or may not know of it.
    OPEN = "open"  # The platform knows it and nobody has paid.
    CLOSING = "closing"  # We want no payment any more; the platform has not agreed yet.
    CLOSED = "closed"
    REFUSED = "refused"  # The platform never took it.
    PAID = "paid"
    SURPLUS = "surplus"  # Paid though nothing was owed: it goes back.


class RefundState(StrEnum):
    """What became of money on its way back."""

    PLANNED = "planned"  # Written down; the platform may or may not know of it.
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    ABNORMAL = "abnormal"  # It could not reach the person: a person of ours must choose another way.
    CLOSED = "closed"  # The platform gave up; the money is still ours.
    REFUSED = "refused"  # The platform never took it.


class RefundCause(StrEnum):
    """Why money goes back."""

    ASKED = "asked"
    LATE = "late"  # Paid after the payment was closed.
    SURPLUS = "surplus"  # Paid twice.


class EntryKind(StrEnum):
    """What a line of a ledger or of a bill is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    OTHER = "other"


class DifferenceKind(StrEnum):
    """How a bill and our ledger can disagree."""

    NOT_IN_BILL = "not_in_bill"
    NOT_IN_LEDGER = "not_in_ledger"
    AMOUNT_DIFFERS = "amount_differs"
    TOTALS_DIFFER = "totals_differ"  # The bill's own lines do not add up to its totals.


class Said(StrEnum):
    """What the platform said of an order, by answer or by notification."""

    PREPARED = "prepared"  # It took the order and gave us what opens the cashier.
    REFUSED = "refused"  # It did not take the order, and says so at the first try.
    UNPAID = "unpaid"
    PAID = "paid"
    CLOSED = "closed"
    MISSING = "missing"
    NOTHING = "nothing"  # No answer, or none that counts.


class RefundSaid(StrEnum):
    """What the platform said of a refund."""

    PROCESSING = "processing"
    SUCCESS = "success"
    ABNORMAL = "abnormal"
    CLOSED = "closed"
    MISSING = "missing"
    REFUSED = "refused"
    NOTHING = "nothing"


class Effect(StrEnum):
    """What else follows from a decision."""

    NONE = "none"
    CREDIT = "credit"  # The payment is paid by this attempt.
    GIVE_BACK = "give_back"  # What was paid is not owed.
    CLOSE_ORDER = "close_order"  # Tell the platform to take no payment any more.
    SEND = "send"  # Make the call again, with the same number and content.
    SETTLE = "settle"  # The refund has reached the person: post it.
    RELEASE = "release"  # The money stays with us: it may be refunded again.


LIVE: Final = frozenset({AttemptState.PLANNED, AttemptState.OPEN, AttemptState.CLOSING})
SETTLED: Final = frozenset({AttemptState.PAID, AttemptState.SURPLUS})
REFUND_ENDS: Final = frozenset({RefundState.SUCCEEDED, RefundState.CLOSED, RefundState.REFUSED})
# Refunds that hold on to a part of what was paid.
REFUND_HOLDS: Final = frozenset(
    {RefundState.PLANNED, RefundState.PROCESSING, RefundState.ABNORMAL, RefundState.SUCCEEDED}
)
_FIRST_LOOK: Final = timedelta(seconds=30)
_LONGEST_LOOK: Final = timedelta(minutes=30)
_FIRST_RETRY: Final = timedelta(seconds=10)
_LONGEST_RETRY: Final = timedelta(hours=1)
REFUNDS_APART: Final = timedelta(minutes=1)
REFUND_WINDOW: Final = timedelta(days=365)
REFUNDS_MAX: Final = 50
LATE_REFUNDS_MAX: Final = 20  # New numbers tried for money that must go back.


@dataclass(frozen=True, slots=True)
class Step:
    """A decision about an attempt."""

    state: AttemptState
    effect: Effect = Effect.NONE


@dataclass(frozen=True, slots=True)
class RefundStep:
    """A decision about a refund."""

    state: RefundState
    effect: Effect = Effect.NONE


def advance(attempt: AttemptState, said: Said, *, payment: PaymentState, accepts_late: bool = False) -> Step:
    """Return what follows for an attempt of a payment in that state.

    A payment that comes after the payment was closed is taken only if ``accepts_late``: otherwise it goes
    back, as what is paid twice does. Nothing takes a paid attempt back.
    """
    if attempt in SETTLED:
        return Step(attempt)
    if said is Said.PAID:
        owed = payment is PaymentState.OPEN or (payment is PaymentState.CLOSED and accepts_late)
        return (
            Step(AttemptState.PAID, Effect.CREDIT) if owed else Step(AttemptState.SURPLUS, Effect.GIVE_BACK)
        )
    if attempt not in LIVE:
        return Step(attempt)
    match said:
        case Said.CLOSED:
            return Step(AttemptState.CLOSED)
        case Said.PREPARED | Said.UNPAID:
            if attempt is AttemptState.CLOSING:
                return Step(attempt, Effect.CLOSE_ORDER)
            return Step(AttemptState.OPEN)
        case Said.REFUSED:
            return Step(AttemptState.REFUSED) if attempt is AttemptState.PLANNED else Step(attempt)
        case Said.MISSING:
            # Nobody holds what would open its cashier, so an order that arrives yet cannot be paid.
            return Step(attempt) if attempt is AttemptState.OPEN else Step(AttemptState.CLOSED)
        case _:
            return Step(attempt)


def payment_after(payment: PaymentState, *, wanted: bool, attempts: tuple[AttemptState, ...]) -> PaymentState:
    """Return the payment's state: closed once nobody wants it and no attempt can be paid any more.

    ``wanted`` is false after somebody closed the payment and after it expired.
    """
    if payment is not PaymentState.OPEN or wanted or any(one in LIVE for one in attempts):
        return payment
    return PaymentState.CLOSED


def advance_refund(refund: RefundState, said: RefundSaid) -> RefundStep:
    """Return what follows for a refund. Ends are ends, whatever is said later or again."""
    if refund in REFUND_ENDS:
        return RefundStep(refund)
    match said:
        case RefundSaid.SUCCESS:
            return RefundStep(RefundState.SUCCEEDED, Effect.SETTLE)
        case RefundSaid.CLOSED:
            return RefundStep(RefundState.CLOSED, Effect.RELEASE)
        case RefundSaid.ABNORMAL:
            return RefundStep(RefundState.ABNORMAL)
        case RefundSaid.PROCESSING:
            return RefundStep(RefundState.PROCESSING)
        case RefundSaid.MISSING if refund is RefundState.PLANNED:
            return RefundStep(refund, Effect.SEND)
        case RefundSaid.REFUSED if refund is RefundState.PLANNED:
            return RefundStep(RefundState.REFUSED, Effect.RELEASE)
        case _:
            return RefundStep(refund)


def next_look(
    attempt: AttemptState, *, looks: int, now: datetime, expires_at: datetime, answered: bool
) -> datetime | None:
    """Return when to ask for an attempt again; ``None`` when there is nothing left to find out.

    An open one is asked for ever more seldom until it expires, in case a notification was lost; what has
    to be found out or closed is tried ever more seldom for ever.
    """
    if attempt not in LIVE:
        return None
    if attempt is AttemptState.OPEN and answered:
        doubled: timedelta = _FIRST_LOOK * 2 ** min(looks, 10)
        later = now + min(doubled, _LONGEST_LOOK)
        return max(now + _FIRST_RETRY, min(later, expires_at))
    return now + _retry(looks)


def next_refund_look(refund: RefundState, *, looks: int, now: datetime) -> datetime | None:
    """Return when to ask for a refund again; ``None`` at its end, and where a person must act first."""
    if refund in REFUND_ENDS or refund is RefundState.ABNORMAL:
        return None
    return now + (_LONGEST_RETRY if looks > 20 else _retry(looks))


def _retry(looks: int) -> timedelta:
    doubled: timedelta = _FIRST_RETRY * 2 ** min(looks, 10)
    return min(doubled, _LONGEST_RETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What was paid by an attempt, and what of it is spoken for."""

    paid_minor: int
    refunding_minor: int  # On its way back, or back already.
    refunds: int
    paid_at: datetime | None
    last_refund_at: datetime | None


def refund_problem(paid: Paid, amount_minor: int, now: datetime) -> str | None:
    """Say why an amount cannot be given back, if so. ST-5: the sum never exceeds what was paid."""
    if paid.paid_at is None or paid.paid_minor == 0:
        return "nothing_paid"
    if paid.refunding_minor + amount_minor > paid.paid_minor:
        return "more_than_paid"
    if now > paid.paid_at + REFUND_WINDOW:
        return "too_late"
    if paid.refunds >= REFUNDS_MAX:
        return "too_many"
    return None


def refund_due(paid: Paid, now: datetime) -> datetime:
    """Return when a refund may be asked for: refunds of one order are a minute apart."""
    return now if paid.last_refund_at is None else max(now, paid.last_refund_at + REFUNDS_APART)
