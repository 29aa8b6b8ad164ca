"""What the platform's codes mean for a message."""

from datetime import timedelta

import pytest

from quanyu.modules.messaging.contracts import RejectionReason
from quanyu.modules.messaging.outcomes import (
    Rejected,
    Retry,
    WindowEffect,
    back_off,
    given_up,
    not_made,
    refused_by_platform,
)


@pytest.mark.parametrize(
    ("code", "reason", "effect"),
    [
        (45015, RejectionReason.PLATFORM_WINDOW_CLOSED, WindowEffect.CLOSED),
        (45047, RejectionReason.PLATFORM_BUDGET_SPENT, WindowEffect.SPENT),
        (43004, RejectionReason.PLATFORM_NOT_FOLLOWING, WindowEffect.CLOSED),
        (43101, RejectionReason.PLATFORM_RECIPIENT_REFUSES, WindowEffect.REFUND),
        (70000, RejectionReason.PLATFORM_MINOR_PROTECTED, WindowEffect.REFUND),
        (40037, RejectionReason.PLATFORM_TEMPLATE_INVALID, WindowEffect.REFUND),
        (47003, RejectionReason.PLATFORM_CONTENT_INVALID, WindowEffect.REFUND),
        (48004, RejectionReason.PLATFORM_FORBIDDEN, WindowEffect.REFUND),
        (12345, RejectionReason.PLATFORM_OTHER, WindowEffect.REFUND),
    ],
)
def test_rejections(code: int, reason: RejectionReason, effect: WindowEffect) -> None:
    assert refused_by_platform(code, attempt=1) == Rejected(reason, code, effect)


@pytest.mark.parametrize(
    ("code", "attempt", "wait", "account_trouble"),
    [
        (-1, 1, timedelta(seconds=1), False),
        (-1, 4, timedelta(seconds=8), False),
        (45011, 1, timedelta(minutes=1), True),
        (45011, 8, timedelta(seconds=128), True),
        (45009, 1, timedelta(minutes=10), True),
        (40001, 1, timedelta(minutes=1), True),
        (40164, 1, timedelta(minutes=1), True),
    ],
)
def test_retries(code: int, attempt: int, wait: timedelta, account_trouble: bool) -> None:
    assert refused_by_platform(code, attempt=attempt) == Retry(code, wait, account_trouble)


def test_a_call_that_never_left_is_tried_again() -> None:
    assert not_made(attempt=3) == Retry(None, timedelta(seconds=4), account_trouble=True)


def test_giving_up_says_whether_credentials_were_wrong() -> None:
    assert given_up(40164).reason is RejectionReason.PLATFORM_CREDENTIALS
    assert given_up(-1).reason is RejectionReason.GAVE_UP
    assert given_up(None) == Rejected(RejectionReason.GAVE_UP, None)


def test_pauses_double_up_to_ten_minutes() -> None:
    assert [back_off(n).total_seconds() for n in (1, 2, 3, 10, 11, 99)] == [1, 2, 4, 512, 600, 600]
