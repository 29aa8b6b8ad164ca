"""Conditions on attributes that hold a date or an instant: near, long ago, in this month, anniversaries."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StrictInt, model_validator

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.fields import AttributeKey
from quanyu.modules.events.asking.windows import Amount, Unit, span_of
from quanyu.modules.segments.conditions.facts import Ago, At

DAYS_MAX: Final = 36_600
LUNAR_DAYS_MAX: Final = 31
# Years between 1900 and 2199. Python and the warehouse's own regular expressions read this alike.
DAY_PATTERN: Final = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
INSTANT_PATTERN: Final = (
    r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?"
    r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$"
)

_Days = Annotated[StrictInt, Field(ge=-DAYS_MAX, le=DAYS_MAX)]


class _Range(Frozen):
    from_: Annotated[_Days, Field(alias="from")]
    to: _Days

    @model_validator(mode="after")
    def _in_order(self) -> "_Range":
        if self.from_ > self.to:
            raise ValueError("from must not be after to")
        return self


class Days(_Range):
    """The local day lies between today + ``from`` and today + ``to``, both included; 0 is today."""

    kind: Literal["days"]


class Almanac(StrEnum):
    """Which calendar's day and month come round again."""

    SOLAR = "solar"
    LUNAR = "lunar"


class Anniversary(_Range):
    """Day and month come round between today + ``from`` and today + ``to``.

    Solar: 29 February is kept on 28 February in common years. Lunar: what fell into a leap month is kept in
    the month of that number, the 30th on the 29th where the month is short. Not before the date itself.
    """

    kind: Literal["anniversary"]
    calendar: Almanac = Almanac.SOLAR

    @model_validator(mode="after")
    def _within_a_year(self) -> "Anniversary":
        longest = 365 if self.calendar is Almanac.SOLAR else LUNAR_DAYS_MAX
        if self.to - self.from_ > longest or max(abs(self.from_), abs(self.to)) > 365:
            raise ValueError(f"an anniversary lies within a year, and at most {longest} days are asked about")
        return self


class Within(Frozen):
    """The local day lies in the running day, week (from Monday), month or year."""

    kind: Literal["this"]
    period: Literal["day", "week", "month", "year"]


class Ahead(Frozen):
    """The instant lies after T, at most (or at least) so long ahead; the border is met."""

    kind: Literal["ahead"]
    op: Literal["at_least", "at_most"]
    amount: Amount
    unit: Unit

    @model_validator(mode="after")
    def _span_fits(self) -> "Ahead":
        span_of(self.amount, self.unit)
        return self


class DateTest(Frozen):
    """An attribute that holds a day (2026-05-01) or an instant with its offset; anything else is not met.

    A day alone counts from the midnight that begins it in the brand's zone. ``ago`` with ``at_most`` ends
    at T.
    """

    kind: Literal["date"]
    key: AttributeKey
    when: Annotated[Days | Anniversary | Within | Ago | Ahead | At, Field(discriminator="kind")]
