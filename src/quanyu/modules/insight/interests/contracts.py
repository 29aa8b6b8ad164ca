"""What crosses the boundary of interests."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen, StudySummary

ITEMS = "items.category"  # The categories of the products an event names.
_Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class EventWeight(Frozen):
    """How much one event of a name says; 0 leaves them out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Text
    weight: Annotated[float, Field(ge=0, le=100)]


class CategoryName(Frozen):
    """What a value that events say is called as a category; "" leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: _Text
    category: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]


DEFAULT_WEIGHTS = (
    EventWeight(name="Order Completed", weight=5),
    EventWeight(name="Product Added", weight=3),
    EventWeight(name="Product Added to Wishlist", weight=3),
    EventWeight(name="Product Shared", weight=3),
    EventWeight(name="Product Clicked", weight=1),
    EventWeight(name="Product Viewed", weight=1),
)


class InterestSettings(Frozen):
    """Where categories stand, what they are called, and what counts how much."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Annotated[tuple[_Text, ...], Field(min_length=1, max_length=20)] = (ITEMS, "category", "tags")
    names: Annotated[tuple[CategoryName, ...], Field(max_length=500)] = ()
    weights: Annotated[tuple[EventWeight, ...], Field(max_length=100)] = DEFAULT_WEIGHTS
    other_weight: Annotated[float, Field(ge=0, le=100)] = 1.0  # Of events without a weight of their own.
    page_weight: Annotated[float, Field(ge=0, le=100)] = 0.5  # Of pages and screens without one.
    half_life_days: Annotated[int, Field(ge=1, le=365)] = 30
    weight: Annotated[float, Field(ge=0, le=1_000)] = 5.0  # Of the crowd beside a person's own.

    @model_validator(mode="after")
    def _once(self) -> Self:
        for told in ([one.value for one in self.names], [one.name for one in self.weights], [*self.fields]):
            if len(told) != len(set(told)):
                raise ValueError("each value, event and field stands once")
        return self


class CategoryShare(Frozen):
    """One category: its share of all interest, people with any, and its share about four weeks ago."""

    category: str
    share: float
    people: int
    share_before: float | None


class InterestDay(Frozen):
    """Shares as of a local day, of the greatest categories."""

    day: date
    shares: dict[str, float]


class InterestCard(Frozen):
    """The brand's interests: what people of whom little is known are taken to like."""

    categories: tuple[CategoryShare, ...]
    left_out: int  # Categories beyond those kept.
    history: tuple[InterestDay, ...]


class InterestProposal(Frozen):
    """A property that may tell categories: events that have it of those looked at, and its values."""

    field: str
    events: int
    different: int
    examples: tuple[str, ...]
    is_used: bool


class InterestSummary(StudySummary[InterestCard, InterestSettings]):
    """The last interests."""
