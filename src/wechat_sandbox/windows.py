"""When an account may write to a person: budgets opened by what the person did.

Source: official page 客服消息介绍 (2025-2026). A message opens 5 answers in 48 hours; a menu click,
a follow or a scan opens 3 within one minute; entering the session of a mini program opens 2 within one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wechat_sandbox.wire.errors import PlatformError


class Trigger(StrEnum):
    """What a person does that lets the account answer."""

    MESSAGE = "message"
    CLICK = "click"
    FOLLOW = "follow"
    SCAN = "scan"
    ENTER = "enter"  # A person opens the service session of a mini program.


@dataclass(frozen=True, slots=True)
class Grant:
    """Messages that may still be sent, and until when."""

    expires_at: float
    remaining: int


_RULES: dict[Trigger, tuple[int, float]] = {
    Trigger.MESSAGE: (5, 48 * 3600.0),
    Trigger.CLICK: (3, 60.0),
    Trigger.FOLLOW: (3, 60.0),
    Trigger.SCAN: (3, 60.0),
    Trigger.ENTER: (2, 60.0),
}


def open_grant(trigger: Trigger, at: float) -> Grant:
    """Return the fresh budget a trigger opens; it replaces an earlier one of the same kind."""
    messages, seconds = _RULES[trigger]
    return Grant(expires_at=at + seconds, remaining=messages)


def spend(grants: Mapping[str, Grant], at: float) -> dict[str, Grant]:
    """Return the budgets after one message.

    The budget that ends first pays, so that a one-minute budget is not wasted.

    Raises:
        PlatformError: 45015 with no open window, 45047 with windows open but nothing left.
    """
    alive = {trigger: grant for trigger, grant in grants.items() if at < grant.expires_at}
    if not alive:
        raise PlatformError(45015)
    funded = [(grant.expires_at, trigger) for trigger, grant in alive.items() if grant.remaining > 0]
    if not funded:
        raise PlatformError(45047)
    _, payer = min(funded)
    grant = alive[payer]
    return alive | {payer: Grant(grant.expires_at, grant.remaining - 1)}
