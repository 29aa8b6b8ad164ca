"""What crosses the boundary of life rhythm. Hours and weekdays are those of the brand's time zone."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from quanyu.modules.insight.studies.contracts import Frozen


class DayPart(StrEnum):
    """When somebody's best hour is."""

    NIGHT = "night"  # 0 to 5
    MORNING = "morning"  # 6 to 10
    NOON = "noon"  # 11 to 13
    AFTERNOON = "afternoon"  # 14 to 17
    EVENING = "evening"  # 18 to 23


class RhythmSettings(Frozen):
    """How far back to look, and how many visits of one's own it takes to be believed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=14, le=366)] = 90
    weight: Annotated[int, Field(ge=1, le=1_000)] = 10  # Visits of the crowd beside a person's own.


class RhythmCard(Frozen):
    """The brand's week: what people of few visits are taken to be like."""

    first_day: date
    last_day: date
    time_zone: str
    visits: int
    week: tuple[tuple[int, ...], ...]  # Visits by weekday, from Monday, and hour.
    hours: tuple[float, ...]  # 24 shares, together 1.
    weekdays: tuple[float, ...]  # 7 shares from Monday.
    best_hour: int
