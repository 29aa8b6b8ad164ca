"""Quiet hours as intervals of instants, right across midnight and clock changes."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quanyu.kernel.wall_clock import first_instant
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
