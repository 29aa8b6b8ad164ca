"""Rhythm in plain Python: the calendar counted by days and dates, never by borders."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quanyu.modules.segments.conditions.habits import Calendar, Regular, Restarted, Span, Stopped
from quanyu.modules.segments.plain.facts import SECONDS, Seen


def _age(span: Span) -> timedelta:
    return timedelta(seconds=span.amount * SECONDS[span.unit])


def stopped(node: Stopped, facts: Sequence[Seen], as_of: datetime) -> bool:
    ages = [as_of - fact.at for fact in facts]
    did_earlier = any(_age(node.recent) < age <= _age(node.earlier) for age in ages)
    return did_earlier and not any(age <= _age(node.recent) for age in ages)


def restarted(node: Restarted, facts: Sequence[Seen], as_of: datetime) -> bool:
    ages = [as_of - fact.at for fact in facts]
    return (
        any(age > _age(node.earlier) for age in ages)
        and not any(_age(node.recent) < age <= _age(node.earlier) for age in ages)
        and any(age <= _age(node.recent) for age in ages)
    )


def regular(node: Regular, facts: Sequence[Seen], as_of: datetime, zone: ZoneInfo) -> bool:
    today = as_of.astimezone(zone).date()
    back = [_periods_back(node.period, fact.at.astimezone(zone).date(), today) for fact in facts]
    return len({periods for periods in back if periods < node.of}) >= node.at_least


def _periods_back(period: Calendar, day: date, today: date) -> int:
    match period:
        case Calendar.DAY:
            return (today - day).days
        case Calendar.WEEK:
            # The first day of the calendar, in the year 1, is a Monday.
            return (today.toordinal() - 1) // 7 - (day.toordinal() - 1) // 7
        case Calendar.MONTH:
            return (today.year - day.year) * 12 + today.month - day.month
