"""When a welcome's periods hold, by the brand's own wall clock."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from quanyu.modules.staff.welcomes.contents import Frozen

Weekday = Annotated[int, Field(ge=1, le=7)]  # 1 Monday … 7 Sunday.


class SpecialDates(Frozen):
    """Dates from the first to the last, both included, all day or from ``begins`` to ``ends`` each day."""

    kind: Literal["special"] = "special"
    first: date
    last: date
    begins: time = time(0, 0)
    ends: time = time(0, 0)  # Not included; at or before ``begins`` it is of the next day.

    @model_validator(mode="after")
    def _goes_forward(self) -> "SpecialDates":
        if self.last < self.first:
            raise ValueError("the last date is before the first")
        _require_wall_times(self.begins, self.ends)
        return self

    def holds(self, local: datetime) -> bool:
        """Whether the period holds at an instant of the brand's wall clock."""
        day = _day_of_window(local, self.begins, self.ends)
        return day is not None and self.first <= day <= self.last


class WeeklyWindow(Frozen):
    """Some weekdays, from ``begins`` to ``ends``; a window across midnight belongs to the day it begins."""

    kind: Literal["weekly"] = "weekly"
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    begins: time = time(0, 0)
    ends: time = time(0, 0)

    @model_validator(mode="after")
    def _is_a_window(self) -> "WeeklyWindow":
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError("a weekday is named twice")
        _require_wall_times(self.begins, self.ends)
        return self

    def holds(self, local: datetime) -> bool:
        """Whether the window holds at an instant of the brand's wall clock."""
        day = _day_of_window(local, self.begins, self.ends)
        return day is not None and day.isoweekday() in self.weekdays


Period = Annotated[SpecialDates | WeeklyWindow, Field(discriminator="kind")]


def _require_wall_times(begins: time, ends: time) -> None:
    if begins.tzinfo is not None or ends.tzinfo is not None:
        raise ValueError("times are those of the brand's own zone, without an offset")


def _day_of_window(local: datetime, begins: time, ends: time) -> date | None:
    """Return the day whose window holds ``local``: today's, yesterday's past midnight, or none."""
    now, today = local.time(), local.date()
    if begins < ends:
        return today if begins <= now < ends else None
    if now >= begins:
        return today
    return today - timedelta(days=1) if now < ends else None
