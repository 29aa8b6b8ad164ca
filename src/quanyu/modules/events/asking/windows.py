"""Windows of time an event condition looks at. Nothing after the instant of evaluation counts."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, StrictInt, model_validator

from quanyu.modules.events.asking.comparisons import Frozen

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)  # The warehouse's instants begin here.
_SPAN_MAX: Final = timedelta(days=36_600)


class Unit(StrEnum):
    """Units of a rolling span; a day is 24 hours. Calendar days are ``CalendarWindow``."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


def _whole_milliseconds(instant: datetime) -> datetime:
    if instant.microsecond % 1000:
        raise ValueError("instants are exact to the millisecond; write at most three decimals")
    if not 1970 <= instant.astimezone(UTC).year < 2200:
        raise ValueError("instants lie between 1970 and 2199")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_whole_milliseconds)]
Amount = Annotated[StrictInt, Field(ge=1, le=3_200_000_000)]


def span_of(amount: int, unit: Unit) -> timedelta:
    """Return the length of ``amount`` units.

    Raises:
        ValueError: longer than 100 years.
    """
    span = timedelta(**{unit.value: amount})
    if span > _SPAN_MAX:
        raise ValueError("a span is at most 100 years")
    return span


class Ever(Frozen):
    """All history up to the instant of evaluation."""

    kind: Literal["ever"] = "ever"


class RollingWindow(Frozen):
    """The span that ends at the instant of evaluation T: [T - span, T], both ends included."""

    kind: Literal["rolling"]
    amount: Amount
    unit: Unit

    @model_validator(mode="after")
    def _span_fits(self) -> "RollingWindow":
        span_of(self.amount, self.unit)
        return self

    @property
    def span(self) -> timedelta:
        """Its length."""
        return span_of(self.amount, self.unit)


class AbsoluteWindow(Frozen):
    """A fixed period [from, to): the beginning belongs to it, the end does not."""

    kind: Literal["absolute"]
    from_: Instant | None = Field(default=None, alias="from")
    to: Instant | None = None

    @model_validator(mode="after")
    def _order(self) -> "AbsoluteWindow":
        if self.from_ is None and self.to is None:
            raise ValueError("an absolute window needs from, to or both")
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise ValueError("from must be earlier than to")
        return self


class Period(StrEnum):
    """Calendar periods in the brand's time zone; weeks begin on Monday."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_DAYS = "last_days"  # n calendar days, today being the last of them.
    THIS_WEEK = "this_week"
    THIS_MONTH = "this_month"
    THIS_YEAR = "this_year"


class CalendarWindow(Frozen):
    """A calendar period aligned to local midnight; ``n`` only with ``last_days``."""

    kind: Literal["calendar"]
    period: Period
    n: Annotated[StrictInt, Field(ge=1, le=3_660)] | None = None

    @model_validator(mode="after")
    def _n_fits(self) -> "CalendarWindow":
        if (self.n is not None) != (self.period is Period.LAST_DAYS):
            raise ValueError("n is for last_days, and last_days needs it")
        return self


Window = Annotated[Ever | RollingWindow | AbsoluteWindow | CalendarWindow, Field(discriminator="kind")]


class Bounds(NamedTuple):
    """Milliseconds since 1970; both ends included; an open start is ``None``."""

    first_ms: int | None
    last_ms: int


def epoch_ms(instant: datetime) -> int:
    """Return whole milliseconds since 1970; anything finer is cut off."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def bounds_of(window: Window, *, as_of: datetime, zone: ZoneInfo) -> Bounds:
    """Turn a window into the first and last millisecond that belong to it."""
    as_of_ms = epoch_ms(as_of)
    match window:
        case Ever():
            return Bounds(None, as_of_ms)
        case RollingWindow():
            span_ms = window.span // timedelta(milliseconds=1)
            return Bounds(max(as_of_ms - span_ms, epoch_ms(_EARLIEST)), as_of_ms)
        case AbsoluteWindow():
            first = None if window.from_ is None else epoch_ms(window.from_)
            last = as_of_ms if window.to is None else min(as_of_ms, epoch_ms(window.to) - 1)
            return Bounds(first, last)
        case CalendarWindow():
            return _calendar_bounds(window, as_of=as_of, zone=zone)


def _calendar_bounds(window: CalendarWindow, *, as_of: datetime, zone: ZoneInfo) -> Bounds:
    today = as_of.astimezone(zone).date()

    def midnight_ms(days_before_today: int) -> int:
        day = today - timedelta(days=days_before_today)
        return epoch_ms(datetime.combine(day, time(), tzinfo=zone))

    as_of_ms = epoch_ms(as_of)
    match window.period:
        case Period.TODAY:
            return Bounds(midnight_ms(0), as_of_ms)
        case Period.YESTERDAY:
            return Bounds(midnight_ms(1), midnight_ms(0) - 1)
        case Period.LAST_DAYS:
            return Bounds(midnight_ms((window.n or 1) - 1), as_of_ms)
        case Period.THIS_WEEK:
            return Bounds(midnight_ms(today.weekday()), as_of_ms)
        case Period.THIS_MONTH:
            return Bounds(midnight_ms(today.day - 1), as_of_ms)
        case Period.THIS_YEAR:
            return Bounds(midnight_ms(today.timetuple().tm_yday - 1), as_of_ms)


def period_starts(period: str, count: int, *, as_of: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """Return when each of the last ``count`` days, weeks or months began, the running one last."""
    today = as_of.astimezone(zone).date()
    match period:
        case "day":
            days = [today - timedelta(days=back) for back in range(count)]
        case "week":
            monday = today - timedelta(days=today.weekday())
            days = [monday - timedelta(weeks=back) for back in range(count)]
        case _:
            months = [today.year * 12 + today.month - 1 - back for back in range(count)]
            days = [date(month // 12, month % 12 + 1, 1) for month in months]
    return tuple(epoch_ms(datetime.combine(day, time(), tzinfo=zone)) for day in reversed(days))
