"""Differences between two arms with what is known about them: Welch, proportions, ratios, contrasts.

A difference that cannot be judged (an arm below two, no variance at all, a ratio over nothing) is *untold*:
standard error and interval are infinite, the statistic is 0 and the p value 1, so that nobody decides on it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy import special

from quanyu.modules.experiments.stats.moments import Moments, PairSums

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """Treated minus control, absolute and relative to the size of control's mean.

    ``relative`` is ``None`` for a control of 0; its interval also where control's own mean cannot be told
    from 0, because then no interval of finite length is honest (Fieller 1954), and for rates of nobody or
    everybody.
    """

    absolute: float
    relative: float | None
    low: float
    high: float
    relative_low: float | None
    relative_high: float | None
    standard_error: float  # Of ``absolute``.
    statistic: float
    p_value: float  # Two-sided.
    confidence: float

    @property
    def is_told(self) -> bool:
        """Whether there was enough to judge it at all."""
        return math.isfinite(self.standard_error)


def welch(control: Moments, treated: Moments, confidence: float = CONFIDENCE) -> Difference:
    """Compare two means of unequal variance (Welch 1947)."""
    check_confidence(confidence)
    absolute = treated.mean - control.mean
    error = standard_error(control, treated)
    if error is None:
        return untold(absolute, control.mean, confidence)
    degrees = degrees_of((1.0, 1.0), (control, treated))
    reach = float(special.stdtrit(degrees, 0.5 + confidence / 2))
    p_value = 2 * float(special.stdtr(degrees, -abs(absolute) / error))
    return settled(control, treated, error=error, reach=reach, p_value=p_value, confidence=confidence)


def proportions(
    control_n: int, control_hits: int, treated_n: int, treated_hits: int, confidence: float = CONFIDENCE
) -> Difference:
    """Compare two rates: the pooled z test, Newcombe's interval (1998, method 10).

    Test and interval are computed apart, so right at the border one may say "no difference" and the other
    not. The interval stays honest where an arm has nobody or everybody.
    """
    check_confidence(confidence)
    for n, hits in ((control_n, control_hits), (treated_n, treated_hits)):
        if not 0 <= hits <= n:
            raise ValueError(f"{hits} of {n} is no rate")
    control, treated = rate_moments(control_n, control_hits), rate_moments(treated_n, treated_hits)
    absolute = treated.mean - control.mean
    if min(control_n, treated_n) < 2:
        return untold(absolute, control.mean, confidence)
    pooled = (control_hits + treated_hits) / (control_n + treated_n)
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / control_n + 1 / treated_n))
    statistic = absolute / null_error if null_error else 0.0
    reach = float(special.ndtri(0.5 + confidence / 2))
    low, high = _newcombe(control, treated, reach)
    relative, relative_low, relative_high = _relative(control, treated, reach)
    if not control.variance or not treated.variance:
        relative_low = relative_high = None  # The delta method takes a rate of nobody for a certain one.
    return Difference(
        absolute=absolute,
        relative=relative,
        low=low,
        high=high,
        relative_low=relative_low,
        relative_high=relative_high,
        standard_error=standard_error(control, treated) or null_error or math.inf,
        statistic=statistic,
        p_value=2 * float(special.ndtr(-abs(statistic))),
        confidence=confidence,
    )


def ratio(control: PairSums, treated: PairSums, confidence: float = CONFIDENCE) -> Difference:
    """Compare two ratios ``sum(y)/sum(x)`` with people as the unit (delta method, Deng et al. 2018)."""
    check_confidence(confidence)
    if not control.x_moments.mean or not treated.x_moments.mean:
        return untold(0.0, 0.0, confidence)
    return welch(ratio_moments(control), ratio_moments(treated), confidence)


def contrast(
    coefficients: Sequence[float], cells: Sequence[Moments], confidence: float = CONFIDENCE
) -> Difference:
    """Judge a weighted sum of independent means (Satterthwaite 1946); it has no relative form."""
    check_confidence(confidence)
    absolute = sum(weight * cell.mean for weight, cell in zip(coefficients, cells, strict=True))
    used = [(weight, cell) for weight, cell in zip(coefficients, cells, strict=True) if weight]
    variance = sum(weight * weight * cell.variance_of_mean for weight, cell in used)
    if variance <= 0 or any(cell.n < 2 for _, cell in used):
        return untold(absolute, 0.0, confidence)
    error = math.sqrt(variance)
    degrees = degrees_of([weight for weight, _ in used], [cell for _, cell in used])
    reach = float(special.stdtrit(degrees, 0.5 + confidence / 2)) * error
    return Difference(
        absolute=absolute,
        relative=None,
        low=absolute - reach,
        high=absolute + reach,
        relative_low=None,
        relative_high=None,
        standard_error=error,
        statistic=absolute / error,
        p_value=2 * float(special.stdtr(degrees, -abs(absolute) / error)),
        confidence=confidence,
    )


def ratio_moments(sums: PairSums) -> Moments:
    """Return the ratio as a mean, with the variance its linearised values have; ``x`` must not be 0."""
    y, x = sums.y_moments, sums.x_moments
    at = y.mean / x.mean
    spread = y.variance - 2 * at * sums.covariance + at * at * x.variance
    # Where y is exactly r times x nothing varies; the three terms cancel up to their own rounding.
    rounding = 1e-14 * (y.variance + at * at * x.variance)
    return Moments(sums.n, at, spread / (x.mean * x.mean) if spread > rounding else 0.0)


def rate_moments(n: int, hits: int) -> Moments:
    """Return a rate as a mean, with the variance ``p (1 - p)`` of its largest likelihood."""
    rate = hits / n if n else 0.0
    return Moments(n, rate, rate * (1 - rate))


def standard_error(control: Moments, treated: Moments) -> float | None:
    """Return that of the difference of both means, or ``None`` where it cannot be known."""
    variance = control.variance_of_mean + treated.variance_of_mean
    return math.sqrt(variance) if min(control.n, treated.n) >= 2 and variance > 0 else None


def degrees_of(weights: Sequence[float], cells: Sequence[Moments]) -> float:
    """Return the degrees of freedom of a weighted sum of means (Welch and Satterthwaite)."""
    parts = [w * w * cell.variance_of_mean for w, cell in zip(weights, cells, strict=True)]
    whole = sum(parts)
    # Shares instead of the variances themselves: their squares may be too small for a float.
    return 1 / sum((part / whole) ** 2 / (cell.n - 1) for part, cell in zip(parts, cells, strict=True))


def settled(
    control: Moments, treated: Moments, *, error: float, reach: float, p_value: float, confidence: float
) -> Difference:
    """Return the difference of two means whose interval reaches ``reach`` standard errors each way."""
    absolute = treated.mean - control.mean
    relative, relative_low, relative_high = _relative(control, treated, reach)
    return Difference(
        absolute=absolute,
        relative=relative,
        low=absolute - reach * error,
        high=absolute + reach * error,
        relative_low=relative_low,
        relative_high=relative_high,
        standard_error=error,
        statistic=absolute / error,
        p_value=p_value,
        confidence=confidence,
    )


def untold(absolute: float, control_mean: float, confidence: float) -> Difference:
    """Return a difference about which nothing can be said."""
    return Difference(
        absolute=absolute,
        relative=absolute / abs(control_mean) if control_mean else None,
        low=-math.inf,
        high=math.inf,
        relative_low=None,
        relative_high=None,
        standard_error=math.inf,
        statistic=0.0,
        p_value=1.0,
        confidence=confidence,
    )


def check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, not at {confidence}")


def _relative(
    control: Moments, treated: Moments, reach: float
) -> tuple[float | None, float | None, float | None]:
    """Return the difference over the size of control's mean, with an interval by the delta method."""
    size = abs(control.mean)
    if not size:
        return None, None, None
    relative = (treated.mean - control.mean) / size
    if size <= reach * math.sqrt(control.variance_of_mean):
        return relative, None, None
    quotient = treated.mean / control.mean
    error = math.sqrt(treated.variance_of_mean + quotient * quotient * control.variance_of_mean) / size
    return relative, relative - reach * error, relative + reach * error


def _newcombe(control: Moments, treated: Moments, reach: float) -> tuple[float, float]:
    (control_low, control_high), (treated_low, treated_high) = (
        _wilson(control, reach),
        _wilson(treated, reach),
    )
    absolute = treated.mean - control.mean
    low = math.hypot(treated.mean - treated_low, control_high - control.mean)
    high = math.hypot(treated_high - treated.mean, control.mean - control_low)
    return max(-1.0, absolute - low), min(1.0, absolute + high)


def _wilson(rate: Moments, reach: float) -> tuple[float, float]:
    square = reach * reach
    centre = (rate.mean + square / (2 * rate.n)) / (1 + square / rate.n)
    half = reach * math.sqrt(rate.variance_of_mean + square / (4 * rate.n * rate.n)) / (1 + square / rate.n)
    return centre - half, centre + half
