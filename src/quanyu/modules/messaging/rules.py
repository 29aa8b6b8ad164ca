"""The governor: may this message go out, now, later or never? Pure decisions on what was fetched before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.capabilities import Need, capability_of
from quanyu.modules.messaging.contracts import (
    MessageClass,
    MessageKind,
    MessagePolicy,
    QuietMode,
    RefusalReason,
)
from quanyu.modules.messaging.credits import Credits
from quanyu.modules.messaging.quiet_hours import quiet_end, release_at

EXPIRES_AFTER: Final = timedelta(hours=72)  # A message without its own expiry is given up after this.
# A repeat must reach the platform while it still remembers, so we stop asking a little earlier.
_KEY_MARGIN: Final = timedelta(minutes=1)


def priority_of(message_class: MessageClass) -> int:
    """Return who goes first among messages of one account: the lower."""
    return 0 if message_class is MessageClass.TRANSACTIONAL else 1


class WindowKind(StrEnum):
    """What the person did to open a customer-service window."""

    MESSAGE = "message"
    MENU_CLICK = "menu_click"
    FOLLOW = "follow"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class WindowGrant:
    """How many messages an action allows, and for how long."""

    messages: int
    span: timedelta


# The rule in force (official documentation of customer-service messages); each new action renews it.
WINDOW_GRANTS: Final[dict[WindowKind, WindowGrant]] = {
    WindowKind.MESSAGE: WindowGrant(5, timedelta(hours=48)),
    WindowKind.MENU_CLICK: WindowGrant(3, timedelta(minutes=1)),
    WindowKind.FOLLOW: WindowGrant(3, timedelta(minutes=1)),
    WindowKind.SCAN: WindowGrant(3, timedelta(minutes=1)),
}


class Windows(StrEnum):
    """What a person's windows in one account allow together."""

    OPEN = "open"
    SPENT = "spent"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message as the governor sees it: everything it may ask, already fetched."""

    origin_key: str
    person_id: PersonId
    kind: MessageKind
    message_class: MessageClass
    expires_at: datetime
    has_openid: bool
    is_subscribed: bool
    unwanted: RefusalReason | None  # What the ledger of consent says against it.
    template_withdrawn: bool
    unrenderable: RefusalReason | None
    stopped: RefusalReason | None
    windows: Windows | None  # Only for kinds that need one.
    digest: bytes  # Of the rendered content; empty when there is none.
    credits: Credits | None = None  # Only for kinds that need one.


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing is sent."""

    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Hold:
    """Decide again at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CounterClaim:
    """One unit of a counter that allows ``limit`` until it expires."""

    name: str
    limit: int
    expires_at: datetime
    refusal: RefusalReason


@dataclass(frozen=True, slots=True)
class Reserve:
    """It may go if every counter and, where needed, a window or a credit still has room."""

    claims: tuple[CounterClaim, ...]
    needs_window: bool
    needs_credit: bool = False


Verdict = Refuse | Hold | Reserve


def judge(candidate: Candidate, policy: MessagePolicy, zone: ZoneInfo, now: datetime) -> Verdict:
    """Decide about one message. The first reason that applies is the one given."""
    reason = _refusal(candidate, now)
    if reason is not None:
        return Refuse(reason)
    if candidate.message_class is MessageClass.TRANSACTIONAL:
        return _reserve(candidate, ())
    quiet = _quiet(candidate, policy, zone, now)
    return quiet if quiet is not None else _reserve(candidate, _claims(candidate, policy, zone, now))


def _reserve(candidate: Candidate, claims: tuple[CounterClaim, ...]) -> Reserve:
    return Reserve(claims, needs_window(candidate.kind), needs_credit(candidate.kind))


def needs_window(kind: MessageKind) -> bool:
    """Tell whether the platform takes this kind only inside a customer-service window."""
    return capability_of(kind).need is Need.WINDOW


def needs_credit(kind: MessageKind) -> bool:
    """Tell whether the platform takes this kind only from who accepted its template."""
    return capability_of(kind).need is Need.CREDIT


def _refusal(candidate: Candidate, now: datetime) -> RefusalReason | None:
    if candidate.expires_at <= now:
        return RefusalReason.EXPIRED
    if candidate.stopped is not None:
        return candidate.stopped
    if not candidate.has_openid:
        return RefusalReason.NO_CHANNEL
    if not candidate.is_subscribed and capability_of(candidate.kind).followers_only:
        return RefusalReason.NOT_FOLLOWING
    if candidate.unwanted is not None:
        return candidate.unwanted
    if candidate.template_withdrawn:
        return RefusalReason.TEMPLATE_WITHDRAWN
    if candidate.unrenderable is not None:
        return candidate.unrenderable
    if candidate.windows is Windows.CLOSED:
        return RefusalReason.WINDOW_CLOSED
    if candidate.windows is Windows.SPENT:
        return RefusalReason.WINDOW_BUDGET_SPENT
    if candidate.credits is Credits.MISSING:
        return RefusalReason.CREDIT_MISSING
    if candidate.credits is Credits.SPENT:
        return RefusalReason.CREDIT_SPENT
    return None


def _quiet(
    candidate: Candidate, policy: MessagePolicy, zone: ZoneInfo, now: datetime
) -> Refuse | Hold | None:
    hours = policy.quiet_hours
    end = quiet_end(hours, zone, now) if hours else None
    if hours is None or end is None:
        return None
    if hours.mode is QuietMode.DROP:
        return Refuse(RefusalReason.QUIET_HOURS)
    until = release_at(hours, zone, end=end, key=candidate.origin_key)
    return Hold(until) if until < candidate.expires_at else Refuse(RefusalReason.QUIET_HOURS)


def _claims(
    candidate: Candidate, policy: MessagePolicy, zone: ZoneInfo, now: datetime
) -> tuple[CounterClaim, ...]:
    """Return the counters a marketing message must take; days are the brand's, weeks begin on Monday."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    person, claims = candidate.person_id, []
    # Counters are kept two days longer than their period, so that no clock change can reopen one.
    if policy.daily_cap is not None:
        until = now + timedelta(days=3)
        claims.append(
            CounterClaim(f"day:{today}:{person}", policy.daily_cap, until, RefusalReason.FREQUENCY_CAPPED)
        )
    if policy.duplicate_window_s:
        until = now + timedelta(seconds=policy.duplicate_window_s)
        name = f"same:{person}:{candidate.digest[:12].hex()}"
        claims.append(CounterClaim(name, 1, until, RefusalReason.DUPLICATE))
    if policy.weekly_cap is not None:
        until = now + timedelta(days=9)
        claims.append(
            CounterClaim(f"week:{monday}:{person}", policy.weekly_cap, until, RefusalReason.FREQUENCY_CAPPED)
        )
    return tuple(claims)


class AfterUnknown(StrEnum):
    """What to do about a message whose outcome nobody knows."""

    REPEAT_SAME_KEY = "repeat_same_key"  # The platform recognises it: safe.
    REPEAT = "repeat"  # It may arrive twice; the class prefers that to silence.
    LEAVE = "leave"  # It may not have arrived; the class prefers silence to a second copy.


def after_unknown(
    *,
    kind: MessageKind,
    message_class: MessageClass,
    first_handed_at: datetime,
    attempts: int,
    expires_at: datetime,
    repeat_max: int,
    now: datetime,
) -> AfterUnknown:
    """Decide about an unknown outcome: at most once for marketing, at least once for transactional."""
    key_life = timedelta(seconds=capability_of(kind).platform_key_life_s)
    if now < first_handed_at + key_life - _KEY_MARGIN and now < expires_at:
        return AfterUnknown.REPEAT_SAME_KEY
    wants_delivery = message_class is MessageClass.TRANSACTIONAL
    if wants_delivery and attempts <= repeat_max and now < expires_at:
        return AfterUnknown.REPEAT
    return AfterUnknown.LEAVE
