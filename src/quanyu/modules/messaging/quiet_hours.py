"""Quiet hours as intervals of instants, right across midnight, clock changes and holidays."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

from quanyu.kernel.wall_clock import first_instant
from quanyu.modules.messaging.policies import DayKind, Holidays, MessagePolicy, QuietHours, QuietMode

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time()
_LOOK_AHEAD_DAYS: Final = 40  # The longest quiet time one can set is a holiday with a weekend on either side.


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days people work: the brand's own word first, then the public holidays, then the weekend."""

    holidays: Holidays = Holidays.NONE
    own: Mapping[date, DayKind] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        """Tell whether people work on ``day``."""
        if day in self.own:
            return self.own[day]
        works = _works_in_china(day) if self.holidays is Holidays.CHINA else day.weekday() < 5
        return DayKind.WORKDAY if works else DayKind.DAY_OFF


@cache
def _works_in_china(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # A year whose holidays are not announced yet: only weekends are known.
        return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Quiet:
    """A quiet time that is on: when it ends, and what becomes of messages."""

    end: datetime
    mode: QuietMode
    jitter_s: int


def quiet_at(policy: MessagePolicy, zone: ZoneInfo, at: datetime) -> Quiet | None:
    """Return the quiet time around ``at``, or ``None``. Times that touch or overlap are one.

    One part of it that drops makes all of it drop.
    """
    if not policy.quiet_hours:
        return None
    calendar = Calendar(policy.holidays, policy.own_days)
    end, found = at, set[QuietHours]()
    while (on := _covering(policy.quiet_hours, calendar, zone, end)) is not None:
        end, hours = on
        found.add(hours)
        if end > at + _LOOK_AHEAD_DAYS * _DAY:
            break  # Quiet all year round; the message expires before.
    if not found:
        return None
    drops = any(hours.mode is QuietMode.DROP for hours in found)
    return Quiet(end, QuietMode.DROP if drops else QuietMode.HOLD, max(hours.jitter_s for hours in found))


def release_at(policy: MessagePolicy, zone: ZoneInfo, quiet: Quiet, *, key: str) -> datetime:
    """Return when a message held for a quiet time goes out: the same instant each time it is asked.

    The jitter spreads a night's backlog, and never reaches into the next quiet time.
    """
    next_start = _next_start(policy, zone, quiet.end)
    open_s = (next_start - quiet.end).total_seconds() if next_start else quiet.jitter_s
    spread_s = int(min(quiet.jitter_s, open_s))
    if spread_s < 1:
        return quiet.end
    draw = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
    return quiet.end + timedelta(seconds=draw % spread_s)


def _covering(
    several: Sequence[QuietHours], calendar: Calendar, zone: ZoneInfo, at: datetime
) -> tuple[datetime, QuietHours] | None:
    """Return the latest end of those quiet hours that are on at ``at``."""
    today = at.astimezone(zone).date()
    ends = [
        (end, hours)
        for hours in several
        for start, end in _intervals(hours, calendar, zone, (today - _DAY, today))
        if start <= at < end
    ]
    return max(ends, key=lambda one: one[0], default=None)


def _next_start(policy: MessagePolicy, zone: ZoneInfo, end: datetime) -> datetime | None:
    """Return when quiet hours begin next, if within the next days."""
    today = end.astimezone(zone).date()
    days = [today + shift * _DAY for shift in range(3)]
    calendar = Calendar(policy.holidays, policy.own_days)
    starts = (
        start
        for hours in policy.quiet_hours
        for start, _ in _intervals(hours, calendar, zone, days)
        if start >= end
    )
    return min(starts, default=None)


def _intervals(
    hours: QuietHours, calendar: Calendar, zone: ZoneInfo, days: Sequence[date]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the quiet hours that begin on some days."""
    if hours.start == hours.end and not hours.all_day:
        return
    first, last = (_MIDNIGHT, _MIDNIGHT) if hours.all_day else (hours.start, hours.end)
    overnight = _DAY if last <= first else timedelta()
    for day in days:
        if day.isoweekday() not in hours.weekdays or hours.days not in (None, calendar.kind(day)):
            continue
        yield first_instant(day, first, zone), first_instant(day + overnight, last, zone)
