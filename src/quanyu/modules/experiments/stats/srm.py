"""Sample ratio: whether people came into the arms in the shares that were planned (Fabijan et al. 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy import special

ALARM_BELOW: Final = 0.001


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Pearson's chi-squared over the arms that should have people."""

    statistic: float
    degrees: int  # Arms with a weight, less one.
    p_value: float  # 0 where people are in an arm that should have none.
    mismatch: bool  # Assignment or exposure is broken: no verdict may be drawn from this experiment.


def sample_ratio(counts: Sequence[int], weights: Sequence[float]) -> SampleRatio:
    """Compare ``counts`` of people with the ``weights`` of their arms (of any total).

    Raises:
        ValueError: unequal lengths, something negative, or no weight at all.
    """
    if len(counts) != len(weights) or min((*counts, *weights), default=0) < 0 or not sum(weights):
        raise ValueError("each arm has a count and a weight, none is negative, and some weight is positive")
    planned = [(count, weight) for count, weight in zip(counts, weights, strict=True) if weight > 0]
    strays = sum(counts) - sum(count for count, _ in planned)
    statistic, degrees = _chi_squared(planned), len(planned) - 1
    p_value = float(special.chdtrc(degrees, statistic)) if degrees else 1.0
    if strays:
        p_value = 0.0
    return SampleRatio(statistic, degrees, p_value, mismatch=p_value < ALARM_BELOW)


def _chi_squared(planned: Sequence[tuple[int, float]]) -> float:
    people, whole = sum(count for count, _ in planned), sum(weight for _, weight in planned)
    if not people:
        return 0.0
    expected = [people * weight / whole for _, weight in planned]
    return sum((count - at) ** 2 / at for (count, _), at in zip(planned, expected, strict=True))
