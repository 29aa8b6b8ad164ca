"""Facts, windows and what is computed over them, in plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.facts import Each, Facts, FieldValue
from quanyu.modules.events.asking.windows import (
    AbsoluteWindow,
    CalendarWindow,
    Ever,
    Period,
    RollingWindow,
    Window,
)
from quanyu.modules.segments.conditions.facts import Aggregate, At, Function, Recency
from quanyu.modules.segments.plain.history import HistoryEvent, HistoryItem
from quanyu.modules.segments.plain.values import compare, field_value, kind_of, meets

SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_STEP: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a condition looks at: an event, or one line of it."""

    event: HistoryEvent
    item: HistoryItem | None
    at: datetime


def facts_of(node: Facts, events: Sequence[HistoryEvent], as_of: datetime, zone: ZoneInfo) -> list[Seen]:
    """Return the facts that have happened, lie in the window and meet every filter."""
    found: list[Seen] = []
    for event in events:
        if event.name not in node.names or event.occurred_at > as_of:
            continue
        if node.each is Each.EVENT:
            found.append(Seen(event, None, event.occurred_at))
        else:
            found.extend(Seen(event, item, item.occurred_at or event.occurred_at) for item in event.items)
    return [
        fact
        for fact in found
        if inside(fact.at, node.window, as_of, zone)
        and all(compare(field_value(fact.event, fact.item, test.field), test) for test in node.where)
    ]


def inside(at: datetime, window: Window, as_of: datetime, zone: ZoneInfo) -> bool:
    if at > as_of:
        return False
    match window:
        case Ever():
            return True
        case RollingWindow():
            return as_of - at <= timedelta(seconds=window.amount * SECONDS[window.unit])
        case AbsoluteWindow():
            return (window.from_ is None or at >= window.from_) and (window.to is None or at < window.to)
        case CalendarWindow():
            return _same_period(window, at.astimezone(zone).date(), as_of.astimezone(zone).date())


def _same_period(window: CalendarWindow, day: date, today: date) -> bool:
    match window.period:
        case Period.TODAY:
            return day == today
        case Period.YESTERDAY:
            return (today - day).days == 1
        case Period.LAST_DAYS:
            return (today - day).days < (window.n or 1)
        case Period.THIS_WEEK:
            return day.isocalendar()[:2] == today.isocalendar()[:2]
        case Period.THIS_MONTH:
            return (day.year, day.month) == (today.year, today.month)
        case Period.THIS_YEAR:
            return day.year == today.year


def recency(node: Recency, facts: Sequence[Seen], as_of: datetime) -> bool:
    if not facts:
        return False
    chosen = max if node.which == "last" else min
    fact = chosen(facts, key=lambda one: (one.at.astimezone(UTC), one.event.position))
    return _is_when(node, fact.at, as_of) and all(
        compare(field_value(fact.event, fact.item, test.field), test) for test in node.having
    )


def _is_when(node: Recency, instant: datetime, as_of: datetime) -> bool:
    when = node.when
    if when is None:
        return True
    if isinstance(when, At):
        return instant <= when.instant if when.op == "at_most" else instant >= when.instant
    age, span = as_of - instant, timedelta(seconds=when.amount * SECONDS[when.unit])
    return age <= span if when.op == "at_most" else age >= span


def aggregate(node: Aggregate, facts: Sequence[Seen]) -> bool:
    if node.function is Function.AVG:  # Exact: nothing is divided.
        values = _values(node, facts)
        return bool(values) and meets(sum(values, Decimal(0)), node.test, times=len(values))
    value = measured(node, facts)
    return value is not None and meets(value, node.test)


def measured(node: Aggregate, facts: Sequence[Seen]) -> Decimal | None:
    """Return the number a condition tests; an average is rounded to show it."""
    values = _values(node, facts)
    match node.function:
        case Function.COUNT:
            return Decimal(len(values))
        case Function.DISTINCT:
            return Decimal(len({(kind_of(value), value) for value in values}))
        case Function.SUM:
            return sum(values, Decimal(0))
        case Function.AVG:
            return (sum(values, Decimal(0)) / len(values)).quantize(_STEP) if values else None
        case Function.MIN | Function.MAX:
            return (min(values) if node.function is Function.MIN else max(values)) if values else None


def _values(node: Aggregate, facts: Sequence[Seen]) -> list[Any]:
    return [value for value in (_fact_value(node, fact) for fact in facts) if value is not None]


def _fact_value(node: Aggregate, fact: Seen) -> Any:
    if not isinstance(node.of, FieldValue):
        left, right = (field_value(fact.event, fact.item, name) for name in node.of.of)
        return None if left is None or right is None else left * right
    value = field_value(fact.event, fact.item, node.of.field)
    if node.function is Function.COUNT:
        return value
    if node.function is Function.DISTINCT:
        return value if kind_of(value) != "other" else None
    return _amount(value)


def _amount(value: Any) -> Decimal | None:
    """Return a number as the decimal its shortest text shows, cut off after 8 decimals."""
    if value is None or kind_of(value) != "number" or abs(value) >= 10**15:
        return None
    return Decimal(value if isinstance(value, Decimal) else repr(value)).quantize(_STEP, ROUND_DOWN)
