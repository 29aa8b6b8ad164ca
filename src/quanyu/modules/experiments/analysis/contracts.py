"""What crosses the boundary of results. Figures that cannot be told are ``None``."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.experiments.contracts import ARMS_MAX
from quanyu.modules.insight.metrics.contracts import MetricUnit


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Role(StrEnum):
    """What a metric is there for."""

    PRIMARY = "primary"  # Decides.
    FURTHER = "further"  # Is told.
    GUARDRAIL = "guardrail"  # Must not get worse.


class Outcome(StrEnum):
    """What an experiment says so far."""

    MISMATCH = "mismatch"  # The arms do not have the people they should: nothing is said.
    TOO_EARLY = "too_early"
    NO_DIFFERENCE_YET = "no_difference_yet"
    NO_DIFFERENCE = "no_difference"  # The planned time is over.
    BETTER = "better"
    HARMS = "harms"  # Better, but a guardrail got worse.
    WORSE = "worse"  # Every arm is worse than the control.


class DifferenceView(_View):
    """Treated minus control; ``relative`` is a share of the control's figure."""

    absolute: float
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p_value: float


class ArmReading(_View):
    """One arm's figure, and how it differs from the control's.

    ``fixed`` holds for one look at the planned end, ``sequential`` however often somebody looks: verdicts go
    by the latter, with ``adjusted_p`` for several comparisons (Holm).
    """

    arm: str
    people: int
    value: float | None
    fixed: DifferenceView | None
    sequential: DifferenceView | None
    adjusted_p: float | None
    chance_better: float | None
    expected_loss: float | None
    is_better: bool
    is_worse: bool


class MetricReading(_View):
    """One metric by arm, the control first; ``variance_kept`` is what CUPED left of the variance."""

    metric: str
    name: str
    name_en: str
    unit: MetricUnit
    role: Role
    lower_is_better: bool
    variance_kept: float | None
    arms: tuple[ArmReading, ...]


class SampleRatioView(_View):
    """Whether the arms have the people they should; ``None`` figures for bandits, whose shares move."""

    p_value: float | None
    mismatch: bool


class Verdict(_View):
    """What the experiment says, in plain words."""

    outcome: Outcome
    arm: str | None
    zh: str
    en: str
    advice_zh: str
    advice_en: str


class PeopleOfArm(_View):
    """People of one arm, without who met two."""

    arm: str
    people: int


class Reading(_View):
    """What one look found."""

    look: int
    at: datetime
    days: int  # Whole days since the start.
    people: tuple[PeopleOfArm, ...]
    excluded: int
    sample_ratio: SampleRatioView
    metrics: tuple[MetricReading, ...]
    verdict: Verdict


class Readings(_View):
    """Looks, the newest first."""

    items: tuple[Reading, ...]


class PowerQuestion(BaseModel):
    """How many people a planned experiment needs to find an effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["rate", "mean"]
    baseline: Annotated[float, Field(gt=0)]  # A rate lies below 1.
    deviation: Annotated[float, Field(gt=0)] | None = None  # Of a mean: its standard deviation.
    effect: Annotated[float, Field(gt=-1, le=10)]  # Relative: 0.05 is 5 % of the baseline.
    people_per_day: Annotated[float, Field(gt=0)]  # Who would meet the difference.
    arms: Annotated[int, Field(ge=2, le=ARMS_MAX)] = 2
    confidence: Literal["0.90", "0.95", "0.99"] = "0.95"
    power: Annotated[float, Field(ge=0.5, le=0.99)] = 0.8


class PowerAnswer(_View):
    """People of each arm and of all, and days in whole weeks."""

    per_arm: int
    people: int
    days: int
