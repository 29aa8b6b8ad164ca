"""Caps as spans of time: from when on messages count, and when there is room again. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.kernel.wall_clock import first_instant
from quanyu.modules.messaging.policies import CapRule, CapUnit

_SPANS: Final = {CapUnit.MINUTES: timedelta(minutes=1), CapUnit.HOURS: timedelta(hours=1)}
_MIDNIGHT: Final = time()
_INSTANT: Final = timedelta(microseconds=1)


def counts_after(rule: CapRule, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the instant after which messages count at ``now``."""
    if rule.unit in _SPANS:
        return now - rule.every * _SPANS[rule.unit]
    first = _first_day(rule, now.astimezone(zone).date())
    return first_instant(first, _MIDNIGHT, zone) - _INSTANT


def stops_counting(rule: CapRule, zone: ZoneInfo, taken: datetime) -> datetime:
    """Return the first instant at which a message that went out at ``taken`` counts no more."""
    if rule.unit in _SPANS:
        return taken + rule.every * _SPANS[rule.unit]
    return first_instant(_next_first_day(rule, taken.astimezone(zone).date()), _MIDNIGHT, zone)


def room_again(
    rule: CapRule, zone: ZoneInfo, taken: Sequence[datetime], *, limit: int, now: datetime
) -> datetime:
    """Return when one more message fits beside those that went out at ``taken``."""
    after = counts_after(rule, zone, now)
    counting = sorted(at for at in taken if at > after)
    if len(counting) < limit:
        return now
    return stops_counting(rule, zone, counting[len(counting) - limit])


def longest(rule: CapRule) -> timedelta:
    """Return a span after which no message counts any more, whatever the clocks do."""
    days = {CapUnit.DAYS: 1, CapUnit.WEEKS: 7, CapUnit.MONTHS: 31}
    if rule.unit in _SPANS:
        return rule.every * _SPANS[rule.unit]
    return timedelta(days=rule.every * days[rule.unit] + 2)


def _first_day(rule: CapRule, today: date) -> date:
    match rule.unit:
        case CapUnit.WEEKS:
            monday = today - timedelta(days=today.weekday())
            return monday - timedelta(weeks=rule.every - 1)
        case CapUnit.MONTHS:
            return _month(today, 1 - rule.every)
        case _:
            return today - timedelta(days=rule.every - 1)


def _next_first_day(rule: CapRule, day: date) -> date:
    match rule.unit:
        case CapUnit.WEEKS:
            return day - timedelta(days=day.weekday()) + timedelta(weeks=rule.every)
        case CapUnit.MONTHS:
            return _month(day, rule.every)
        case _:
            return day + timedelta(days=rule.every)


def _month(day: date, shift: int) -> date:
    months = day.year * 12 + day.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)
