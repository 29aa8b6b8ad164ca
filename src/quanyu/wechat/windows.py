"""Published limits: how many calls a window of time allows, known before anything is learnt.

Windows begin with the minute, the hour, the day and the month in China, as the platform's do as far as
is known. Where they should not, the platform's own refusal teaches us the rest.

A process counts by itself and never waits for another. What it has counted it tells the others every few
seconds (``untold``, ``heard``): between two exchanges all together may make a few calls too many, which the
platform then refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from quanyu.kernel.clock import Clock
from quanyu.wechat.errors import BudgetSpent

CHINA: Final = timezone(timedelta(hours=8))  # The platform's day; China has no summer time.


class Span(StrEnum):
    """How long a window lasts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``limit`` in each ``span``."""

    limit: int
    span: Span


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of one window."""

    began_at: datetime
    used: int


def start_of(span: Span, now: datetime) -> datetime:
    """Return when the window that holds ``now`` began."""
    local = now.astimezone(CHINA).replace(second=0, microsecond=0)
    match span:
        case Span.MINUTE:
            return local
        case Span.HOUR:
            return local.replace(minute=0)
        case Span.DAY:
            return local.replace(hour=0, minute=0)
        case Span.MONTH:
            return local.replace(day=1, hour=0, minute=0)


def end_of(span: Span, now: datetime) -> datetime:
    """Return when the window that holds ``now`` ends, and the next begins."""
    began_at = start_of(span, now)
    match span:
        case Span.MINUTE:
            return began_at + timedelta(minutes=1)
        case Span.HOUR:
            return began_at + timedelta(hours=1)
        case Span.DAY:
            return began_at + timedelta(days=1)
        case Span.MONTH:
            return (began_at + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A published limit: ``key`` names what is counted (an app, a corp, an address) and ``path`` where."""

    key: str
    path: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was used of one window: by this process since it told last, or by all."""

    key: str
    path: str
    span: Span
    began_at: datetime
    used: int

    @property
    def window(self) -> tuple[str, str, Span]:
        return (self.key, self.path, self.span)


class PublishedLimits:
    """Keeps published limits for one process, without asking anybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent: dict[tuple[str, str], dict[Span, Spent]] = {}
        self._told: dict[tuple[str, str, Span], Spent] = {}  # Of what this process used.
        self._others: dict[tuple[str, str, Span], Spent] = {}  # What the other processes used.

    def take(self, rules: Sequence[Rule], *, count: int = 1) -> None:
        """Count ``count`` against every rule, or against none.

        Raises:
            BudgetSpent: a window is full; says until when.
        """
        now = self._clock.now()
        for rule in rules:
            if (retry_at := self._full_until(rule, now, count)) is not None:
                raise BudgetSpent(rule.path, retry_at)
        for rule in rules:
            self._spend(rule, now, count)

    def _full_until(self, rule: Rule, now: datetime, count: int) -> datetime | None:
        full = [one for one in rule.windows if self._used(rule, one.span, now) + count > one.limit]
        return max((end_of(one.span, now) for one in full), default=None)

    def _used(self, rule: Rule, span: Span, now: datetime) -> int:
        others = self._others.get((rule.key, rule.path, span))
        return self._own(rule, span, now) + _in_window(others, start_of(span, now))

    def _own(self, rule: Rule, span: Span, now: datetime) -> int:
        return _in_window(self._spent.get((rule.key, rule.path), {}).get(span), start_of(span, now))

    def _spend(self, rule: Rule, now: datetime, count: int) -> None:
        self._spent[rule.key, rule.path] = {
            one.span: Spent(start_of(one.span, now), self._own(rule, one.span, now) + count)
            for one in rule.windows
        }

    def untold(self) -> tuple[Tally, ...]:
        """Return what this process used of windows that still last, and has not told yet."""
        now = self._clock.now()
        found = []
        for (key, path), spans in self._spent.items():
            for span, spent in spans.items():
                told = _in_window(self._told.get((key, path, span)), spent.began_at)
                if spent.began_at == start_of(span, now) and spent.used > told:
                    found.append(Tally(key, path, span, spent.began_at, spent.used - told))
        return tuple(found)

    def heard(self, told: Sequence[Tally], totals: Sequence[Tally]) -> None:
        """Take over that ``told`` is known now, and what all processes used together."""
        for one in told:
            before = _in_window(self._told.get(one.window), one.began_at)
            self._told[one.window] = Spent(one.began_at, before + one.used)
        for total in totals:
            ours = _in_window(self._told.get(total.window), total.began_at)
            self._others[total.window] = Spent(total.began_at, max(0, total.used - ours))


def _in_window(spent: Spent | None, began_at: datetime) -> int:
    return spent.used if spent is not None and spent.began_at == began_at else 0
