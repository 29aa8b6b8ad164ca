"""The model card: on whom a model was fitted, how well it foretells, and why it may refuse to speak."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Refusal(StrEnum):
    """Why there is no forecast. A wrong forecast is worse than none."""

    NO_ORDERS = "no_orders"
    HISTORY_TOO_SHORT = "history_too_short"
    TOO_FEW_REPEAT_BUYERS = "too_few_repeat_buyers"
    TOO_FEW_TO_CHECK = "too_few_to_check"
    NOT_FITTED = "not_fitted"
    MISSES_HOLDOUT = "misses_holdout"


class ValueRefusal(StrEnum):
    """Why purchases are foretold but amounts are not."""

    NOT_FITTED = "not_fitted"
    SPENDING_TOO_UNEVEN = "spending_too_uneven"


class Caution(StrEnum):
    """What to keep in mind."""

    FORECAST_OFF = "forecast_off"
    NO_BETTER_THAN_PACE = "no_better_than_pace"
    SPENDING_FOLLOWS_FREQUENCY = "spending_follows_frequency"


class FrequencyModel(_Frozen):
    """BG/NBD: parameters with time in weeks."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    patterns: int  # Distinct purchase patterns of all people.
    steps: int  # Of the optimiser.


class SpendModel(_Frozen):
    """Gamma-Gamma: ``v`` in units of the currency."""

    p: float
    q: float
    v: float
    log_likelihood: float
    people: int  # Repeat buyers it was fitted on.
    correlation: float  # Between how often people buy and what they spend each time.
    mean_minor: int | None  # What the average person spends each time.


class HoldoutBin(_Frozen):
    """People with the same number of repeat purchases before the hold-out period."""

    repeats: int
    or_more: bool
    people: int
    actual: float  # Mean purchases in the period.
    expected: float


class Holdout(_Frozen):
    """The latest part of the history, foretold from what came before it."""

    from_: date  # The first day kept back.
    days: int
    people: int
    actual: int  # Days with a purchase in the period.
    expected: float
    error: float  # expected / actual - 1.
    per_person_error: float  # Mean absolute error.
    pace_per_person_error: float  # The same of a baseline: everybody goes on at their own pace.
    auc: float | None  # Of telling who buys at all; None when all or nobody did.
    recency_auc: float | None  # The same of a baseline: who bought latest.
    bins: tuple[HoldoutBin, ...]


class ModelCard(_Frozen):
    """Everything needed to judge the figures of one computation."""

    people: int
    repeat_buyers: int
    first_day: date | None
    as_of_day: date
    refusal: Refusal | None = None
    value_refusal: ValueRefusal | None = None
    cautions: tuple[Caution, ...] = ()
    least_repeat_buyers: int  # What this release asks for before it speaks.
    least_days: int
    frequency: FrequencyModel | None = None
    spend: SpendModel | None = None
    holdout: Holdout | None = None
