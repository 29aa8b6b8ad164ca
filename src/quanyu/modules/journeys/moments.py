"""When the wait for a date or a time of day is over. Pure; walls are the brand's (JN-8, SOP-8).

A wall time that a clock change skips is the instant of the change; of one that occurs twice the first counts.
The 29th of February is kept on the 28th in common years, and a month later than the 31st is the last of a
shorter month.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from quanyu.kernel.wall_clock import first_instant
from quanyu.modules.journeys.definition import Until, UntilDate, UntilDay, UntilWindow
from quanyu.modules.segments.plain.dates import read_instant

_DAYS_SEEN: Final = 15  # A window of one weekday, and the next, in case a clock change swallows the first.
_YEARS_SEEN: Final = 3


def moment_of(until: Until, value: Any, came_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the wait is over, which may be past; ``None`` if ``value`` is no date to wait for."""
    match until:
        case UntilDay():
            return first_instant(until.day, _wall(until.at), zone)
        case UntilDate():
            return _moment_of_date(until, read_instant(value, zone), came_at, zone)
        case UntilWindow():
            return _next_open(until, came_at, zone)
        case _:
            assert_never(until)


def _moment_of_date(
    until: UntilDate, instant: datetime | None, came_at: datetime, zone: ZoneInfo
) -> datetime | None:
    if instant is None:
        return None
    local = instant.astimezone(zone)
    if not until.yearly:
        return _moved(until, local.date(), instant, zone)
    years = range(
        came_at.astimezone(zone).year - _reach(until), came_at.astimezone(zone).year + _reach(until)
    )
    days = (anniversary(local.date(), year) for year in years if year >= local.year)
    moments = (_moved(until, day, first_instant(day, local.time(), zone), zone) for day in days)
    return next((one for one in moments if one >= came_at), _moved(until, local.date(), instant, zone))


def _reach(until: UntilDate) -> int:
    """Return how many years away the day may lie that is meant."""
    return _YEARS_SEEN + abs(until.offset) // (12 if until.unit == "months" else 365)


def _moved(until: UntilDate, day: date, instant: datetime, zone: ZoneInfo) -> datetime:
    match until.unit:
        case "minutes":
            return instant + timedelta(minutes=until.offset)
        case "hours":
            return instant + timedelta(hours=until.offset)
        case "days":
            return first_instant(day + timedelta(days=until.offset), _wall(until.at), zone)
        case "months":
            return first_instant(months_after(day, until.offset), _wall(until.at), zone)


def anniversary(day: date, year: int) -> date:
    """Return the day of a year on which ``day`` comes round."""
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def months_after(day: date, months: int) -> date:
    """Return the same day some months later or earlier; the last of the month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next_open(window: UntilWindow, came_at: datetime, zone: ZoneInfo) -> datetime:
    for opens, closes in _openings(window, came_at.astimezone(zone).date(), zone):
        if max(opens, came_at) < closes:
            return max(opens, came_at)
    raise AssertionError("every weekday comes within a week")


def _openings(window: UntilWindow, today: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    opens, closes = _wall(window.opens), _wall(window.closes)
    for ahead in range(-1, _DAYS_SEEN):
        day = today + timedelta(days=ahead)
        if day.isoweekday() in window.weekdays:
            last = day if opens < closes else day + timedelta(days=1)
            yield first_instant(day, opens, zone), first_instant(last, closes, zone)


def _wall(shown: str) -> time:
    return time.fromisoformat(shown)
