"""What an answer of the platform means for a message. Codes: WeChat global error codes."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from quanyu.modules.messaging.contracts import RejectionReason, UnknownReason


class WindowEffect(StrEnum):
    """What a rejection says about the person's customer-service windows."""

    REFUND = "refund"  # The message did not count.
    SPENT = "spent"  # The platform counts no message left; keep ours at that, too.
    CLOSED = "closed"  # There is no window any more.


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took it."""

    msgid: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The platform turned it down for good, or we gave up."""

    reason: RejectionReason
    code: int | None
    window: WindowEffect = WindowEffect.REFUND
    detail: str | None = None  # The other side's own code, where it is no number.


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not go out, and may later."""

    code: int | None
    wait: timedelta
    account_trouble: bool  # The account, not the message: counts for the circuit breaker.


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say."""

    reason: UnknownReason


Outcome = Accepted | Rejected | Retry | Unknown

NOT_ACCEPTED: Final = 43101  # Of kinds that need a credit: the platform counts nothing accepted.

_R = RejectionReason
_REJECTED: Final[dict[int, tuple[RejectionReason, WindowEffect]]] = {
    45015: (_R.PLATFORM_WINDOW_CLOSED, WindowEffect.CLOSED),
    45047: (_R.PLATFORM_BUDGET_SPENT, WindowEffect.SPENT),
    43004: (_R.PLATFORM_NOT_FOLLOWING, WindowEffect.CLOSED),
    50005: (_R.PLATFORM_NOT_FOLLOWING, WindowEffect.CLOSED),
    43101: (_R.PLATFORM_RECIPIENT_REFUSES, WindowEffect.REFUND),
    43019: (_R.PLATFORM_RECIPIENT_REFUSES, WindowEffect.REFUND),
    48002: (_R.PLATFORM_RECIPIENT_REFUSES, WindowEffect.REFUND),
    40003: (_R.PLATFORM_RECIPIENT_UNKNOWN, WindowEffect.REFUND),
    40031: (_R.PLATFORM_RECIPIENT_UNKNOWN, WindowEffect.REFUND),
    43104: (_R.PLATFORM_RECIPIENT_UNKNOWN, WindowEffect.REFUND),
    46004: (_R.PLATFORM_RECIPIENT_UNKNOWN, WindowEffect.REFUND),
    49003: (_R.PLATFORM_RECIPIENT_UNKNOWN, WindowEffect.REFUND),
    70000: (_R.PLATFORM_MINOR_PROTECTED, WindowEffect.REFUND),
    40037: (_R.PLATFORM_TEMPLATE_INVALID, WindowEffect.REFUND),
    **dict.fromkeys(
        (
            *(40007, 40008, 40033, 40035, 40039, 40048, 40066, 44002, 44004, 45002, 45008),
            *(45166, 45168, 47001, 47003, 48008, 87014),
        ),
        (_R.PLATFORM_CONTENT_INVALID, WindowEffect.REFUND),
    ),
    **dict.fromkeys(
        (40200, 43107, 48001, 48003, 48004, 50001, 50002, 50007, 61007),
        (_R.PLATFORM_FORBIDDEN, WindowEffect.REFUND),
    ),
}

_BUSY: Final[dict[int, timedelta]] = {  # The platform says: not now.
    -1: timedelta(seconds=1),
    42010: timedelta(seconds=1),
    43108: timedelta(seconds=1),
    44990: timedelta(seconds=1),
    44991: timedelta(minutes=1),
    45011: timedelta(minutes=1),
    44993: timedelta(minutes=10),
    45009: timedelta(minutes=10),
}

# Someone must mend the account's settings; until then its messages wait instead of being lost one by one.
_CREDENTIALS: Final = frozenset(
    {40001, 40002, 40013, 40014, 40125, 40164, 40243, 41001, 42001, 42007, 45035, 50004, 61004}
)

_QUOTA_CODES: Final = frozenset({44991, 44993, 45009, 45011})
_WAIT_MAX: Final = timedelta(minutes=10)


def refused_by_platform(code: int, *, attempt: int) -> Rejected | Retry:
    """Return what error ``code`` means after the ``attempt``-th try (counted from 1)."""
    if code in _BUSY:
        wait = max(_BUSY[code], back_off(attempt))
        return Retry(code, wait, account_trouble=code in _QUOTA_CODES)
    if code in _CREDENTIALS:
        return Retry(code, max(timedelta(minutes=1), back_off(attempt)), account_trouble=True)
    reason, window = _REJECTED.get(code, (_R.PLATFORM_OTHER, WindowEffect.REFUND))
    return Rejected(reason, code, window)


def not_made(*, attempt: int) -> Retry:
    """Return what a call means that never reached the platform."""
    return Retry(None, back_off(attempt), account_trouble=True)


def put_off(wait: timedelta, account_trouble: bool, *, attempt: int) -> Retry:
    """Return what "not now" means after the ``attempt``-th try."""
    return Retry(None, max(wait, back_off(attempt)), account_trouble)


def given_up(code: int | None) -> Rejected:
    """Return the end of a message that was tried too often or too long."""
    reason = _R.PLATFORM_CREDENTIALS if code in _CREDENTIALS else _R.GAVE_UP
    return Rejected(reason, code)


def back_off(attempt: int) -> timedelta:
    """Return 1 s, 2 s, 4 s … up to ten minutes."""
    return min(timedelta(seconds=2 ** min(attempt - 1, 12)), _WAIT_MAX)
