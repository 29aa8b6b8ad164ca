"""Instants at which clocks on a wall show a time, right across clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


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
