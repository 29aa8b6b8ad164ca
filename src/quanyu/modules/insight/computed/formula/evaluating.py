"""Computing a checked formula for one person. Nothing in, nothing out: null goes through every operator.

Numbers are exact decimals; a division by zero is null. ``and`` and ``or`` decide where one side alone does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.insight.computed.formula.checking import CASTS
from quanyu.modules.insight.computed.formula.nodes import Binary, Call, Literal, Name, Node, Unary
from quanyu.modules.insight.computed.values import Value, ValueType, from_json, read_instant

_DIGITS: Final = 50
_MAGNITUDE: Final = Decimal(10) ** 30  # What grows beyond is null.


@dataclass(frozen=True, slots=True)
class Inputs:
    """One person at one instant: computed values by key, told attributes as JSON, the date."""

    computed: Mapping[str, Value]
    told: Mapping[str, Any]
    as_of: datetime
    zone: ZoneInfo


def evaluate(node: Node, inputs: Inputs) -> Value:
    """Return what a formula gives."""
    with localcontext(prec=_DIGITS):
        return _value(node, inputs)


def _value(node: Node, inputs: Inputs) -> Value:
    match node:
        case Literal():
            return node.value
        case Name():
            return inputs.computed.get(node.key.removeprefix("computed."))
        case Unary():
            return _unary(node, inputs)
        case Binary(op="and" | "or"):
            return _logic(node, inputs)
        case Binary():
            return _binary(node.op, _value(node.left, inputs), _value(node.right, inputs))
        case Call():
            return _call(node, inputs)


def _unary(node: Unary, inputs: Inputs) -> Value:
    value = _value(node.of, inputs)
    if isinstance(value, bool):
        return not value
    return -value if isinstance(value, Decimal) else None


def _logic(node: Binary, inputs: Inputs) -> Value:
    decisive = node.op == "or"
    left = _value(node.left, inputs)
    if left is decisive:
        return decisive
    right = _value(node.right, inputs)
    if right is decisive:
        return decisive
    return None if left is None or right is None else not decisive


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def _binary(op: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if op in _COMPARE:
        return _COMPARE[op](left, right)
    assert isinstance(left, Decimal)
    assert isinstance(right, Decimal)
    match op:
        case "+":
            return _held(left + right)
        case "-":
            return _held(left - right)
        case "*":
            return _held(left * right)
        case _:
            return None if right == 0 else _held(left / right)


def _held(number: Decimal) -> Decimal | None:
    return number if abs(number) < _MAGNITUDE else None


def _call(node: Call, inputs: Inputs) -> Value:
    if node.name in CASTS:
        return _cast(node, inputs)
    if node.name == "if":
        chosen = node.of[1] if _value(node.of[0], inputs) is True else node.of[2]
        return _value(chosen, inputs)
    if node.name == "today":
        return _midnight(inputs.as_of, inputs.zone)
    values = [_value(one, inputs) for one in node.of]
    if node.name == "coalesce":
        return next((value for value in values if value is not None), None)
    if node.name == "is_set":
        return values[0] is not None
    if node.name == "days_since":
        values.append(_midnight(inputs.as_of, inputs.zone))
    if any(value is None for value in values):
        return None
    return _FUNCTIONS[node.name](values, inputs.zone)


def _cast(node: Call, inputs: Inputs) -> Value:
    wanted, inner = CASTS[node.name], node.of[0]
    if isinstance(inner, Name) and inner.key in inputs.told:
        return cast_value(inputs.told[inner.key], wanted, inputs.zone)
    return cast_value(_value(inner, inputs), wanted, inputs.zone)


def cast_value(value: Any, wanted: ValueType, zone: ZoneInfo) -> Value:
    """Read a value as another type, ``None`` where it is none of it.

    A date without a time is its local midnight; an instant without a zone is local.
    """
    if isinstance(value, datetime):
        return value if wanted is ValueType.TIME else None
    if isinstance(value, Decimal):
        if wanted is ValueType.TEXT:
            return f"{value.normalize():f}"
        return value if wanted is ValueType.NUMBER else None
    if wanted is ValueType.NUMBER and isinstance(value, str):
        return _read_number(value)
    if wanted is ValueType.TIME and isinstance(value, str):
        return _read_time(value, zone)
    if wanted is ValueType.TEXT and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else f"{Decimal(repr(value)).normalize():f}"
    return from_json(value, wanted)


def _read_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return _held(number) if number.is_finite() else None


def _read_time(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 1900 <= at.year < 2200:
        return None
    return at.replace(tzinfo=zone).astimezone(UTC) if at.tzinfo is None else read_instant(text.strip())


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone).astimezone(UTC)


def _days_between(values: list[Any], zone: ZoneInfo) -> Decimal:
    first, second = (value.astimezone(zone).date() for value in values)
    return Decimal((second - first).days)


def _hours_between(values: list[Any], zone: ZoneInfo) -> Decimal:
    seconds = (values[1] - values[0]) / timedelta(seconds=1)
    return Decimal(int(seconds / 3600))


def _round(values: list[Any], zone: ZoneInfo) -> Decimal:
    digits = int(values[1]) if len(values) == 2 else 0
    number: Decimal = values[0]
    return number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


_FUNCTIONS: Final[dict[str, Callable[[list[Any], ZoneInfo], Value]]] = {
    "min": lambda values, _: min(values),
    "max": lambda values, _: max(values),
    "abs": lambda values, _: abs(values[0]),
    "floor": lambda values, _: values[0].to_integral_value(rounding=ROUND_FLOOR),
    "ceil": lambda values, _: values[0].to_integral_value(rounding=ROUND_CEILING),
    "round": _round,
    "days_between": _days_between,
    "hours_between": _hours_between,
    "days_since": _days_between,
    "concat": lambda values, _: "".join(values),
    "contains": lambda values, _: values[1] in values[0],
    "starts_with": lambda values, _: values[0].startswith(values[1]),
    "length": lambda values, _: Decimal(len(values[0])),
}
