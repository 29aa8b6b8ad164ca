"""Results one may look at any number of times: asymptotic confidence sequences.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
sequences" (arXiv 2103.06476v7, 2023): equation 9 for the interval, 161 for what it is tuned for.
"""

import math
from typing import Final

from quanyu.modules.experiments.stats.difference import (
    CONFIDENCE,
    Difference,
    check_confidence,
    settled,
    standard_error,
    untold,
)
from quanyu.modules.experiments.stats.moments import Moments

TUNED_FOR: Final = 5000  # People of both arms together; GrowthBook's choice.


def always_valid(
    control: Moments, treated: Moments, confidence: float = CONFIDENCE, tuned_for: int = TUNED_FOR
) -> Difference:
    """Compare two means so that interval and p value hold at all looks together.

    ``tuned_for`` is the number of people of both arms at which the interval is narrowest for its kind; it is
    chosen before the start and stays. The guarantee is asymptotic: do not look below some 100 people an arm.
    Ratios and adjusted outcomes come as the moments of ``difference.ratio_moments`` and ``cuped.adjusted``.
    """
    check_confidence(confidence)
    if tuned_for < 1:
        raise ValueError("an interval is tuned for at least one person")
    absolute = treated.mean - control.mean
    error = standard_error(control, treated)
    if error is None:
        return untold(absolute, control.mean, confidence)
    alpha = 1 - confidence
    grown = (control.n + treated.n) * _rho_squared(alpha, tuned_for)
    reach = math.sqrt(2 * (grown + 1) / grown * (math.log1p(grown) / 2 - math.log(alpha)))
    # The level at which the interval would just touch 0, with the same tuning.
    exponent = math.log1p(grown) / 2 - (absolute / error) ** 2 * grown / (2 * (grown + 1))
    p_value = math.exp(min(0.0, exponent))
    return settled(control, treated, error=error, reach=reach, p_value=p_value, confidence=confidence)


def _rho_squared(alpha: float, tuned_for: int) -> float:
    twice = -2 * math.log(alpha)
    return (twice + math.log(twice + 1)) / tuned_for
