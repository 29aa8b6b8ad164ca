"""Where a welcome can go, and what refusals make of it (WM-2, WM-6)."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.kernel.clock import SystemClock
from quanyu.modules.staff.welcomes.rules import is_expired, life_of_codes, time_left
from quanyu.modules.staff.welcomes.states import (
    FINAL,
    MOVES,
    RIVAL_REASONS,
    Step,
    WelcomeState,
    judge,
    reason_text,
)

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_what_is_settled_never_moves_again() -> None:
    """WM-2: a code is used once, so nothing leads out of an outcome or back from the call."""
    assert {state for state in WelcomeState if state not in MOVES} == FINAL
    assert WelcomeState.RENDERING not in MOVES[WelcomeState.HANDED]
    assert WelcomeState.RECEIVED not in MOVES[WelcomeState.HANDED]


@pytest.mark.parametrize(
    ("errcode", "step", "state", "reason"),
    [
        (41050, Step.SETTLE, WelcomeState.EXPIRED, "platform_expired"),
        (41051, Step.SETTLE, WelcomeState.ALREADY_USED, "already_sent"),
        (41053, Step.SETTLE, WelcomeState.ERROR, "not_agreed"),
        (41096, Step.RETRY, WelcomeState.ALREADY_USED, "another_app"),
        (-1, Step.RETRY, WelcomeState.ERROR, "-1"),
        (40007, Step.PLAINER, WelcomeState.ERROR, "40007"),
        (48002, Step.SETTLE, WelcomeState.ERROR, "48002"),
    ],
)
def test_a_refusal_becomes_a_state_with_a_reason(
    errcode: int, step: Step, state: WelcomeState, reason: str
) -> None:
    verdict = judge(errcode)
    assert (verdict.step, verdict.state, verdict.reason) == (step, state, reason)
    assert all(reason_text(verdict.reason)), "said in both languages"


def test_another_system_is_told_by_its_refusals() -> None:
    """WM-6."""
    assert {judge(code).reason for code in (41051, 41096)} == RIVAL_REASONS
    assert judge(41050).reason not in RIVAL_REASONS


@pytest.mark.parametrize(
    ("age_s", "expired"), [(0, False), (19.9, False), (20, False), (20.1, True), (25, True)]
)
def test_a_code_lives_twenty_seconds(age_s: float, expired: bool) -> None:
    now = AT + timedelta(seconds=age_s)
    assert is_expired(happened_at=AT, now=now) is expired
    assert time_left(happened_at=AT, now=now) == timedelta(seconds=max(20 - age_s, 0))


def test_on_a_fast_clock_a_code_lives_twenty_seconds_of_real_time() -> None:
    """In a rehearsal one second of work is no reason to leave somebody unwelcomed."""
    life = life_of_codes(SystemClock(rate=20.0))
    assert life == timedelta(seconds=400)
    assert not is_expired(happened_at=AT, now=AT + timedelta(seconds=390), life=life)
    assert is_expired(happened_at=AT, now=AT + timedelta(seconds=401), life=life)
    assert life_of_codes(SystemClock()) == life_of_codes(SystemClock(rate=0.5)) == timedelta(seconds=20)
