"""Every state and every word: the whole table, written out."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from quanyu.modules.payments.rules import (
    LIVE,
    REFUND_ENDS,
    SETTLED,
    AttemptState,
    Effect,
    Paid,
    PaymentState,
    RefundSaid,
    RefundState,
    RefundStep,
    Said,
    Step,
    advance,
    advance_refund,
    next_look,
    next_refund_look,
    payment_after,
    refund_due,
    refund_problem,
)

A, P = AttemptState, PaymentState
NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)

# What becomes of an attempt of an open payment: a row for each state, a column for each word.
WORDS = (Said.PREPARED, Said.REFUSED, Said.UNPAID, Said.PAID, Said.CLOSED, Said.MISSING, Said.NOTHING)
TABLE = {
    A.PLANNED: (A.OPEN, A.REFUSED, A.OPEN, A.PAID, A.CLOSED, A.CLOSED, A.PLANNED),
    A.OPEN: (A.OPEN, A.OPEN, A.OPEN, A.PAID, A.CLOSED, A.OPEN, A.OPEN),
    A.CLOSING: (A.CLOSING, A.CLOSING, A.CLOSING, A.PAID, A.CLOSED, A.CLOSED, A.CLOSING),
    A.CLOSED: (A.CLOSED, A.CLOSED, A.CLOSED, A.PAID, A.CLOSED, A.CLOSED, A.CLOSED),
    A.REFUSED: (A.REFUSED, A.REFUSED, A.REFUSED, A.PAID, A.REFUSED, A.REFUSED, A.REFUSED),
    A.PAID: (A.PAID,) * 7,
    A.SURPLUS: (A.SURPLUS,) * 7,
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(A)
    assert set(WORDS) == set(Said)


@pytest.mark.parametrize(
    ("state", "said", "after"),
    [(state, said, row[at]) for state, row in TABLE.items() for at, said in enumerate(WORDS)],
)
def test_an_attempt_of_an_open_payment(state: A, said: Said, after: A) -> None:
    step = advance(state, said, payment=P.OPEN)

    assert step.state is after
    credits = said is Said.PAID and state not in SETTLED
    closes = state is A.CLOSING and said in (Said.PREPARED, Said.UNPAID)
    expected = Effect.CREDIT if credits else Effect.CLOSE_ORDER if closes else Effect.NONE
    assert step.effect is expected


@pytest.mark.parametrize("state", sorted(set(A) - SETTLED))
@pytest.mark.parametrize("payment", [P.PAID, P.CLOSED])
def test_what_is_not_owed_goes_back(state: A, payment: P) -> None:
    """ST-4."""
    assert advance(state, Said.PAID, payment=payment) == Step(A.SURPLUS, Effect.GIVE_BACK)


def test_late_is_taken_only_where_it_can_still_be_delivered() -> None:
    """ST-4: and what is paid twice is never taken."""
    assert advance(A.CLOSED, Said.PAID, payment=P.CLOSED, accepts_late=True) == Step(A.PAID, Effect.CREDIT)
    assert advance(A.CLOSED, Said.PAID, payment=P.PAID, accepts_late=True) == Step(
        A.SURPLUS, Effect.GIVE_BACK
    )


@pytest.mark.parametrize("words", list(itertools.permutations((Said.PREPARED, Said.UNPAID, Said.PAID))))
def test_the_order_of_words_does_not_matter(words: tuple[Said, ...]) -> None:
    state, payment, credits = A.PLANNED, P.OPEN, 0
    for said in words * 2:
        step = advance(state, said, payment=payment)
        state = step.state
        if step.effect is Effect.CREDIT:
            payment, credits = P.PAID, credits + 1

    assert (state, credits) == (A.PAID, 1)


@pytest.mark.parametrize("attempts", list(itertools.combinations_with_replacement(sorted(A), 2)))
def test_a_payment_closes_when_nobody_can_pay_it(attempts: tuple[A, ...]) -> None:
    """ST-3: not while the platform might still take money."""
    live = any(one in LIVE for one in attempts)

    assert payment_after(P.OPEN, wanted=False, attempts=attempts) is (P.OPEN if live else P.CLOSED)
    assert payment_after(P.OPEN, wanted=True, attempts=attempts) is P.OPEN
    assert payment_after(P.PAID, wanted=False, attempts=attempts) is P.PAID


R, W = RefundState, RefundSaid
REFUND_WORDS = (W.PROCESSING, W.SUCCESS, W.ABNORMAL, W.CLOSED, W.MISSING, W.REFUSED, W.NOTHING)
REFUND_TABLE = {
    R.PLANNED: (R.PROCESSING, R.SUCCEEDED, R.ABNORMAL, R.CLOSED, R.PLANNED, R.REFUSED, R.PLANNED),
    R.PROCESSING: (
        R.PROCESSING,
        R.SUCCEEDED,
        R.ABNORMAL,
        R.CLOSED,
        R.PROCESSING,
        R.PROCESSING,
        R.PROCESSING,
    ),
    R.ABNORMAL: (R.PROCESSING, R.SUCCEEDED, R.ABNORMAL, R.CLOSED, R.ABNORMAL, R.ABNORMAL, R.ABNORMAL),
    R.SUCCEEDED: (R.SUCCEEDED,) * 7,
    R.CLOSED: (R.CLOSED,) * 7,
    R.REFUSED: (R.REFUSED,) * 7,
}


@pytest.mark.parametrize(
    ("state", "said", "after"),
    [(state, said, row[at]) for state, row in REFUND_TABLE.items() for at, said in enumerate(REFUND_WORDS)],
)
def test_a_refund(state: R, said: W, after: R) -> None:
    step = advance_refund(state, said)

    ended = state not in REFUND_ENDS and after in REFUND_ENDS
    sends = (state, said) == (R.PLANNED, W.MISSING)
    released = Effect.SETTLE if after is R.SUCCEEDED else Effect.RELEASE
    assert step == RefundStep(after, released if ended else Effect.SEND if sends else Effect.NONE)
    assert (set(REFUND_TABLE), set(REFUND_WORDS)) == (set(R), set(W))


def paid(**changes: object) -> Paid:
    known: dict[str, object] = {
        "paid_minor": 1990,
        "refunding_minor": 0,
        "refunds": 0,
        "paid_at": NOW - timedelta(days=1),
        "last_refund_at": None,
    }
    return Paid(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "amount", "problem"),
    [
        ({}, 1990, None),
        ({}, 1991, "more_than_paid"),
        ({"refunding_minor": 1000}, 990, None),
        ({"refunding_minor": 1000}, 991, "more_than_paid"),
        ({"paid_minor": 0, "paid_at": None}, 1, "nothing_paid"),
        ({"paid_at": NOW - timedelta(days=366)}, 1, "too_late"),
        ({"refunds": 49}, 1, None),
        ({"refunds": 50}, 1, "too_many"),
    ],
)
def test_what_may_go_back(changes: dict[str, object], amount: int, problem: str | None) -> None:
    """ST-5."""
    assert refund_problem(paid(**changes), amount, NOW) == problem


def test_refunds_of_one_order_are_a_minute_apart() -> None:
    assert refund_due(paid(), NOW) == NOW
    assert refund_due(paid(last_refund_at=NOW - timedelta(seconds=20)), NOW) == NOW + timedelta(seconds=40)
    assert refund_due(paid(last_refund_at=NOW - timedelta(hours=1)), NOW) == NOW


def test_looks_become_seldom_but_never_end_while_something_is_open() -> None:
    far = NOW + timedelta(days=7)
    looks = [next_look(A.OPEN, looks=count, now=NOW, expires_at=far, answered=True) for count in range(30)]
    assert looks[0] == NOW + timedelta(seconds=30)
    assert looks[29] == NOW + timedelta(minutes=30)
    soon = NOW + timedelta(minutes=2)
    assert next_look(A.OPEN, looks=20, now=NOW, expires_at=soon, answered=True) == soon
    assert next_look(A.CLOSING, looks=30, now=NOW, expires_at=NOW, answered=False) == NOW + timedelta(hours=1)
    for state in set(A) - LIVE:
        assert next_look(state, looks=0, now=NOW, expires_at=far, answered=True) is None
    for refund in R:
        waits = refund in (R.PLANNED, R.PROCESSING)
        assert (next_refund_look(refund, looks=99, now=NOW) is not None) == waits
