"""From a cell's text to a value. Pure; each distinct text of a column is read once."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapping import (
    Ambiguous,
    CellType,
    Decimals,
    Field,
    Nonexistent,
    NumberFormat,
    Scalar,
    TimeFormat,
)

Value = TypeVar("Value")

# Wide enough that sums and products of amounts are exact; rounding happens in one named place.
EXACT: Final = Context(prec=64)
TEXT_CHARS_MAX: Final = 4_000
ID_CHARS_MAX: Final = 200
_FOUR_PLACES: Final = Decimal("0.0001")
_NUMBER_LIMIT: Final = Decimal(10) ** 14
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CURRENCY_SIGNS: Final = "¥￥$€£"
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TRUE: Final = frozenset({"true", "yes", "y", "t", "1", "是", "真"})
_FALSE: Final = frozenset({"false", "no", "n", "f", "0", "否", "假"})
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2261, 1, 1, tzinfo=UTC)
_FUTURE_MAX: Final = timedelta(days=1)


def read_column(
    texts: Sequence[str | None], read: Callable[[str], Value | Fault]
) -> list[Value | Fault | None]:
    """Read every cell; an empty one stays ``None``."""
    known: dict[str | None, Value | Fault | None] = {
        text: read(text) for text in set(texts) if text is not None
    }
    known[None] = None
    return [known[text] for text in texts]


@lru_cache(maxsize=65_536)  # Prices and quantities repeat.
def plain(number: Decimal) -> str:
    """Write a number without exponent and without trailing zeros, so equal amounts have equal texts."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class NumberReader:
    """Reads exact decimals of at most four places."""

    def __init__(self, numbers: NumberFormat, column: str) -> None:
        self._numbers = numbers
        self._column = column

    def __call__(self, text: str) -> Decimal | Fault:
        number = self.exact(text)
        if isinstance(number, Fault):
            return number
        rounded = number.quantize(_FOUR_PLACES, rounding=ROUND_HALF_EVEN, context=EXACT)
        if rounded != number and self._numbers.decimals is Decimals.REJECT:
            return Fault(Reason.NUMBER_DECIMALS, self._column)
        return Decimal(plain(rounded))

    def exact(self, text: str) -> Decimal | Fault:
        """Read a number with all its decimals."""
        text = text.strip(_CURRENCY_SIGNS + " \u00a0")
        if self._numbers.thousands:
            text = text.replace(self._numbers.thousands, "")
        if self._numbers.decimal_comma:
            # A point would silently change the value a hundredfold, so it is not a number here.
            text = text.replace(".", "?").replace(",", ".")
        if not _NUMBER.fullmatch(text):
            return Fault(Reason.NUMBER, self._column)
        number = Decimal(text)
        if abs(number) >= _NUMBER_LIMIT:
            return Fault(Reason.NUMBER_RANGE, self._column)
        return number


class TimeReader:
    """Reads instants: UTC, to the millisecond."""

    def __init__(self, times: TimeFormat, column: str, *, now: datetime) -> None:
        self._times = times
        self._zone = ZoneInfo(times.zone)
        self._column = column
        self._latest = min(LATEST, now + _FUTURE_MAX)

    def __call__(self, text: str) -> datetime | Fault:
        try:
            read = self._read(text)
            if isinstance(read, Fault):
                return read
            instant = self._local(read) if read.tzinfo is None else read.astimezone(UTC)
        except (ValueError, OverflowError):
            return Fault(Reason.TIME, self._column)
        if isinstance(instant, Fault):
            return instant
        return self._bounded(instant)

    def calendar_day(self, text: str) -> str | Fault:
        """Read the day as it is written, whatever the zone."""
        try:
            read = self._read(text)
        except ValueError:
            return Fault(Reason.TIME, self._column)
        return read if isinstance(read, Fault) else read.date().isoformat()

    def _read(self, text: str) -> datetime | Fault:
        for one in self._times.formats:
            read = _by_format(text, one)
            if read is not None:
                return read
        # With a T it can only be ISO 8601; this is also how date cells of Excel and Parquet arrive.
        if not self._times.formats or text[10:11] == "T":
            return datetime.fromisoformat(text)
        return Fault(Reason.TIME, self._column)

    def _local(self, naive: datetime) -> datetime | Fault:
        early = naive.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        late = naive.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        if early == late:
            return early
        if early < late:  # The clocks went back: both instants show this local time.
            match self._times.ambiguous:
                case Ambiguous.EARLIER:
                    return early
                case Ambiguous.LATER:
                    return late
                case Ambiguous.REJECT:
                    return Fault(Reason.TIME_AMBIGUOUS, self._column)
        # The clocks went forward: no instant shows it. The offset before the change moves it later.
        if self._times.nonexistent is Nonexistent.REJECT:
            return Fault(Reason.TIME_NONEXISTENT, self._column)
        return early

    def _bounded(self, instant: datetime) -> datetime | Fault:
        if not _EARLIEST <= instant < LATEST:
            return Fault(Reason.TIME_RANGE, self._column)
        if instant > self._latest:
            return Fault(Reason.TIME_FUTURE, self._column)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _by_format(text: str, name: str) -> datetime | None:
    try:
        match name:
            case "iso":
                return datetime.fromisoformat(text)
            case "unix":
                return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(Decimal(text)))
            case "unix_ms":
                return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
            case _:
                return datetime.strptime(text, name)  # noqa: DTZ007 - the map's zone is applied afterwards.
    except (ValueError, ArithmeticError):
        return None


class TextReader:
    """Reads text of bounded length."""

    def __init__(self, column: str, *, chars_max: int = TEXT_CHARS_MAX) -> None:
        self._column = column
        self._chars_max = chars_max

    def __call__(self, text: str) -> str | Fault:
        if len(text) > self._chars_max:
            return Fault(Reason.TOO_LONG, self._column)
        return text.replace("\0", "") if "\0" in text else text


def read_currency(column: str) -> Callable[[str], str | Fault]:
    """Return a reader of currency codes."""

    def read(text: str) -> str | Fault:
        code = text.upper()
        return code if _CURRENCY.fullmatch(code) else Fault(Reason.CURRENCY, column)

    return read


def scalar_reader(
    field: Field, *, numbers: NumberFormat, times: TimeFormat, now: datetime
) -> Callable[[str], Scalar | Fault]:
    """Return the reader of a trait or property, giving what JSON holds."""
    column = field.label
    match field.type:
        case CellType.TEXT:
            return TextReader(column)
        case CellType.BOOLEAN:
            return lambda text: _boolean(text, column)
        case CellType.INTEGER:
            number = NumberReader(numbers, column)
            return lambda text: _integer(number.exact(text), column)
        case CellType.NUMBER:
            exact = NumberReader(numbers, column)
            return lambda text: _float(exact.exact(text))
        case CellType.TIME:
            # Birthdays and expiry dates may lie anywhere, so only the calendar bounds them.
            moment = TimeReader(times, column, now=LATEST)
            return lambda text: _iso(moment(text))
        case CellType.DATE:
            day = TimeReader(times, column, now=LATEST)
            return day.calendar_day


def _boolean(text: str, column: str) -> bool | Fault:
    word = text.lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else Fault(Reason.BOOLEAN, column)


def _integer(number: Decimal | Fault, column: str) -> int | Fault:
    if isinstance(number, Fault):
        return number
    return int(number) if number == number.to_integral_value() else Fault(Reason.NUMBER, column)


def _float(number: Decimal | Fault) -> float | Fault:
    return number if isinstance(number, Fault) else float(number)


def _iso(moment: datetime | Fault) -> str | Fault:
    if isinstance(moment, Fault):
        return moment
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
