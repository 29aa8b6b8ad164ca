"""What crosses the boundary of clusters."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, field_validator

from quanyu.modules.insight.studies.contracts import Frozen, TwoWords

K_MIN: Final = 2
K_MAX: Final = 10
NAME_MAX: Final = 40


class Feature(StrEnum):
    """What people may be compared by; ``features.py`` says how each is measured."""

    RECENCY_DAYS = "recency_days"
    ORDERS = "orders"
    SPENT = "spent"
    ORDER_VALUE = "order_value"
    CATEGORIES = "categories"
    COUPON_SHARE = "coupon_share"
    ACTIVE_DAYS = "active_days"
    QUIET_DAYS = "quiet_days"
    VIEWS = "views"
    AGE_DAYS = "age_days"
    WEEKEND_SHARE = "weekend_share"
    NIGHT_SHARE = "night_share"


DEFAULT_FEATURES: Final = (
    Feature.RECENCY_DAYS,
    Feature.ORDERS,
    Feature.SPENT,
    Feature.ORDER_VALUE,
    Feature.ACTIVE_DAYS,
)


class ClusterSettings(Frozen):
    """By what people are compared, into how many clusters, and names given by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: Annotated[tuple[Feature, ...], Field(min_length=2, max_length=len(Feature))] = DEFAULT_FEATURES
    k: Annotated[int, Field(ge=K_MIN, le=K_MAX)] | None = None  # None: chosen by the data.
    names: dict[str, Annotated[str, Field(min_length=1, max_length=NAME_MAX)]] = Field(default_factory=dict)

    @field_validator("features")
    @classmethod
    def _each_once(cls, features: tuple[Feature, ...]) -> tuple[Feature, ...]:
        return tuple(dict.fromkeys(features))


class ClusterRefusal(StrEnum):
    """Why there are no clusters."""

    TOO_FEW_PEOPLE = "too_few_people"
    TOO_FEW_FEATURES = "too_few_features"
    NOTHING_STANDS_OUT = "nothing_stands_out"


class ClusterTried(Frozen):
    """One number of clusters that was tried."""

    k: int
    silhouette: float
    stability: float  # Mean adjusted Rand index between the fit and fits of resampled people.


class StandOut(Frozen):
    """A feature in which a cluster differs: how many standard deviations from everybody's mean."""

    feature: Feature
    difference: float


class Cluster(Frozen):
    """A group of people; ``id`` stays while it is the same group, from run to run."""

    id: str
    name: TwoWords
    people: int
    is_new: bool  # Not found in the computation before.
    medians: dict[Feature, float]
    stand_out: tuple[StandOut, ...]
    center: tuple[float, ...]  # In the card's scale.


class ClusterScale(Frozen):
    """How a feature became a coordinate: (log(1 + x) or x, less ``middle``) / ``spread``."""

    feature: Feature
    is_log: bool
    middle: float
    spread: float


class ClusterCard(Frozen):
    """How the clusters were found, and how far to trust them."""

    people: int  # With enough data to be compared.
    too_little: int
    outliers: int
    least_people: int
    sampled: int
    seed: int
    refusal: ClusterRefusal | None = None
    k: int | None = None
    is_k_given: bool = False
    tried: tuple[ClusterTried, ...] = ()
    scales: tuple[ClusterScale, ...] = ()
    constant: tuple[Feature, ...] = ()  # Chosen, but the same for nearly everybody.
    clusters: tuple[Cluster, ...] = ()
    last_number: int = 0  # Ids of clusters are never used again.
    library: str = ""
