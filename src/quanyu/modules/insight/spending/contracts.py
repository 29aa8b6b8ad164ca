"""What crosses the boundary of spending. Amounts are decimal text in ``currency``; shares go from 0 to 1."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen, StudySummary


class Power(StrEnum):
    """Spending power, against the brand's other buyers."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class Affinity(StrEnum):
    """How often somebody buys with a discount, against the brand's orders as a whole."""

    HIGH = "high"
    USUAL = "usual"
    LOW = "low"
    NONE = "none"  # The brand had no order with a discount: nobody can be told apart.


class SpendingSettings(Frozen):
    """How far back to look, from how many orders on somebody is judged, and where the groups end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=30, le=1_098)] = 365
    orders_min: Annotated[int, Field(ge=1, le=50)] = 2
    low_below: Annotated[float, Field(gt=0, lt=1)] = 0.33  # Of the score of spending power.
    high_from: Annotated[float, Field(gt=0, lt=1)] = 0.67
    weight: Annotated[float, Field(ge=0, le=100)] = 3.0  # Orders of the crowd beside a person's own.
    apart: Annotated[float, Field(ge=0.05, le=0.9)] = 0.25  # From the brand's share, for high and low.

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low_below > self.high_from:
            raise ValueError("low_below must not be above high_from")
        return self


class CategoryPrices(Frozen):
    """Unit prices of one category ("": of none): a quarter of its lines cost at most ``low``."""

    category: str
    lines: int
    low: str
    median: str
    high: str


class SpendingCard(Frozen):
    """The brand's buyers: what people are compared with."""

    currency: str
    other_currencies: tuple[str, ...]  # What these figures leave out.
    first_day: date
    last_day: date
    orders: int  # That something was paid for in the end, of everybody known.
    discounted: int  # Of them, with a discount or coupon.
    judged_from: int  # Buyers in all; those with fewer orders than the settings ask for are not judged.
    typical_low: str  # Of those judged, a quarter typically spend less than this on an order.
    typical_median: str
    typical_high: str
    categories: tuple[CategoryPrices, ...]  # The greatest; others are used and not shown.


class SpendingSummary(StudySummary[SpendingCard, SpendingSettings]):
    """The last figures."""
