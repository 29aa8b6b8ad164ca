"""How values are spread: bars for a chart, from values with how many people have each. Pure."""

from collections.abc import Sequence
from datetime import datetime
from math import floor, isfinite, log10
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.insight.computed.contracts import SpreadBar, ValueSpread
from quanyu.modules.insight.computed.values import ValueType, read_instant

BARS: Final = 12
TIME_BARS: Final = 36
_MONTHS_FROM_DAYS: Final = 31

Counted = Sequence[tuple[Any, int]]  # (JSON value, people)


def spread(values: Counted, kind: ValueType, zone: ZoneInfo) -> ValueSpread:
    """Return the bars of values of one type."""
    match kind:
        case ValueType.NUMBER:
            return _numbers([(float(value), people) for value, people in values])
        case ValueType.TIME:
            found = [(read_instant(str(value)), people) for value, people in values]
            return _times([(at.astimezone(zone), people) for at, people in found if at is not None])
        case ValueType.LIST:
            return _words([(one, people) for value, people in values for one in value], kind, values)
        case _:
            return _words([(_word(value), people) for value, people in values], kind, values)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(words: Counted, kind: ValueType, values: Counted) -> ValueSpread:
    counts: dict[str, int] = {}
    for word, people in words:
        counts[word] = counts.get(word, 0) + people
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ValueSpread(
        type=kind,
        people=sum(people for _, people in values),
        bins=tuple(SpreadBar(label=word, people=people) for word, people in ordered[:BARS]),
        other=sum(people for _, people in ordered[BARS:]),
    )


def _times(values: Sequence[tuple[datetime, int]]) -> ValueSpread:
    days = sorted({at.date() for at, _ in values})
    by_month = bool(days) and (days[-1] - days[0]).days > _MONTHS_FROM_DAYS
    counts: dict[str, int] = {}
    for at, people in values:
        label = at.strftime("%Y-%m" if by_month else "%Y-%m-%d")
        counts[label] = counts.get(label, 0) + people
    ordered = sorted(counts.items())
    return ValueSpread(
        type=ValueType.TIME,
        people=sum(people for _, people in values),
        bins=tuple(SpreadBar(label=label, people=people) for label, people in ordered[-TIME_BARS:]),
        other=sum(people for _, people in ordered[:-TIME_BARS]),
    )


def _numbers(values: Sequence[tuple[float, int]]) -> ValueSpread:
    ordered = sorted(one for one in values if isfinite(one[0]))
    people = sum(count for _, count in ordered)
    if not people:
        return ValueSpread(type=ValueType.NUMBER, people=0, bins=(), other=0)
    return ValueSpread(
        type=ValueType.NUMBER,
        people=people,
        bins=_bars(ordered, people),
        other=0,
        least=ordered[0][0],
        most=ordered[-1][0],
        mean=sum(value * count for value, count in ordered) / people,
        median=_quantile(ordered, people, 0.5),
    )


def _bars(ordered: Sequence[tuple[float, int]], people: int) -> tuple[SpreadBar, ...]:
    """One bar per value where there are few whole ones, else equal steps and the long tail in one."""
    if len(ordered) <= BARS and all(value == int(value) for value, _ in ordered):
        return tuple(
            SpreadBar(label=_text(value), start=value, end=value, people=count) for value, count in ordered
        )
    low, high = ordered[0][0], _quantile(ordered, people, 0.95)
    step = _nice((high - low) / (BARS - 2) or max(abs(low), 1.0) / 10)
    first = floor(low / step) * step
    counts = [0] * BARS
    for value, count in ordered:
        counts[min(BARS - 1, int((value - first) / step))] += count
    while counts and not counts[-1]:
        counts.pop()
    bins = []
    for place, count in enumerate(counts):
        start, end = first + place * step, first + (place + 1) * step
        is_open = place == BARS - 1
        label = f"≥ {_text(start)}" if is_open else f"{_text(start)}–{_text(end)}"
        bins.append(SpreadBar(label=label, start=start, end=None if is_open else end, people=count))
    return tuple(bins)


def _quantile(ordered: Sequence[tuple[float, int]], people: int, share: float) -> float:
    """Return the smallest value that at least ``share`` of the people do not exceed."""
    seen = 0
    for value, count in ordered:
        seen += count
        if seen >= share * people:
            return value
    return ordered[-1][0]


def _nice(step: float) -> float:
    """Return the next of 1, 2, 5, 10 … times a power of ten."""
    power: float = 10.0 ** floor(log10(step))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= step * 0.999999)


def _text(value: float) -> str:
    return f"{value:.10g}"
