"""Before the start: how many people an experiment needs, what it can find, and how long it takes.

All for two-sided tests of each treated arm against control at equal sizes; with several treated arms the
level is shared out evenly among them (Bonferroni), a little more careful than Holm's adjustment afterwards.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scipy import optimize, special

MOST_PEOPLE: Final = 10**12  # More than there are: an effect that needs these cannot be found.
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class MeanBaseline:
    """Mean and variance of an outcome as it is now; after CUPED, of the adjusted one."""

    mean: float
    variance: float


class NullVariance(StrEnum):
    """Which variance a rate has if nothing changes."""

    POOLED = "pooled"  # That of the rate half way, as the test has it that is run afterwards.
    BASELINE = "baseline"  # That of now, as Evan Miller's calculator has it: to compare with it.


@dataclass(frozen=True, slots=True)
class RateBaseline:
    """The share of people who do it now."""

    rate: float
    null_variance: NullVariance = NullVariance.POOLED


Baseline = MeanBaseline | RateBaseline


def needed_per_arm(
    baseline: Baseline, smallest_effect: float, power: float = 0.8, alpha: float = 0.05, arms: int = 2
) -> int:
    """Return how many people each arm needs to find an absolute change of ``smallest_effect``, of any sign.

    Means: Guenther's correction (1981) of the normal formula. Rates: the z test of two proportions (Fleiss,
    Levin and Paik 2003, chapter 4), without correction for continuity.

    Raises:
        ValueError: no effect, or one that leads out of 0 … 1 for a rate, or a level out of range.
    """
    if not smallest_effect or not math.isfinite(smallest_effect):
        raise ValueError("an effect to be found is not 0")
    level, chance = _scores(power, alpha, arms)
    exact = _exact_per_arm(baseline, smallest_effect, level, chance)
    if exact > MOST_PEOPLE:
        raise ValueError(f"an effect of {smallest_effect} is too small to be found by anyone")
    return max(2, math.ceil(exact - 1e-9))


def detectable_effect(
    baseline: Baseline, per_arm: int, power: float = 0.8, alpha: float = 0.05, arms: int = 2
) -> float | None:
    """Return the smallest absolute rise that ``per_arm`` people find, or ``None`` if they find none."""
    level, chance = _scores(power, alpha, arms)
    if isinstance(baseline, MeanBaseline):
        left = per_arm - level * level / 4
        return (level + chance) * math.sqrt(2 * _variance(baseline) / left) if left > 0 else None
    room = 1 - _rate(baseline)

    def lacking(effect: float) -> float:
        return math.log(_exact_per_arm(baseline, effect, level, chance)) - math.log(per_arm)

    smallest = min(1e-9, room / 2)
    if per_arm < 2 or lacking(room) > 0 or lacking(smallest) < 0:
        return None
    return float(optimize.brentq(lacking, smallest, room, xtol=1e-12))


def days_needed(per_arm: int, arms: int, people_per_day: float, smallest_share: float | None = None) -> int:
    """Return the days until every arm has ``per_arm`` people, in whole weeks: weekdays differ.

    ``smallest_share`` is that of the arm that fills last; none means equal arms.
    """
    share = 1 / arms if smallest_share is None else smallest_share
    if arms < 2 or people_per_day <= 0 or not 0 < share <= 1 / arms + 1e-9:
        raise ValueError("two arms or more, people every day, and a smallest share of at most an equal one")
    return max(1, math.ceil(per_arm / (people_per_day * share) / _WEEK - 1e-9)) * _WEEK


def _exact_per_arm(baseline: Baseline, effect: float, level: float, chance: float) -> float:
    if isinstance(baseline, MeanBaseline):
        return 2 * _variance(baseline) * ((level + chance) / effect) ** 2 + level * level / 4
    now, then = _rate(baseline), baseline.rate + effect
    if not 0 <= then <= 1 + 1e-12:
        raise ValueError(f"a rate of {now} cannot change by {effect}")
    middle = (now + then) / 2 if baseline.null_variance is NullVariance.POOLED else now
    null = math.sqrt(2 * middle * (1 - middle))
    other = math.sqrt(now * (1 - now) + max(0.0, then * (1 - then)))
    return ((level * null + chance * other) / effect) ** 2


def _scores(power: float, alpha: float, arms: int) -> tuple[float, float]:
    if arms < 2 or not 0 < alpha < 1 or not alpha < power < 1:
        raise ValueError("two arms or more, a level between 0 and 1, and a power above the level")
    return float(special.ndtri(1 - alpha / (2 * (arms - 1)))), float(special.ndtri(power))


def _variance(baseline: MeanBaseline) -> float:
    if not baseline.variance > 0:
        raise ValueError("an outcome that does not vary needs no experiment")
    return baseline.variance


def _rate(baseline: RateBaseline) -> float:
    if not 0 < baseline.rate < 1:
        raise ValueError(f"a baseline rate lies between 0 and 1, not at {baseline.rate}")
    return baseline.rate
