"""The four types of a value, how values are written as JSON, and numbers in the one form that is stored."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import Any, Final

DECIMALS: Final = 6  # A number is kept to so many decimals, rounded half to even.
TEXT_MAX: Final = 1_000
_STEP: Final = Decimal(1).scaleb(-DECIMALS)
_LIMIT: Final = Decimal(2**63)

Value = Decimal | str | bool | datetime | tuple[str, ...] | None
Json = int | float | str | bool | list[str] | None


class ValueType(StrEnum):
    """What a computed attribute holds."""

    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"
    TIME = "time"
    LIST = "list"  # Of texts: more than one most frequent value.


def rounded(number: Decimal) -> Decimal:
    """Return a number as it is kept."""
    with localcontext(prec=76):
        return number.quantize(_STEP, rounding=ROUND_HALF_EVEN) if abs(number) < _LIMIT else number


def to_json(value: Value) -> Json:
    """Write a value for the profile: numbers as JSON numbers, instants as UTC text to the millisecond."""
    match value:
        case None | bool():
            return value
        case Decimal():
            return _number(value)
        case datetime():
            return instant_text(value)
        case tuple():
            return [_text(one) for one in value]
        case str():
            return _text(value)


def from_json(raw: Any, kind: ValueType) -> Value:
    """Read a stored value as ``kind``; what is of another type is missing."""
    match kind:
        case ValueType.NUMBER:
            is_number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
            return Decimal(repr(raw)) if is_number else None
        case ValueType.BOOL:
            return raw if isinstance(raw, bool) else None
        case ValueType.TEXT:
            return raw if isinstance(raw, str) else None
        case ValueType.TIME:
            return None if not isinstance(raw, str) else read_instant(raw)
        case ValueType.LIST:
            return tuple(str(one) for one in raw) if isinstance(raw, list) else None


def instant_text(at: datetime) -> str:
    """Write an instant; such texts sort as their instants do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime | None:
    """Read an instant with its zone; ``None`` where the text is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None and 1 < at.year < 9999 else None


def _number(number: Decimal) -> int | float:
    kept = rounded(number)
    return int(kept) if kept == int(kept) else float(kept)


def _text(text: str) -> str:
    return text.replace("\0", "")[:TEXT_MAX]
