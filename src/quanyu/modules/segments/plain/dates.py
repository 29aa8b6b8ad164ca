"""Dates in plain Python: the day or instant is read, then looked at as people say it."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from borax.calendars.lunardate import LunarDate

from quanyu.modules.segments.conditions.dates import (
    DAY_PATTERN,
    INSTANT_PATTERN,
    Ahead,
    Almanac,
    Anniversary,
    DateTest,
    Days,
    Within,
)
from quanyu.modules.segments.conditions.facts import Ago
from quanyu.modules.segments.plain.facts import SECONDS


def is_date_met(node: DateTest, value: Any, as_of: datetime, zone: ZoneInfo) -> bool:
    instant = read_instant(value, zone)
    if instant is None:
        return False
    when, day, today = node.when, instant.astimezone(zone).date(), as_of.astimezone(zone).date()
    match when:
        case Days():
            return when.from_ <= (day - today).days <= when.to
        case Anniversary():
            span = range(when.from_, when.to + 1)
            return any(_comes_round(when.calendar, day, today + timedelta(days=ahead)) for ahead in span)
        case Within():
            return _same(when, day, today)
        case Ago() | Ahead():
            span_s = timedelta(seconds=when.amount * SECONDS[when.unit])
            distance = as_of - instant if isinstance(when, Ago) else instant - as_of
            if when.op == "at_least":
                return distance >= span_s
            return timedelta(0) <= distance <= span_s
        case _:
            return instant <= when.instant if when.op == "at_most" else instant >= when.instant


def read_instant(value: Any, zone: ZoneInfo) -> datetime | None:
    """Return the instant a text names (for a day its midnight), ``None`` where it names none."""
    if not isinstance(value, str):
        return None
    try:
        if re.fullmatch(DAY_PATTERN, value, re.ASCII):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        if re.fullmatch(INSTANT_PATTERN, value, re.ASCII):
            return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        pass  # The 30th of February.
    return None


def _comes_round(calendar: Almanac, day: date, on: date) -> bool:
    if on < day:
        return False
    if calendar is Almanac.SOLAR:
        is_leap_day = (day.month, day.day) == (2, 29)
        has_leap_day = (date(on.year, 3, 1) - timedelta(days=1)).day == 29
        kept = (2, 28) if is_leap_day and not has_leap_day else (day.month, day.day)
        return kept == (on.month, on.day)
    if not (1901 <= day.year <= 2099 and 1901 <= on.year <= 2099):
        return False
    born, now, next_day = (_lunar(one) for one in (day, on, on + timedelta(days=1)))
    is_month_over = next_day.month != now.month or next_day.leap != now.leap
    return (
        not now.leap
        and born.month == now.month
        and (born.day == now.day or (born.day == 30 and now.day == 29 and is_month_over))
    )


@lru_cache(maxsize=10_000)
def _lunar(day: date) -> LunarDate:
    return LunarDate.from_solar(day)


def _same(when: Within, day: date, today: date) -> bool:
    match when.period:
        case "day":
            return day == today
        case "week":
            return day.isocalendar()[:2] == today.isocalendar()[:2]
        case "month":
            return (day.year, day.month) == (today.year, today.month)
        case "year":
            return day.year == today.year
