"""The brand's Liquid, one language everywhere: strict, bounded, and with the few filters messages need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from liquid import BoundTemplate, Environment
from liquid.exceptions import FilterArgumentError, LiquidError, UndefinedError
from liquid.undefined import FalsyStrictUndefined

from quanyu.kernel.errors import AppError, InvalidInput

_ZONE_KEY: Final = "__zone"
_LINKS_KEY: Final = "__links"
_SYMBOLS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}


# Makes a short link of an address; the name is what its clicks are counted under. Raises ``AppError`` for an
# address that links may not lead to.
LinkMaker = Callable[[str, str], str]


class InvalidLiquid(InvalidInput):
    """The Liquid is malformed, or uses a filter or tag that does not exist."""

    code = "quanyu.invalid_liquid"


class MissingValue(Exception):
    """A template writes a value that is not there. The message names the variable, never a value."""


class BrokenTemplate(Exception):
    """A template failed on the values it was given, or passed a limit."""


class _Missing(FalsyStrictUndefined):
    """A value that is not there: false in a condition, replaced by ``default``, refused when written."""

    force_liquid_default = True


class _Liquid(Environment):
    # A template is data from an operator: it may not run away with the process.
    loop_iteration_limit: ClassVar[int | None] = 10_000
    output_stream_limit: ClassVar[int | None] = 50_000
    local_namespace_limit: ClassVar[int | None] = 100_000


@dataclass(frozen=True, slots=True)
class LiquidText:
    """Some parsed Liquid."""

    template: BoundTemplate
    names: frozenset[str]  # The variables it reads, by their first segment.
    paths: frozenset[tuple[str, ...]]  # The same in full, as far as they are plain names.
    constant: str | None  # Text without any Liquid in it is not run at all.

    def render(self, variables: Mapping[str, Any], zone: ZoneInfo, links: LinkMaker | None = None) -> str:
        """Fill in ``variables``; ``zone`` is where the date filter puts instants, ``links`` makes short ones.

        Raises:
            MissingValue: a value that is written has no value and no default.
            BrokenTemplate: a filter cannot take its value, or a limit was passed.
        """
        if self.constant is not None:
            return self.constant
        try:
            return str(self.template.render({**variables, _ZONE_KEY: zone, _LINKS_KEY: links}))
        except UndefinedError as error:
            raise MissingValue(str(error.args[0])) from error
        except LiquidError as error:
            raise BrokenTemplate(type(error).__name__) from error


def parse_liquid(name: str, source: str, *, with_links: bool = False, markup: bool = False) -> LiquidText:
    """Parse ``source``; ``name`` is the part of the message it belongs to, for the error.

    ``with_links``: whoever renders it can make short links, so that ``short_link`` and ``qr`` exist. In
    ``markup`` every value that is written is escaped for HTML, unless ``safe`` says that it is HTML.

    Raises:
        InvalidLiquid: it is malformed, or uses a filter or tag that does not exist.
    """
    try:
        return _parse(source, with_links, markup)
    except LiquidError as error:
        problem = f"{name}: {error.args[0]}"[:300]
        raise InvalidLiquid(problem, message_zh=f"Liquid 有误：{problem}") from error


@lru_cache(maxsize=2_048)
def _parse(source: str, with_links: bool, markup: bool) -> LiquidText:
    environment = _environment(with_links, markup)
    template = environment.from_string(source)
    analysis = template.analyze()
    unknown = sorted(set(analysis.filters) - set(environment.filters))
    if unknown:
        raise LiquidError(f"unknown filter {unknown[0]!r}", token=None)
    plain = "{{" not in source and "{%" not in source
    paths = frozenset(
        tuple(str(segment) for segment in one.segments)
        for found in analysis.globals.values()
        for one in found
        if _is_plain(one.segments)
    )
    return LiquidText(template, frozenset(analysis.globals), paths, source if plain else None)


def _is_plain(segments: Sequence[object]) -> bool:
    return all(isinstance(segment, str) for segment in segments)


@lru_cache(maxsize=4)
def _environment(with_links: bool, markup: bool) -> Environment:
    environment = _Liquid(undefined=_Missing, strict_filters=True, autoescape=markup)
    environment.add_filter("date", _date)
    environment.add_filter("money", _money)
    environment.add_filter("mask", _mask)
    if with_links:
        environment.add_filter("short_link", _ShortLink(""))
        environment.add_filter("qr", _ShortLink(".png"))
    return environment


class _WithContext:
    """A filter that sees the render context."""

    with_context: ClassVar[bool] = True

    def __call__(self, value: object, pattern: object = "%Y-%m-%d %H:%M", *, context: Any) -> str:
        zone = context.resolve(_ZONE_KEY)
        return _as_instant(value).astimezone(zone).strftime(str(pattern))


_date: Final = _WithContext()


class _ShortLink:
    """``{{ address | short_link: "name" }}``; with an ending, the address of its picture."""

    with_context: ClassVar[bool] = True

    def __init__(self, ending: str) -> None:
        self._ending = ending

    def __call__(self, value: object, name: object = "", *, context: Any) -> str:
        make: LinkMaker | None = context.resolve(_LINKS_KEY, default=None)
        if make is None:
            raise FilterArgumentError("short_link: nothing here makes short links", token=None)
        try:
            return make(str(value), str(name)) + self._ending
        except AppError as error:
            raise FilterArgumentError(f"short_link: {error.message}", token=None) from error


def _as_instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise FilterArgumentError("date: expected an ISO-8601 time or epoch seconds", token=None) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _money(value: object, currency: object = "CNY") -> str:
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise FilterArgumentError("money: expected a number", token=None) from error
    code = str(currency)
    return f"{_SYMBOLS[code]}{amount:,}" if code in _SYMBOLS else f"{amount:,} {code}"


def _mask(value: object, keep_start: object = 3, keep_end: object = 4) -> str:
    """Hide the middle of a value: 13812345678 → 138****5678. A value too short to hide in is hidden whole."""
    text, start, end = str(value), int(str(keep_start)), int(str(keep_end))
    if start < 0 or end < 0:
        raise FilterArgumentError("mask: keep at least nothing", token=None)
    if len(text) <= start + end:
        return "*" * len(text)
    return text[:start] + "*" * (len(text) - start - end) + (text[-end:] if end else "")
