"""Values and comparisons in plain Python, sharing nothing with the SQL that means the same."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from quanyu.modules.events.asking.comparisons import Comparison, NumberTest, Operator
from quanyu.modules.segments.plain.history import HistoryEvent, HistoryItem


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


def kind_of(value: Any) -> str:
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
    return kind_of(value) == kind_of(literal) and bool(value == _like(value, literal))


def _ranks(value: Any, literal: Any, order: Callable[[Any, Any], bool]) -> bool:
    if kind_of(value) != kind_of(literal) or kind_of(value) not in ("text", "number"):
        return False
    return order(value, _like(value, literal))


def meets(number: Decimal, test: NumberTest, *, times: int = 1) -> bool:
    """Compare ``number`` with ``times`` the literals."""
    literals = [Decimal(repr(literal)) * times for literal in test.literals]
    if test.op is Operator.BETWEEN:
        return literals[0] <= number <= literals[1]
    if test.op in (Operator.EQ, Operator.NE):
        return (number == literals[0]) == (test.op is Operator.EQ)
    return _ORDER[test.op](number, literals[0])


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
