"""The plain evaluator: the same tree over Python objects, one person at a time.

It shares no arithmetic of time or comparison with the compiler, so that one mistake cannot hide in
both. The property tests compare the two; it also answers why a single person is in or out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.comparisons import Comparison, NumberTest, Operator
from quanyu.modules.events.asking.facts import Each, Facts, FieldValue
from quanyu.modules.events.asking.windows import (
    AbsoluteWindow,
    CalendarWindow,
    Ever,
    Period,
    RollingWindow,
    Window,
)
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    At,
    Attribute,
    Condition,
    Event,
    Function,
    Not,
    Recency,
    Tag,
)

_SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_STEP: Final = Decimal("0.00000001")
_DIGITS: Final = 76  # Enough that no sum or product of amounts is ever rounded.


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One line item; texts may be empty, ``occurred_at`` may be absent."""

    price: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)
    occurred_at: datetime | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # sku, category, brand …


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One event as the history keeps it; ``person`` is that of its first resolution, 0 is nobody."""

    person: int
    name: str
    occurred_at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # order_id, currency, context.channel …
    revenue: Decimal | None = None
    quantity: Decimal | None = None
    items: tuple[HistoryItem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fact:
    """One thing a condition looks at: an event, or one line of it."""

    event: HistoryEvent
    item: HistoryItem | None
    at: datetime


def evaluate(
    definition: Condition,
    *,
    profiles: Mapping[int, Mapping[str, Any]],
    events: Iterable[HistoryEvent],
    canonical: Mapping[int, int],
    as_of: datetime,
    zone: ZoneInfo,
    tags: Mapping[int, frozenset[int]] | None = None,
) -> frozenset[int]:
    """Return the people among ``profiles`` (the living ones, by canonical person) who are in.

    ``tags`` are those each canonical person carries.
    """
    histories: dict[int, list[HistoryEvent]] = {}
    for event in events:
        if event.person:
            histories.setdefault(canonical.get(event.person, event.person), []).append(event)
    carried = tags or {}
    with localcontext(prec=_DIGITS):
        return frozenset(
            person
            for person, attributes in profiles.items()
            if canonical.get(person, person) == person
            and _holds(
                definition,
                _Person(attributes, histories.get(person, []), carried.get(person, frozenset())),
                as_of,
                zone,
            )
        )


@dataclass(frozen=True, slots=True)
class _Person:
    """What is known of one person."""

    attributes: Mapping[str, Any]
    events: Sequence[HistoryEvent]
    tags: frozenset[int]


def _holds(node: Condition, person: _Person, as_of: datetime, zone: ZoneInfo) -> bool:
    match node:
        case All():
            return all(_holds(part, person, as_of, zone) for part in node.of)
        case Any_():
            return any(_holds(part, person, as_of, zone) for part in node.of)
        case Not():
            return not _holds(node.of, person, as_of, zone)
        case Attribute():
            return compare(look_up(person.attributes, node.key), node)
        case Tag():
            return _tagged(node, person.tags)
        case Event():
            return _test(Decimal(len(_facts(node, person.events, as_of, zone))), node.count)
        case Recency():
            return _recency(node, _facts(node, person.events, as_of, zone), as_of)
        case Aggregate():
            return _aggregate(node, _facts(node, person.events, as_of, zone))


def _tagged(node: Tag, carried: frozenset[int]) -> bool:
    having = [number for number in node.numbers if number in carried]
    match node.op:
        case "any":
            return bool(having)
        case "all":
            return len(having) == len(node.numbers)
        case "none":
            return not having


def look_up(data: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, ``None`` where there is none; objects are not values."""
    if path in data and not isinstance(data[path], Mapping):
        return data[path]
    parts = path.split(".")
    for end in range(1, len(parts)):
        inner = data.get(".".join(parts[:end]))
        if isinstance(inner, Mapping):
            found = look_up(inner, ".".join(parts[end:]))
            if found is not None:
                return found
    return None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, (int, float, Decimal)):
        return "number"
    return "text" if isinstance(value, str) else "other"


def compare(value: Any, comparison: Comparison) -> bool:
    """Apply a comparison to one value; ``None`` is missing."""
    op, literals = comparison.op, comparison.literals
    if op is Operator.IS_MISSING:
        return value is None
    if op is Operator.NE_OR_MISSING:
        return value is None or not _equal(value, literals[0])
    if value is None:
        return False
    if op is Operator.IS_SET:
        return True
    if op is Operator.NE:
        return not _equal(value, literals[0])
    if op in (Operator.EQ, Operator.IN):
        return any(_equal(value, literal) for literal in literals)
    if op is Operator.BETWEEN:
        return _ranks(value, literals[0], lambda a, b: a >= b) and _ranks(
            value, literals[1], lambda a, b: a <= b
        )
    if op is Operator.CONTAINS:
        return isinstance(value, str) and literals[0] in value
    if op is Operator.STARTS_WITH:
        return isinstance(value, str) and value.startswith(literals[0])
    return _ranks(value, literals[0], _ORDER[op])


_ORDER: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.GT: lambda a, b: a > b,
    Operator.GTE: lambda a, b: a >= b,
    Operator.LT: lambda a, b: a < b,
    Operator.LTE: lambda a, b: a <= b,
}


def _like(value: Any, literal: Any) -> Any:
    """Write the literal as an exact decimal where the value is one."""
    if isinstance(value, Decimal) and not isinstance(literal, (bool, str)):
        return Decimal(repr(literal))
    return literal


def _equal(value: Any, literal: Any) -> bool:
    return _kind(value) == _kind(literal) and bool(value == _like(value, literal))


def _ranks(value: Any, literal: Any, order: Callable[[Any, Any], bool]) -> bool:
    if _kind(value) != _kind(literal) or _kind(value) not in ("text", "number"):
        return False
    return order(value, _like(value, literal))


def _test(number: Decimal, test: NumberTest, *, times: int = 1) -> bool:
    """Compare ``number`` with ``times`` the literals."""
    literals = [Decimal(repr(literal)) * times for literal in test.literals]
    if test.op is Operator.BETWEEN:
        return literals[0] <= number <= literals[1]
    if test.op in (Operator.EQ, Operator.NE):
        return (number == literals[0]) == (test.op is Operator.EQ)
    return _ORDER[test.op](number, literals[0])


def _facts(node: Facts, events: Sequence[HistoryEvent], as_of: datetime, zone: ZoneInfo) -> list[_Fact]:
    """Return the facts that have happened, lie in the window and meet every filter."""
    found: list[_Fact] = []
    for event in events:
        if event.name not in node.names or event.occurred_at > as_of:
            continue
        if node.each is Each.EVENT:
            found.append(_Fact(event, None, event.occurred_at))
        else:
            found.extend(_Fact(event, item, item.occurred_at or event.occurred_at) for item in event.items)
    return [
        fact
        for fact in found
        if _inside(fact.at, node.window, as_of, zone)
        and all(compare(field_value(fact.event, fact.item, test.field), test) for test in node.where)
    ]


def field_value(event: HistoryEvent, item: HistoryItem | None, name: str) -> Any:
    """Return what a fact holds under a field's outside name; empty text is missing."""
    if name.startswith("properties."):
        return look_up(event.properties, name.removeprefix("properties."))
    if name == "revenue":
        return event.revenue
    if name == "quantity":
        return event.quantity
    if item is not None and name == "item.price":
        return item.price
    if item is not None and name == "item.quantity":
        return item.quantity
    if item is not None and name.startswith("item."):
        return item.texts.get(name.removeprefix("item.")) or None
    return event.texts.get(name) or None


def _inside(at: datetime, window: Window, as_of: datetime, zone: ZoneInfo) -> bool:
    if at > as_of:
        return False
    match window:
        case Ever():
            return True
        case RollingWindow():
            return as_of - at <= timedelta(seconds=window.amount * _SECONDS[window.unit])
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


def _recency(node: Recency, facts: Sequence[_Fact], as_of: datetime) -> bool:
    if not facts:
        return False
    instants = [fact.at.astimezone(UTC) for fact in facts]
    instant = max(instants) if node.which == "last" else min(instants)
    if isinstance(node.when, At):
        return instant <= node.when.instant if node.when.op == "at_most" else instant >= node.when.instant
    age, span = as_of - instant, timedelta(seconds=node.when.amount * _SECONDS[node.when.unit])
    return age <= span if node.when.op == "at_most" else age >= span


def _aggregate(node: Aggregate, facts: Sequence[_Fact]) -> bool:
    values = [value for value in (_fact_value(node, fact) for fact in facts) if value is not None]
    if node.function is Function.COUNT:
        return _test(Decimal(len(values)), node.test)
    if node.function is Function.DISTINCT:
        return _test(Decimal(len({(_kind(value), value) for value in values})), node.test)
    if node.function is Function.SUM:
        return _test(sum(values, Decimal(0)), node.test)
    if not values:
        return False
    if node.function is Function.AVG:
        return _test(sum(values, Decimal(0)), node.test, times=len(values))  # Exact: nothing is divided.
    return _test(min(values) if node.function is Function.MIN else max(values), node.test)


def _fact_value(node: Aggregate, fact: _Fact) -> Any:
    if not isinstance(node.of, FieldValue):
        left, right = (field_value(fact.event, fact.item, name) for name in node.of.of)
        return None if left is None or right is None else left * right
    value = field_value(fact.event, fact.item, node.of.field)
    if node.function is Function.COUNT:
        return value
    if node.function is Function.DISTINCT:
        return value if _kind(value) != "other" else None
    return _amount(value)


def _amount(value: Any) -> Decimal | None:
    """Return a number as the decimal its shortest text shows, cut off after 8 decimals."""
    if value is None or _kind(value) != "number" or abs(value) >= 10**15:
        return None
    return Decimal(value if isinstance(value, Decimal) else repr(value)).quantize(_STEP, ROUND_DOWN)
