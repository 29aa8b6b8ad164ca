"""Who is on duty when, as intervals of instants: right across midnight and clock changes (CW-1, CW-5).

Special dates come before the week, the week before those who are on duty at all other times. A special
date rules its whole date: nothing of the week counts on it, and a night shift begun on it runs to its end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quanyu.kernel.wall_clock import first_instant

_DAY = timedelta(days=1)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time of day; one that does not end after it starts ends on the next day."""

    start: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return from when to when it lasts, begun on ``day``; the end is not included."""
        overnight = _DAY if self.end <= self.start else timedelta()
        return first_instant(day, self.start, zone), first_instant(day + overnight, self.end, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Some members at a time of day; ``weekdays`` (Monday is 0) counts in the week only."""

    window: Window
    userids: frozenset[str]
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDates:
    """Dates that are not like others, the last one included.

    ``like_weekday`` makes them work like that day of the week (调休); else their own shifts count, and
    without any nobody is on duty: a holiday.
    """

    first: date
    last: date
    shifts: tuple[Shift, ...] = ()
    like_weekday: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When which members are on duty; ``otherwise`` whenever nothing else says so."""

    special: tuple[SpecialDates, ...] = ()
    weekly: tuple[Shift, ...] = ()
    otherwise: frozenset[str] = frozenset()


def on_duty(schedule: Schedule, zone: ZoneInfo, at: datetime) -> frozenset[str]:
    """Return who is on duty at ``at``."""
    today = at.astimezone(zone).date()
    special = _special_of(schedule, today)
    late = _covering(_own_shifts(schedule, today - _DAY), today - _DAY, zone, at)
    if special is not None and special.like_weekday is None:
        return frozenset().union(late, _covering(special.shifts, today, zone, at))
    if late:
        return late
    weekly = _covering(_week_shifts(schedule, today), today, zone, at) | _covering(
        _week_shifts(schedule, today - _DAY), today - _DAY, zone, at
    )
    return weekly or schedule.otherwise


def is_within(windows: Sequence[Window], zone: ZoneInfo, at: datetime) -> bool:
    """Whether ``at`` lies in one of the windows of any day."""
    return any(start <= at < end for start, end in _daily(windows, zone, at))


def next_border(
    schedule: Schedule, zone: ZoneInfo, at: datetime, *, windows: Sequence[Window] = ()
) -> datetime:
    """Return the first instant after ``at`` at which duty, one of ``windows`` or the day may change.

    Never later than the next midnight: then daily caps begin anew.
    """
    today = at.astimezone(zone).date()
    borders = {first_instant(today + _DAY, _MIDNIGHT, zone), first_instant(today + 2 * _DAY, _MIDNIGHT, zone)}
    for day in (today - _DAY, today, today + _DAY):
        for shift in (*_own_shifts(schedule, day), *_week_shifts(schedule, day)):
            borders.update(shift.window.on(day, zone))
    for span in _daily(windows, zone, at):
        borders.update(span)
    return min(border for border in borders if border > at)


def _daily(windows: Sequence[Window], zone: ZoneInfo, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    today = at.astimezone(zone).date()
    for window in windows:
        for day in (today - _DAY, today, today + _DAY):
            yield window.on(day, zone)


def _special_of(schedule: Schedule, day: date) -> SpecialDates | None:
    return next((special for special in schedule.special if special.first <= day <= special.last), None)


def _own_shifts(schedule: Schedule, day: date) -> tuple[Shift, ...]:
    special = _special_of(schedule, day)
    return () if special is None or special.like_weekday is not None else special.shifts


def _week_shifts(schedule: Schedule, day: date) -> tuple[Shift, ...]:
    special = _special_of(schedule, day)
    if special is not None and special.like_weekday is None:
        return ()
    weekday = day.weekday() if special is None or special.like_weekday is None else special.like_weekday
    return tuple(shift for shift in schedule.weekly if weekday in shift.weekdays)


def _covering(shifts: Sequence[Shift], day: date, zone: ZoneInfo, at: datetime) -> frozenset[str]:
    found: set[str] = set()
    for shift in shifts:
        start, end = shift.window.on(day, zone)
        if start <= at < end:
            found |= shift.userids
    return frozenset(found)
