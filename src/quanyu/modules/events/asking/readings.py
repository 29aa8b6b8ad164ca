"""How fields and literals become SQL: typed readings, bound parameters, comparisons that are 0 or 1.

Nothing a caller wrote is ever part of the SQL text, except a property path inside back quotes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from quanyu.modules.events.asking.comparisons import (
    DECIMALS_MAX,
    MAGNITUDE_LIMIT,
    Comparison,
    NumberTest,
    Operator,
    exact,
    is_number,
)
from quanyu.modules.events.asking.fields import COLUMNS, PROPERTY_PREFIX, FieldType

DECIMAL: Final = f"Decimal(38, {DECIMALS_MAX})"
_SYMBOLS: Final = {
    Operator.EQ: "=",
    Operator.NE: "!=",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}


@dataclass(slots=True)
class Parameters:
    """Collects the values of a query; each gets a name of its own."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any, clickhouse_type: str) -> str:
        """Keep ``value`` and return the placeholder that stands for it."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{clickhouse_type}}}"

    def bind_decimal(self, number: int | float | Decimal) -> str:
        """Bind an exact decimal."""
        value = number if isinstance(number, Decimal) else exact(number)
        return self.bind(format(value, "f"), DECIMAL)


@dataclass(frozen=True, slots=True)
class Reading:
    """The typed faces of one field. A face that does not apply is ``None``."""

    present: str
    text: str | None = None
    integer: str | None = None
    real: str | None = None
    flag: str | None = None
    decimal: str | None = None


def quote_path(path: str) -> str:
    """Quote each part of a dotted path for use after the name of a JSON column."""
    parts = (part.replace("\\", "\\\\").replace("`", "\\`") for part in path.split("."))
    return ".".join(f"`{part}`" for part in parts)


def read_json(column: str, path: str) -> Reading:
    """Read a path of a JSON column through its typed subcolumns."""
    place = f"{column}.{quote_path(path)}"
    return Reading(
        present=f"isNotNull({place})",
        text=f"{place}.:`String`",
        integer=f"{place}.:`Int64`",
        real=f"{place}.:`Float64`",
        flag=f"{place}.:`Bool`",
    )


def read_field(name: str) -> Reading:
    """Read a field of history by its outside name."""
    if name.startswith(PROPERTY_PREFIX):
        return read_json("properties", name.removeprefix(PROPERTY_PREFIX))
    column = COLUMNS[name]
    if column.type is FieldType.TEXT:
        return Reading(present=f"({column.sql} != '')", text=f"nullIf({column.sql}, '')")
    return Reading(present=f"isNotNull({column.sql})", decimal=column.sql)


def numeric(reading: Reading) -> str:
    """Return the field as an exact decimal, NULL where it holds no number below 10^15.

    A floating number counts as the decimal its shortest text shows, so that sums do not depend on order.
    """
    if reading.decimal is not None:
        return f"CAST({reading.decimal}, 'Nullable({DECIMAL})')"
    whole = (
        f"if(abs({reading.integer}) < {MAGNITUDE_LIMIT}, "
        f"toDecimal128({reading.integer}, {DECIMALS_MAX}), NULL)"
    )
    real = (
        f"if(abs({reading.real}) < {MAGNITUDE_LIMIT}, "
        f"toDecimal128OrNull(toString(ifNull({reading.real}, 0)), {DECIMALS_MAX}), NULL)"
    )
    return f"coalesce({whole}, {real})"


def distinct_key(reading: Reading) -> str:
    """Return one Nullable(String) per value, so that equal values, and only they, are the same text."""
    if reading.decimal is not None:
        return f"toString({reading.decimal})"
    if reading.integer is None:
        return str(reading.text)
    return (
        f"coalesce(concat('s', {reading.text}), concat('n', toString({reading.integer})), "
        f"concat('n', toString({reading.real})), concat('b', toString({reading.flag})))"
    )


def comparison_sql(reading: Reading, comparison: Comparison, parameters: Parameters) -> str:
    """Return an expression that is 1 where the comparison is met and 0 elsewhere, never NULL."""
    literals = comparison.literals
    match comparison.op:
        case Operator.IS_SET:
            return reading.present
        case Operator.IS_MISSING:
            return f"(NOT {reading.present})"
        case Operator.EQ:
            return _equals(reading, literals, parameters)
        case Operator.NE:
            return f"({reading.present} AND NOT {_equals(reading, literals, parameters)})"
        case Operator.NE_OR_MISSING:
            return f"(NOT {_equals(reading, literals, parameters)})"
        case Operator.IN:
            return _equals(reading, literals, parameters)
        case Operator.BETWEEN:
            low = _ordered(reading, ">=", literals[0], parameters)
            return f"({low} AND {_ordered(reading, '<=', literals[1], parameters)})"
        case Operator.CONTAINS:
            return _on_text(
                reading, lambda text: f"position({text}, {parameters.bind(literals[0], 'String')}) > 0"
            )
        case Operator.STARTS_WITH:
            return _on_text(
                reading, lambda text: f"startsWith({text}, {parameters.bind(literals[0], 'String')})"
            )
        case _:
            return _ordered(reading, _SYMBOLS[comparison.op], literals[0], parameters)


def _on_text(reading: Reading, make: Callable[[str], str]) -> str:
    return "0" if reading.text is None else f"ifNull({make(reading.text)}, 0)"


def _equals(reading: Reading, literals: Sequence[Any], parameters: Parameters) -> str:
    """Equal to one of the literals, each compared with the face of its own type."""
    texts = [literal for literal in literals if isinstance(literal, str)]
    flags = [literal for literal in literals if isinstance(literal, bool)]
    numbers = [literal for literal in literals if is_number(literal)]
    met: list[str] = []
    if texts and reading.text is not None:
        met.append(_is_one_of(reading.text, texts, "String", parameters))
    if flags and reading.flag is not None:
        met.append(_is_one_of(reading.flag, flags, "Bool", parameters))
    if numbers and reading.decimal is not None:
        met.append(_decimal_is_one_of(reading.decimal, numbers, parameters))
    if numbers and reading.integer is not None:
        wholes = [int(number) for number in numbers if number == int(number)]
        met.append(_is_one_of(reading.integer, wholes, "Int64", parameters))
    if numbers and reading.real is not None:
        reals = [float(number) for number in numbers if float(number) == number]
        met.append(_is_one_of(reading.real, reals, "Float64", parameters))
    kept = [expression for expression in met if expression != "0"]
    return f"({' OR '.join(kept)})" if kept else "0"


def _is_one_of(face: str, literals: Sequence[Any], kind: str, parameters: Parameters) -> str:
    if not literals:
        return "0"
    if len(literals) == 1:
        return f"ifNull({face} = {parameters.bind(literals[0], kind)}, 0)"
    return f"ifNull({face} IN {parameters.bind(list(literals), f'Array({kind})')}, 0)"


def _decimal_is_one_of(face: str, numbers: Sequence[int | float], parameters: Parameters) -> str:
    tests = (f"ifNull({face} = {parameters.bind_decimal(number)}, 0)" for number in numbers)
    return f"({' OR '.join(tests)})"


def _ordered(reading: Reading, symbol: str, literal: Any, parameters: Parameters) -> str:
    if isinstance(literal, str):
        return _on_text(reading, lambda text: f"{text} {symbol} {parameters.bind(literal, 'String')}")
    if reading.decimal is not None:
        return f"ifNull({reading.decimal} {symbol} {parameters.bind_decimal(literal)}, 0)"
    if reading.integer is None:
        return "0"
    bound = parameters.bind(literal, "Int64" if isinstance(literal, int) else "Float64")
    return f"(ifNull({reading.integer} {symbol} {bound}, 0) OR ifNull({reading.real} {symbol} {bound}, 0))"


def number_test_sql(number: str, test: NumberTest, parameters: Parameters) -> str:
    """Compare a computed, non-NULL number exactly."""
    return number_test_against(number, test, lambda literal: parameters.bind_decimal(literal))


def number_test_against(number: str, test: NumberTest, bound: Callable[[int | float], str]) -> str:
    """Compare ``number`` with what ``bound`` makes of each literal."""
    literals = test.literals
    if test.op is Operator.BETWEEN:
        return f"({number} >= {bound(literals[0])} AND {number} <= {bound(literals[1])})"
    return f"({number} {_SYMBOLS[test.op]} {bound(literals[0])})"
