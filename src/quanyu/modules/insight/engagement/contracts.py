"""What crosses the boundary of engagement."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.interests.contracts import EventWeight
from quanyu.modules.insight.studies.contracts import Frozen, StudySummary


class Level(StrEnum):
    """How engaged somebody is, by their score."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


DEFAULT_POINTS = (
    EventWeight(name="Order Completed", weight=10),
    EventWeight(name="wechat.official_account.followed", weight=5),
    EventWeight(name="wechat.wecom.customer_added", weight=5),
    EventWeight(name="Product Shared", weight=4),
    EventWeight(name="wechat.official_account.message_received", weight=3),
    EventWeight(name="Product Added", weight=3),
    EventWeight(name="wechat.official_account.scanned", weight=2),
    EventWeight(name="wechat.official_account.menu_clicked", weight=2),
)


class EngagementSettings(Frozen):
    """What an event is worth, how fast it fades, and where levels begin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: Annotated[tuple[EventWeight, ...], Field(max_length=100)] = DEFAULT_POINTS
    other_weight: Annotated[float, Field(ge=0, le=100)] = 1.0  # Of events without a weight of their own.
    page_weight: Annotated[float, Field(ge=0, le=100)] = 0.5  # Of a page or screen.
    half_life_days: Annotated[int, Field(ge=1, le=180)] = 14
    daily_max: Annotated[int, Field(ge=1, le=1_000)] = 5  # Events of one name that count on one day.
    middle: Annotated[float, Field(gt=0, le=100_000)] | None = None  # Points that make 50; else the median.
    middle_from: Annotated[int, Field(ge=1, le=99)] = 33
    high_from: Annotated[int, Field(ge=2, le=100)] = 67

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [one.name for one in self.weights]
        if len(names) != len(set(names)):
            raise ValueError("each event stands once")
        if self.middle_from >= self.high_from:
            raise ValueError("middle_from must be below high_from")
        return self


class EventPoints(Frozen):
    """What the events of one name were worth, and to how many people."""

    name: str
    points: float
    people: int


class EngagementCard(Frozen):
    """What scores come from; groups are by tens of the score."""

    first_day: date
    last_day: date
    middle: float  # The points that make a score of 50.
    events: tuple[EventPoints, ...]  # Those worth most.


class EngagementSummary(StudySummary[EngagementCard, EngagementSettings]):
    """The last scores."""
