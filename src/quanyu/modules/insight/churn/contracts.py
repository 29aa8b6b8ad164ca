"""What crosses the boundary of churn. Probabilities and shares are from 0 to 1."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen

HORIZONS: Final = (90, 60, 30, 14, 7)  # Days; without a choice the longest the history allows.


class ChurnBasis(StrEnum):
    """What coming back is."""

    ORDERS = "orders"  # An order within the horizon.
    ACTS = "acts"  # Any act of their own.
    CONTRACT = "contract"  # Not leaving: events say when somebody joins and leaves.


class ChurnFeature(StrEnum):
    """What is known of a customer at a cut-off."""

    RECENCY_DAYS = "recency_days"
    ORDERS = "orders"
    ORDERS_LATELY = "orders_lately"
    SPENT = "spent"
    ORDER_VALUE = "order_value"
    GAP_DAYS = "gap_days"
    OVERDUE = "overdue"
    CATEGORIES = "categories"
    COUPON_SHARE = "coupon_share"
    ACTIVE_DAYS = "active_days"
    ACTIVE_LATELY = "active_lately"
    QUIET_DAYS = "quiet_days"
    VIEWS_LATELY = "views_lately"
    AGE_DAYS = "age_days"


class ChurnRefusal(StrEnum):
    """Why nobody has a probability."""

    NO_CUSTOMERS = "no_customers"
    HISTORY_TOO_SHORT = "history_too_short"
    TOO_FEW_PEOPLE = "too_few_people"
    TOO_ONE_SIDED = "too_one_sided"
    NO_BETTER_THAN_CHANCE = "no_better_than_chance"


_Name = Annotated[str, Field(max_length=200)]


class ChurnSettings(Frozen):
    """What leaving means to the brand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    basis: ChurnBasis = ChurnBasis.ORDERS
    horizon_days: Annotated[int, Field(ge=7, le=365)] | None = None  # None: the longest history allows.
    recent_days: Annotated[int, Field(ge=7, le=1_095)] | None = None  # None: two horizons.
    joined_event: _Name = ""
    left_event: _Name = ""

    @model_validator(mode="after")
    def _named(self) -> "ChurnSettings":
        if self.basis is ChurnBasis.CONTRACT and not (self.joined_event and self.left_event):
            raise ValueError("with a contract two events are named: joined_event and left_event")
        if self.basis is ChurnBasis.CONTRACT and self.joined_event == self.left_event:
            raise ValueError("joined_event and left_event are two different events")
        return self


class ChurnBin(Frozen):
    """A tenth of the people kept back, by foretold probability, the greatest first."""

    people: int
    foretold: float  # Mean probability.
    left: float  # The share who did leave.
    lift: float  # That share as a multiple of everybody's.


class ChurnTelling(Frozen):
    """How much worse people are told apart without a feature, and which way it points."""

    feature: str
    auc_lost: float
    raises: bool  # More of it goes with a higher risk.


class ChurnModel(Frozen):
    """How a model did on the time kept back."""

    name: str  # boosting, logistic, recency
    auc: float


class ChurnQuality(Frozen):
    """What happened on the time kept back, which no model had seen."""

    chosen: str
    models: tuple[ChurnModel, ...]
    base_rate: float
    log_loss: float
    base_log_loss: float  # Of telling everybody the share of before.
    brier: float
    calibration_error: float  # Mean distance between foretold and real share over the bins.
    bins: tuple[ChurnBin, ...]
    telling: tuple[ChurnTelling, ...]


class ChurnCard(Frozen):
    """On whom, over which time, how well; or why nobody has a probability."""

    refusal: ChurnRefusal | None = None
    basis: ChurnBasis
    horizon_days: int | None = None
    recent_days: int | None = None
    history_days: int = 0
    cut_offs: tuple[datetime, ...] = ()  # Learned from, the latest first.
    tested_at: datetime | None = None
    learned: int = 0  # Rows: a customer at a cut-off.
    learned_left: int = 0
    tested: int = 0
    tested_left: int = 0
    least_people: int
    least_each: int
    quality: ChurnQuality | None = None
    library: str | None = None
    seed: int
