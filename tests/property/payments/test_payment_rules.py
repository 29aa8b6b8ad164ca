"""Any words in any order: at most one credit, nothing lost, and never more back than was paid."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.payments.rules import (
    LIVE,
    REFUND_ENDS,
    REFUND_HOLDS,
    AttemptState,
    Effect,
    Paid,
    PaymentState,
    RefundSaid,
    RefundState,
    Said,
    advance,
    advance_refund,
    payment_after,
    refund_problem,
)

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
_WORDS = st.lists(st.sampled_from(list(RefundSaid)), max_size=6)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(Said)), st.booleans()), max_size=40),
    st.booleans(),
)
def test_every_fen_is_credited_or_goes_back(words: list[tuple[int, Said, bool]], accepts_late: bool) -> None:
    attempts, payment, paid_by, returned, wanted = [AttemptState.PLANNED] * 3, PaymentState.OPEN, [], [], True
    said_paid: set[int] = set()
    for at, said, stays_wanted in words:
        wanted = wanted and stays_wanted
        step = advance(attempts[at], said, payment=payment, accepts_late=accepts_late)
        attempts[at] = step.state
        if said is Said.PAID:
            said_paid.add(at)
        if step.effect is Effect.CREDIT:
            paid_by.append(at)
            payment = PaymentState.PAID
        elif step.effect is Effect.GIVE_BACK:
            returned.append(at)
        payment = payment_after(payment, wanted=wanted, attempts=tuple(attempts))

    assert len(paid_by) <= 1
    assert sorted(paid_by + returned) == sorted(said_paid)  # Each payment has one end.
    assert (payment is PaymentState.PAID) == bool(paid_by)
    if payment is PaymentState.CLOSED:
        assert not any(one in LIVE for one in attempts)


@given(st.integers(1, 1000), st.lists(st.tuples(st.integers(1, 400), _WORDS), max_size=8))
def test_never_more_goes_back_than_was_paid(amount: int, wishes: list[tuple[int, list[RefundSaid]]]) -> None:
    """ST-5."""
    held = returned = 0
    for number, (wish, words) in enumerate(wishes):
        known = Paid(
            paid_minor=amount, refunding_minor=held, refunds=number, paid_at=NOW, last_refund_at=None
        )
        if refund_problem(known, wish, NOW):
            continue
        state, held = RefundState.PLANNED, held + wish
        for said in words:
            step = advance_refund(state, said)
            state = step.state
            if step.effect is Effect.SETTLE:
                returned += wish
            elif step.effect is Effect.RELEASE:
                held -= wish
        assert (state in REFUND_HOLDS) or state in REFUND_ENDS
        assert 0 <= returned <= held <= amount
