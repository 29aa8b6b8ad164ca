"""The governor: may this message go out, now, later or never? Pure decisions on what was fetched before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging import caps
from quanyu.modules.messaging.capabilities import Need, capability_of
from quanyu.modules.messaging.contracts import (
    TEST_PREFIX,
    CapRule,
    Channel,
    ExclusionRule,
    MessageClass,
    MessageKind,
    MessagePolicy,
    Priority,
    QuietMode,
    RefusalReason,
    WhenCapped,
)
from quanyu.modules.messaging.credits import Credits
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.quiet_hours import Quiet, quiet_at, release_at

EXPIRES_AFTER: Final = timedelta(hours=72)  # A message without its own expiry is given up after this.
# A repeat must reach the platform while it still remembers, so we stop asking a little earlier.
_KEY_MARGIN: Final = timedelta(minutes=1)


_NO_LIMIT: Final = 2**31 - 1  # Of what counts under a cap and is not bound by it.
_KEEP_COUNTER: Final = timedelta(days=2)  # Beyond its time, so that no clock change can reopen one.
_TURNS: Final = {Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}


def turn_of(message_class: MessageClass, priority: Priority) -> int:
    """Return who goes first among messages of one account: the lower."""
    return 0 if message_class is MessageClass.TRANSACTIONAL else _TURNS[priority]


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
    has_address: bool
    is_subscribed: bool
    unwanted: RefusalReason | None  # What the ledger of consent says against it.
    template_withdrawn: bool
    unrenderable: RefusalReason | None
    stopped: RefusalReason | None
    windows: Windows | None  # Only for kinds that need one.
    digest: bytes  # Of the rendered content; empty when there is none.
    credits: Credits | None = None  # Only for kinds that need one.
    purpose: str = ""  # Empty: that of its class.
    campaign: str = ""  # The journey or broadcast it belongs to; empty: none.


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing is sent."""

    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Hold:
    """Decide again at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterClaim:
    """One unit of a person's counter, if fewer than ``limit`` were taken after ``since``.

    A counter with a ``holder`` is for that campaign alone until what it took counts no more.
    """

    name: str
    person_id: PersonId
    limit: int
    since: datetime
    expires_at: datetime
    refusal: RefusalReason
    holder: str | None = None
    waits: bool = False  # Whether a message waits for room instead of being refused.
    rule: CapRule | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """It may go if every counter and, where needed, a window or a credit still has room."""

    claims: tuple[CounterClaim, ...]
    needs_window: bool
    needs_credit: bool = False


Verdict = Refuse | Hold | Reserve


def judge(candidate: Candidate, policy: MessagePolicy, zone: ZoneInfo, now: datetime) -> Verdict:
    """Decide about one message. The first reason that applies is the one given."""
    return Judge(policy, now).judge(candidate, zone)


class Judge:
    """The brand's rules at one instant: what is the same for many messages is worked out once."""

    def __init__(self, policy: MessagePolicy, now: datetime) -> None:
        self._policy = policy
        self._now = now
        self._quiet: dict[ZoneInfo, Quiet | None] = {}
        self._since: dict[tuple[str, ZoneInfo], datetime] = {}
        self._caps: dict[tuple[Channel, str], tuple[CapRule, ...]] = {}

    def judge(self, candidate: Candidate, zone: ZoneInfo) -> Verdict:
        """Decide about one message to somebody who lives in ``zone``."""
        reason = _refusal(candidate, self._now)
        if reason is not None:
            return Refuse(reason)
        if candidate.message_class is MessageClass.TRANSACTIONAL:
            return _reserve(candidate, self._counted(candidate, zone))
        quiet = self._held(candidate, zone)
        return quiet if quiet is not None else _reserve(candidate, self._claims(candidate, zone))

    def _held(self, candidate: Candidate, zone: ZoneInfo) -> Refuse | Hold | None:
        if zone not in self._quiet:
            self._quiet[zone] = quiet_at(self._policy, zone, self._now)
        quiet = self._quiet[zone]
        if quiet is None:
            return None
        if quiet.mode is QuietMode.DROP:
            return Refuse(RefusalReason.QUIET_HOURS)
        until = release_at(self._policy, zone, quiet, key=candidate.origin_key)
        return Hold(until) if until < candidate.expires_at else Refuse(RefusalReason.QUIET_HOURS)

    def _claims(self, candidate: Candidate, zone: ZoneInfo) -> tuple[CounterClaim, ...]:
        """Return the counters a marketing message must take."""
        policy, now = self._policy, self._now
        priority = policy.priority_of(candidate.campaign)
        claims = [
            self._cap(candidate, rule, zone, limit_of(rule, priority)) for rule in self._binding(candidate)
        ]
        claims += [_exclusion(candidate, one, now) for one in policy.exclusions if _names(one, candidate)]
        if policy.duplicate_window_s:
            claims.append(_duplicate(candidate, timedelta(seconds=policy.duplicate_window_s), now))
        return tuple(claims)

    def _counted(self, candidate: Candidate, zone: ZoneInfo) -> tuple[CounterClaim, ...]:
        """Return the counters a transactional message uses up without being bound by them."""
        if not self._policy.transactional_counts or candidate.origin_key.startswith(TEST_PREFIX):
            return ()
        return tuple(self._cap(candidate, rule, zone, _NO_LIMIT) for rule in self._binding(candidate))

    def _binding(self, candidate: Candidate) -> tuple[CapRule, ...]:
        channel = capability_of(candidate.kind).channel
        key = (channel, purpose_of(candidate.message_class, candidate.purpose))
        if key not in self._caps:
            self._caps[key] = tuple(rule for rule in self._policy.caps if concerns(rule, *key))
        return self._caps[key]

    def _cap(self, candidate: Candidate, rule: CapRule, zone: ZoneInfo, limit: int) -> CounterClaim:
        key = (rule.key, zone)
        if key not in self._since:
            self._since[key] = caps.counts_after(rule, zone, self._now)
        return CounterClaim(
            name=f"cap:{rule.key}",
            person_id=candidate.person_id,
            limit=limit,
            since=self._since[key],
            expires_at=self._now + caps.longest(rule) + _KEEP_COUNTER,
            refusal=RefusalReason.FREQUENCY_CAPPED,
            waits=rule.when_capped is WhenCapped.WAIT,
            rule=rule,
        )


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
    if not candidate.has_address:
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


def limit_of(rule: CapRule, priority: Priority) -> int:
    """Return how many messages of a priority a cap lets through."""
    return rule.limit if priority is Priority.HIGH else rule.limit - rule.kept_for_high


def concerns(rule: CapRule, channel: Channel, purpose: str) -> bool:
    """Tell whether a cap counts messages of a channel and purpose."""
    return rule.channel in (None, channel) and rule.purpose in (None, purpose)


def exclusion_name(rule: ExclusionRule) -> str:
    """Return the name of the counter that says which campaign of a group a person belongs to."""
    return f"only:{rule.key}"


def _names(rule: ExclusionRule, candidate: Candidate) -> bool:
    return candidate.campaign in rule.campaigns


def _exclusion(candidate: Candidate, rule: ExclusionRule, now: datetime) -> CounterClaim:
    span = timedelta(days=rule.days)
    return CounterClaim(
        name=exclusion_name(rule),
        person_id=candidate.person_id,
        limit=_NO_LIMIT,
        since=now - span,
        expires_at=now + span,
        refusal=RefusalReason.EXCLUDED,
        holder=candidate.campaign,
    )


def _duplicate(candidate: Candidate, span: timedelta, now: datetime) -> CounterClaim:
    return CounterClaim(
        name=f"same:{candidate.digest[:12].hex()}",
        person_id=candidate.person_id,
        limit=1,
        since=now - span,
        expires_at=now + span,
        refusal=RefusalReason.DUPLICATE,
    )


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
