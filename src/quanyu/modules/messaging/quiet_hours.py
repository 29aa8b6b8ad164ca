"""Quiet hours as intervals of instants, right across midnight and clock changes."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quanyu.modules.messaging.contracts import QuietHours

_DAY = timedelta(days=1)


def quiet_end(hours: QuietHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return when the quiet time around ``at`` ends, or ``None`` when ``at`` is not in quiet hours."""
    for start, end in _intervals(hours, zone, around=at):
        if start <= at < end:
            return end
    return None


def release_at(hours: QuietHours, zone: ZoneInfo, *, end: datetime, key: str) -> datetime:
    """Return when a message held until ``end`` goes out: the same instant each time it is asked.

    The jitter spreads a night's backlog, and never reaches into the next quiet time.
    """
    open_s = (_next_start(hours, zone, end) - end).total_seconds()
    spread_s = int(min(hours.jitter_s, open_s))
    if spread_s < 1:
        return end
    draw = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
    return end + timedelta(seconds=draw % spread_s)


def first_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the first instant at which clocks in ``zone`` show ``wall`` on ``day`` or have moved past it.

    A wall time that a clock change skips gives the instant of the change; one that occurs twice, its first.
    """
    first = datetime.combine(day, wall, zone)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == first.replace(tzinfo=None):
        return instant
    return _change_between(first.replace(fold=1).astimezone(UTC), instant, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second at which the offset changes in ``(before, after]``."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _intervals(hours: QuietHours, zone: ZoneInfo, *, around: datetime) -> Iterator[tuple[datetime, datetime]]:
    if hours.start == hours.end:
        return
    today = around.astimezone(zone).date()
    overnight = _DAY if hours.end < hours.start else timedelta()
    for day in (today - _DAY, today):
        start = first_instant(day, hours.start, zone)
        end = first_instant(day + overnight, hours.end, zone)
        yield start, end


def _next_start(hours: QuietHours, zone: ZoneInfo, end: datetime) -> datetime:
    day = end.astimezone(zone).date()
    starts = (first_instant(day + shift * _DAY, hours.start, zone) for shift in range(3))
    return next(start for start in starts if start >= end)
