"""What crosses the boundary of lifecycle stages. Days are those of the brand's time zone."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen, StudyMove

DAYS_MAX: Final = 3_650
FLOW_DAYS_MAX: Final = 366
FORECASTS: Final = 3


class Stage(StrEnum):
    """Where a person stands with the brand."""

    NEW = "new"
    ACTIVE = "active"
    REPEAT = "repeat"
    LOYAL = "loyal"
    WON_BACK = "won_back"
    SLEEPING = "sleeping"
    LOST = "lost"


_Days = Annotated[int, Field(ge=1, le=DAYS_MAX)]


class LifecycleSettings(Frozen):
    """Where stages begin and end, in local days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new_days: _Days = 30  # So long after the first act somebody is new.
    sleeping_days: _Days = 60  # From so many silent days on they sleep,
    lost_days: _Days = 180  # and from so many on they are lost.
    won_back_days: _Days = 30  # So long after they returned from that they are won back.
    loyal_orders: Annotated[int, Field(ge=2, le=1_000)] = 5  # So many orders
    loyal_days: _Days = 365  # within so many days are loyal.

    @model_validator(mode="after")
    def _in_order(self) -> "LifecycleSettings":
        if self.sleeping_days >= self.lost_days:
            raise ValueError("somebody sleeps before they are lost: sleeping_days < lost_days")
        return self


class LifecycleCard(Frozen):
    """By which definitions stages were told."""

    definitions: LifecycleSettings
    as_of_day: date


class AskFlow(Frozen):
    """Movement from the end of the day ``days`` ago until now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=FLOW_DAYS_MAX)] = 30


class AskFlowPeople(AskFlow):
    """The people of a cell; ``before`` "" is whoever was not there yet."""

    before: Stage | None = None
    label: Stage


class Forecast(Frozen):
    """People by stage to be expected, ``in_days`` from now, if people go on as in the period."""

    in_days: int
    stages: dict[Stage, float]


class LifecycleFlow(Frozen):
    """Who went from stage to stage, and where that leads."""

    from_day: date
    to_day: date
    moves: tuple[StudyMove, ...]
    forecast: tuple[Forecast, ...]
