"""Computed attributes the plain way: every person, every event, one definition at a time."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.windows import (
    AbsoluteWindow,
    CalendarWindow,
    Ever,
    RollingWindow,
    Window,
)
from quanyu.modules.insight.computed.definition import EventFigure, Figure
from quanyu.modules.segments.oracle import HistoryEvent, HistoryItem, compare, field_value

Fact = tuple[HistoryEvent, HistoryItem | None, datetime, int]


def figure_of(
    node: EventFigure,
    events: Sequence[tuple[int, HistoryEvent]],
    *,
    as_of: datetime,
    zone: ZoneInfo,
) -> Any:
    """Return the JSON value of one person's events, given with their positions; ``None`` is no value."""
    facts = [fact for fact in _facts(node, events, as_of) if _inside(fact[2], node.window, as_of, zone)]
    if not facts:
        return None
    with localcontext(prec=76):
        return _figure(node, facts, as_of, zone)


def _facts(node: EventFigure, events: Sequence[tuple[int, HistoryEvent]], as_of: datetime) -> list[Fact]:
    found: list[Fact] = []
    for position, event in events:
        if event.name not in node.names or event.occurred_at > as_of:
            continue
        if node.each == "event":
            found.append((event, None, event.occurred_at, position))
        else:
            found += [(event, item, item.occurred_at or event.occurred_at, position) for item in event.items]
    return [
        fact
        for fact in found
        if all(compare(field_value(fact[0], fact[1], test.field), test) for test in node.where)
    ]


def _inside(at: datetime, window: Window, as_of: datetime, zone: ZoneInfo) -> bool:
    if at > as_of:
        return False
    match window:
        case Ever():
            return True
        case RollingWindow():
            return as_of - at <= window.span
        case AbsoluteWindow():
            return not (window.from_ and at < window.from_) and not (window.to and at >= window.to)
        case CalendarWindow():
            return _in_period(window, at.astimezone(zone).date(), as_of.astimezone(zone).date())


def _in_period(window: CalendarWindow, day: date, today: date) -> bool:
    match window.period.value:
        case "today":
            return day == today
        case "yesterday":
            return day == today - timedelta(days=1)
        case "last_days":
            return 0 <= (today - day).days < (window.n or 0)
        case "this_week":
            return day.isocalendar()[:2] == today.isocalendar()[:2]
        case "this_month":
            return (day.year, day.month) == (today.year, today.month)
        case _:
            return day.year == today.year


def _figure(node: EventFigure, facts: list[Fact], as_of: datetime, zone: ZoneInfo) -> Any:
    times = [fact[2] for fact in facts]
    match node.figure:
        case Figure.FIRST_AT:
            return _time(min(times))
        case Figure.LAST_AT:
            return _time(max(times))
        case Figure.DAYS_SINCE_FIRST:
            return (as_of.astimezone(zone).date() - min(times).astimezone(zone).date()).days
        case Figure.DAYS_SINCE_LAST:
            return (as_of.astimezone(zone).date() - max(times).astimezone(zone).date()).days
        case Figure.COUNT if node.of is None:
            return len(facts)
    assert node.of is not None
    if node.of.kind == "product":
        pairs = [[field_value(fact[0], fact[1], name) for name in node.of.of] for fact in facts]
        return _of_numbers(node, [a * b for a, b in pairs if a is not None and b is not None])
    raw = [field_value(fact[0], fact[1], node.of.field) for fact in facts]
    match node.figure:
        case Figure.COUNT:
            return sum(value is not None for value in raw)
        case Figure.DISTINCT:
            return len({_key(value) for value in raw if _key(value) is not None})
        case Figure.FIRST | Figure.LAST | Figure.MOST_FREQUENT:
            return _of_values(node, facts, raw)
        case _:
            return _of_numbers(node, [number for value in raw if (number := _exact(value)) is not None])


def _of_values(node: EventFigure, facts: list[Fact], raw: list[Any]) -> Any:
    wanted = {"revenue": "number", "quantity": "number", "item.price": "number", "item.quantity": "number"}
    assert node.of is not None
    assert node.of.kind == "field"
    is_any = node.of.field.startswith("properties.")
    kind = node.as_type if is_any else wanted.get(node.of.field, "text")
    values = [
        (fact[2], fact[3], text)
        for fact, value in zip(facts, raw, strict=True)
        if (text := _face(value, kind))
    ]
    if not values:
        return None
    if node.figure is Figure.MOST_FREQUENT:
        counted = Counter(text for _, _, text in values)
        ordered = sorted(counted, key=lambda text: (-counted[text], text.encode()))[: node.top]
        return _read(ordered[0], kind) if node.top == 1 else [one.removeprefix("_") for one in ordered]
    chosen = (min if node.figure is Figure.FIRST else max)(
        values, key=lambda one: (one[0], one[1], one[2].encode())
    )
    return _read(chosen[2], kind)


def _face(value: Any, kind: str) -> str | None:
    """Return a value's text behind a mark, so that an empty text is still something."""
    if isinstance(value, bool):
        return f"_{str(value).lower()}" if kind == "bool" else None
    if isinstance(value, str):
        return f"_{value}" if kind == "text" else None
    number = _exact(value) if kind == "number" else None
    return None if number is None else f"_{number.normalize():f}"


def _read(text: str, kind: str) -> Any:
    match kind:
        case "number":
            return number_json(Decimal(text[1:]))
        case "bool":
            return text == "_true"
        case _:
            return text[1:]


def _exact(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number if abs(number) < 10**15 else None


def _key(value: Any) -> Any:
    return None if value is None or isinstance(value, list) else (isinstance(value, (bool, str)), str(value))


def _of_numbers(node: EventFigure, numbers: list[Decimal]) -> Any:
    if not numbers:
        return None
    match node.figure:
        case Figure.SUM:
            return number_json(sum(numbers, Decimal(0)))
        case Figure.AVG:
            return number_json(sum(numbers, Decimal(0)) / len(numbers))
        case Figure.MIN:
            return number_json(min(numbers))
        case Figure.MAX:
            return number_json(max(numbers))
        case _:
            place = max(1, math.ceil(node.percent / 100 * len(numbers)))
            return number_json(sorted(numbers)[place - 1])


def number_json(number: Decimal) -> Any:
    """Write a number as it is kept."""
    kept = number.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN)
    return int(kept) if kept == int(kept) else float(kept)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def rank_of(values: Mapping[int, float]) -> dict[int, int]:
    """Return everybody's place the slow way."""
    return {
        person: 100
        if len(values) == 1
        else 100 * sum(other < value for other in values.values()) // (len(values) - 1)
        for person, value in values.items()
    }
