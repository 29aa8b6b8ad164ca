"""Conditions on the rhythm of somebody's facts: stopped, taken up again, kept up regularly."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StrictInt, model_validator

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.windows import Amount, Ever, Unit, span_of

PERIODS_MAX: Final = 120


class Span(Frozen):
    """A length of time; a day is 24 hours."""

    amount: Amount
    unit: Unit

    @model_validator(mode="after")
    def _span_fits(self) -> "Span":
        span_of(self.amount, self.unit)
        return self

    @property
    def length(self) -> timedelta:
        """The same as a difference of instants."""
        return span_of(self.amount, self.unit)


class _Turn(Facts):
    """Facts before and after two borders: T - ``earlier`` and T - ``recent``."""

    window: Ever = Ever()  # The two spans are the window.
    earlier: Span
    recent: Span

    @model_validator(mode="after")
    def _recent_is_shorter(self) -> "_Turn":
        if self.recent.length >= self.earlier.length:
            raise ValueError("recent must be shorter than earlier")
        return self


class Stopped(_Turn):
    """Did it in [T - earlier, T - recent), and not since."""

    kind: Literal["stopped"]


class Restarted(_Turn):
    """Did it before T - earlier, not in [T - earlier, T - recent), and again since."""

    kind: Literal["restarted"]


class Calendar(StrEnum):
    """Periods of the calendar in the brand's zone; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Regular(Facts):
    """Did it in at least ``at_least`` of the last ``of`` periods; the running one is the last of them."""

    kind: Literal["regular"]
    window: Ever = Ever()  # The periods are the window.
    period: Calendar
    of: Annotated[StrictInt, Field(ge=1, le=PERIODS_MAX)]
    at_least: Annotated[StrictInt, Field(ge=1, le=PERIODS_MAX)]

    @model_validator(mode="after")
    def _possible(self) -> "Regular":
        if self.at_least > self.of:
            raise ValueError("at_least is at most as many periods as there are in of")
        return self
