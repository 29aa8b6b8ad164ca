"""Taking over what the platform said, whoever heard it: the door, the recovery or a person's request.

Everything here runs inside one transaction that holds the payment's lock, so two that hear the same at
once come after each other, and the second changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id, new_id
from quanyu.kernel.money import Money
from quanyu.modules.payments import facts, rules
from quanyu.modules.payments.contracts import REFUND_PREFIX, RefundId
from quanyu.modules.payments.ports import LatePayment, LatePayments
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment, PaymentQueries
from quanyu.modules.payments.queries.refunds import KeptRefund, RefundQueries
from quanyu.modules.payments.rules import (
    AttemptState,
    Effect,
    PaymentState,
    RefundCause,
    RefundSaid,
    RefundState,
    Said,
)
from quanyu.wechat.pay.orders import Transaction

_log = get_logger("payments")
_LATE_REASON: Final = "订单已关闭，自动退款"
_SURPLUS_REASON: Final = "重复支付，自动退款"
# Not a letter a caller's key may begin with.
_OWN_KEY: Final = "~"


class Outcome(StrEnum):
    """What a word of the platform changed."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"  # Known already, or overtaken.
    MISMATCH = "mismatch"  # Amount, currency or merchant is another: nothing is credited.


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the platform said of an order."""

    said: Said
    reason: str = ""
    transaction: Transaction | None = None  # With ``Said.PAID``.


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWord:
    """What the platform said of a refund. ``amount_minor`` is 0 where it did not say."""

    said: RefundSaid
    note: str = ""
    platform_id: str = ""
    amount_minor: int = 0
    succeeded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How things stand after a word."""

    outcome: Outcome
    payment: KeptPayment
    attempt: KeptAttempt
    effect: Effect


class Settling:
    """Moves payments, attempts and refunds to where the platform says they are."""

    def __init__(self, late: LatePayments) -> None:
        self._late = late

    async def order(self, uow: UnitOfWork, attempt: KeptAttempt, word: Word) -> Settled:
        """Take over what was said of an attempt; idempotent."""
        payments, now = PaymentQueries(uow), uow.clock.now()
        payment, attempt = await _locked(payments, attempt)
        if word.said is Said.PAID and _differs(payment, attempt, word.transaction):
            await payments.move(attempt, attempt.state, check_at=None, reason="mismatch")
            _log.error("payments.mismatch", attempt=attempt.out_trade_no)
            return Settled(outcome=Outcome.MISMATCH, payment=payment, attempt=attempt, effect=Effect.NONE)
        state = attempt.state
        if state in (AttemptState.PLANNED, AttemptState.OPEN) and not payment.is_wanted(now):
            state = AttemptState.CLOSING
        takes_late = await self._takes_late(uow, payment, attempt, word)
        step = rules.advance(state, word.said, payment=payment.state, accepts_late=takes_late)
        if word.transaction is not None and step.effect in (Effect.CREDIT, Effect.GIVE_BACK):
            await self._paid(uow, payment, attempt, word.transaction, step.state)
        elif attempt.state in rules.LIVE:
            looked = rules.next_look(
                step.state,
                looks=attempt.looks,
                now=now,
                expires_at=payment.expires_at,
                answered=word.said is not Said.NOTHING,
            )
            await payments.move(attempt, step.state, check_at=looked, reason=word.reason)
        await self._close_if_over(uow, payment)
        outcome = Outcome.UNCHANGED if step.state is attempt.state else Outcome.APPLIED
        payment, attempt = await _locked(payments, attempt)
        return Settled(outcome=outcome, payment=payment, attempt=attempt, effect=step.effect)

    async def expire(self, uow: UnitOfWork, payment: KeptPayment) -> None:
        """Close a payment that nobody can pay any more; idempotent."""
        found = await PaymentQueries(uow).lock(payment.payment_id)
        assert found is not None
        await self._close_if_over(uow, found)

    async def refund(self, uow: UnitOfWork, refund: KeptRefund, word: RefundWord) -> tuple[Outcome, Effect]:
        """Take over what was said of a refund; idempotent."""
        refunds = RefundQueries(uow)
        payment = await PaymentQueries(uow).lock(refund.payment_id)
        found = await refunds.find(refund.refund_id)
        assert payment is not None
        assert found is not None
        if word.amount_minor not in (0, found.amount_minor):
            await refunds.move(found, found.state, check_at=None, note="mismatch")
            _log.error("payments.refund_mismatch", refund=found.out_refund_no)
            return Outcome.MISMATCH, Effect.NONE
        step = rules.advance_refund(found.state, word.said)
        if found.state not in rules.REFUND_ENDS:
            await self._move_refund(uow, payment, found, word, step)
        return (Outcome.UNCHANGED if step.state is found.state else Outcome.APPLIED), step.effect

    async def _takes_late(
        self, uow: UnitOfWork, payment: KeptPayment, attempt: KeptAttempt, word: Word
    ) -> bool:
        if word.transaction is None or payment.state is not PaymentState.CLOSED:
            return False
        if attempt.state in rules.SETTLED:
            return False
        amount = Money(payment.amount_minor, payment.currency)
        return await self._late.accept(uow, LatePayment(payment.key, amount, _paid_at(word.transaction, uow)))

    async def _paid(
        self,
        uow: UnitOfWork,
        payment: KeptPayment,
        attempt: KeptAttempt,
        transaction: Transaction,
        state: AttemptState,
    ) -> None:
        payments, at = PaymentQueries(uow), _paid_at(transaction, uow)
        number, openid = transaction.transaction_id, transaction.payer.openid if transaction.payer else ""
        late = payment.state is PaymentState.CLOSED
        await payments.paid(attempt, state, transaction_id=number, at=at, amount=payment.amount_minor)
        make = facts.paid if state is AttemptState.PAID else facts.given_back
        uow.publish(make(payment, attempt, openid=openid, transaction_id=number, at=at, late=late))
        if state is AttemptState.PAID:
            await payments.set_state(payment.payment_id, PaymentState.PAID, at)
            await payments.close_live(payment.payment_id, uow.clock.now())
        else:
            cause = RefundCause.LATE if late else RefundCause.SURPLUS
            await plan_refund(uow, attempt, cause=cause, amount=payment.amount_minor, number=1)

    async def _move_refund(
        self,
        uow: UnitOfWork,
        payment: KeptPayment,
        refund: KeptRefund,
        word: RefundWord,
        step: rules.RefundStep,
    ) -> None:
        refunds, now = RefundQueries(uow), uow.clock.now()
        if step.effect is Effect.SETTLE:
            at = word.succeeded_at or now
            await refunds.settle(refund, platform_id=word.platform_id, at=at)
            uow.publish(facts.refund(facts.FactName.REFUNDED, refund, payment, note="", at=at))
            return
        looked = rules.next_refund_look(step.state, looks=refund.looks, now=now)
        await refunds.move(refund, step.state, check_at=looked, note=word.note, platform_id=word.platform_id)
        if step.effect is Effect.RELEASE:
            await refunds.release(refund)
        if step.state is not refund.state and step.state not in (
            RefundState.PLANNED,
            RefundState.PROCESSING,
        ):
            note = word.note or step.state.value
            uow.publish(facts.refund(facts.FactName.REFUND_FAILED, refund, payment, note=note, at=now))
        if step.effect is Effect.RELEASE and refund.cause is not RefundCause.ASKED:
            await self._plan_again(uow, refund)

    async def _plan_again(self, uow: UnitOfWork, refund: KeptRefund) -> None:
        """What must go back is tried under a new number, for the old one is used up."""
        attempt = await PaymentQueries(uow).find_attempt(refund.attempt_id)
        number = int(refund.key.rpartition(":")[2]) + 1
        if attempt is not None and number <= rules.LATE_REFUNDS_MAX:
            await plan_refund(uow, attempt, cause=refund.cause, amount=refund.amount_minor, number=number)

    async def _close_if_over(self, uow: UnitOfWork, payment: KeptPayment) -> None:
        payments, now = PaymentQueries(uow), uow.clock.now()
        present = await payments.find(payment.payment_id)
        assert present is not None
        states = tuple(one.state for one in await payments.attempts(payment.payment_id))
        after = rules.payment_after(present.state, wanted=present.is_wanted(now), attempts=states)
        if after is not present.state:
            await payments.set_state(payment.payment_id, after, now)
            uow.publish(facts.closed(present, expired=present.close_asked_at is None, at=now))


async def plan_refund(
    uow: UnitOfWork, attempt: KeptAttempt, *, cause: RefundCause, amount: int, number: int
) -> None:
    """Write down that money goes back by itself; the recovery carries it out."""
    refund_id, now = RefundId(new_id()), uow.clock.now()
    count, last_at = await RefundQueries(uow).count_of(attempt.attempt_id)
    due = now if last_at is None else max(now, last_at + rules.REFUNDS_APART)
    refund = KeptRefund(
        refund_id=refund_id,
        payment_id=attempt.payment_id,
        attempt_id=attempt.attempt_id,
        merchant_id=attempt.merchant_id,
        key=f"{_OWN_KEY}{cause.value}:{attempt.out_trade_no}:{number}",
        out_refund_no=encode_id(REFUND_PREFIX, refund_id),
        amount_minor=amount,
        reason=_LATE_REASON if cause is RefundCause.LATE else _SURPLUS_REASON,
        cause=cause,
        state=RefundState.PLANNED,
        note="",
        platform_id="",
        looks=0,
        succeeded_at=None,
        created_at=now,
    )
    assert count < rules.REFUNDS_MAX, "LATE_REFUNDS_MAX is smaller"
    await RefundQueries(uow).insert(refund, check_at=due)


async def _locked(payments: PaymentQueries, attempt: KeptAttempt) -> tuple[KeptPayment, KeptAttempt]:
    payment = await payments.lock(attempt.payment_id)
    found = await payments.find_attempt(attempt.attempt_id)
    assert payment is not None
    assert found is not None
    return payment, found


def _differs(payment: KeptPayment, attempt: KeptAttempt, transaction: Transaction | None) -> bool:
    """ST-4: an amount, a currency, an app or a number that is not ours credits nothing."""
    if transaction is None or transaction.amount is None:
        return True
    paid = transaction.amount
    return (
        (paid.total, paid.currency) != (payment.amount_minor, payment.currency)
        or transaction.appid != attempt.app_id
        or transaction.out_trade_no != attempt.out_trade_no
        or not transaction.transaction_id
    )


def _paid_at(transaction: Transaction, uow: UnitOfWork) -> datetime:
    try:
        return datetime.fromisoformat(transaction.success_time)
    except ValueError:
        return uow.clock.now()
