"""Periods as instants: local days to milliseconds, and the calendar units inside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.insight.behaviour.language import DAYS_MAX, LastDays, Period, Unit
from quanyu.modules.insight.errors import InvalidAnalysis

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS: Final = range(1970, 2150)  # What the warehouse's dates can hold.


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds since 1970; the start belongs to it, the end does not."""

    start_ms: int
    end_ms: int

    def starts(self) -> datetime:
        """The first instant that belongs to it."""
        return instant(self.start_ms)

    def ends(self) -> datetime:
        """The first instant that no longer does."""
        return instant(self.end_ms)


@dataclass(frozen=True, slots=True)
class Days:
    """Local days of one question, seen from one instant."""

    first: date
    last: date
    zone: ZoneInfo
    as_of: datetime  # UTC, whole milliseconds; nothing after it counts.

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        """The days as instants, cut off after ``as_of``."""
        return self.between(self.first, self.last + timedelta(days=1))

    def between(self, first: date, end: date) -> Span:
        """Return local days [first, end), never outside these days, cut off after ``as_of``."""
        start_ms = midnight_ms(max(first, self.first), self.zone)
        end_ms = midnight_ms(min(end, self.last + timedelta(days=1)), self.zone)
        return Span(start_ms, max(start_ms, min(end_ms, epoch_ms(self.as_of) + 1)))

    def beyond(self, first: date, end: date | None) -> Span:
        """Return local days [first, end), also outside these days, cut off after ``as_of``."""
        latest = epoch_ms(self.as_of) + 1
        start_ms = midnight_ms(first, self.zone)
        end_ms = latest if end is None else min(midnight_ms(end, self.zone), latest)
        return Span(start_ms, max(start_ms, end_ms))

    def before(self) -> "Days":
        """Return as many days just before; where today is among these, cut off at the same time of day."""
        shift = timedelta(days=self.count)
        local = self.as_of.astimezone(self.zone)
        seen = datetime.combine(local.date() - shift, local.time(), tzinfo=self.zone).astimezone(UTC)
        return Days(self.first - shift, self.last - shift, self.zone, seen)

    def units(self, unit: Unit) -> tuple[date, ...]:
        """Return the first day of each calendar unit these days touch."""
        return tuple(_units(self.first, self.last, unit))


def days_of(period: Period, *, as_of: datetime, zone: ZoneInfo) -> Days:
    """Read a period.

    Raises:
        InvalidAnalysis: the dates are in the wrong order, more than 366, or too far away.
    """
    seen = as_of.astimezone(UTC)
    seen = seen.replace(microsecond=seen.microsecond // 1000 * 1000)
    if isinstance(period, LastDays):
        today = seen.astimezone(zone).date()
        return Days(today - timedelta(days=period.days - 1), today, zone, seen)
    if period.from_ > period.to:
        raise InvalidAnalysis("the period ends before it begins", message_zh="时间段的结束早于开始")
    if (period.to - period.from_).days >= DAYS_MAX:
        raise InvalidAnalysis(f"a period has at most {DAYS_MAX} days", message_zh=f"时间段最多 {DAYS_MAX} 天")
    if period.from_.year not in _YEARS or period.to.year + 1 not in _YEARS:
        raise InvalidAnalysis(
            "a period lies between 1970 and 2148", message_zh="时间段须在 1970 年到 2148 年之间"
        )
    return Days(period.from_, period.to, zone, seen)


def first_of(day: date, unit: Unit) -> date:
    """Return the first day of the calendar unit a day is in."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)


def add_units(first: date, unit: Unit, count: int) -> date:
    """Return the first day of the unit ``count`` units after the one that begins on ``first``."""
    if unit is not Unit.MONTH:
        return first + timedelta(days=count * (7 if unit is Unit.WEEK else 1))
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _units(first: date, last: date, unit: Unit) -> Iterator[date]:
    current = first_of(first, unit)
    while current <= last:
        yield current
        current = add_units(current, unit, 1)


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a local day; where midnight does not exist, the first that does."""
    return epoch_ms(datetime.combine(day, time(), tzinfo=zone))


def epoch_ms(at: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(ms: int) -> datetime:
    """Return the instant of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)
