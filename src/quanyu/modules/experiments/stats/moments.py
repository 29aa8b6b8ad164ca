"""What has to be known of a column, or of two columns side by side, to compare arms: counts and sums.

Sums of squares of large values lose their last digits. A caller whose values lie far from zero passes sums of
``value - shift`` with that ``shift``; any number near the mean will do, and arms may have different ones.
"""

import math
import sys
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sample variance (divided by ``n - 1``; 0 below two) of one column."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of_sums(cls, n: int, total: float, total_of_squares: float, *, shift: float = 0.0) -> Self:
        """Return the moments of ``n`` values from the sums of ``value - shift`` and of its square."""
        if n <= 0:
            return cls(0, 0.0, 0.0)
        return cls(n, shift + total / n, _variance(n, total, total_of_squares))

    @property
    def variance_of_mean(self) -> float:
        return self.variance / self.n if self.n else 0.0

    def merged(self, other: "Moments") -> "Moments":
        """Return the moments of both columns together (Chan, Golub and LeVeque 1979)."""
        n = self.n + other.n
        if not self.n or not other.n:
            return self if self.n else other
        gap = other.mean - self.mean
        squares = (self.n - 1) * self.variance + (other.n - 1) * other.variance
        squares += gap * gap * self.n * other.n / n
        return Moments(n, self.mean + gap * other.n / n, squares / (n - 1))


@dataclass(frozen=True, slots=True)
class PairSums:
    """Sums of two columns: ``y`` and ``x`` of a ratio ``y/x``, or an outcome and the same before (CUPED).

    All five are sums of ``y - y_shift`` and ``x - x_shift``, of their squares and of their product.
    """

    n: int
    y: float
    x: float
    yy: float
    xx: float
    xy: float
    y_shift: float = 0.0
    x_shift: float = 0.0

    @property
    def y_moments(self) -> Moments:
        return Moments.of_sums(self.n, self.y, self.yy, shift=self.y_shift)

    @property
    def x_moments(self) -> Moments:
        return Moments.of_sums(self.n, self.x, self.xx, shift=self.x_shift)

    @property
    def covariance(self) -> float:
        """Sample covariance; 0 below two, and never more than both variances allow."""
        if self.n < 2:
            return 0.0
        bound = math.sqrt(self.y_moments.variance * self.x_moments.variance)
        covariance = (self.xy - self.x * self.y / self.n) / (self.n - 1)
        return max(-bound, min(bound, covariance))

    def merged(self, other: "PairSums") -> "PairSums":
        """Return the sums of both.

        Raises:
            ValueError: they are centred by different shifts, so that their sums do not add.
        """
        if (self.y_shift, self.x_shift) != (other.y_shift, other.x_shift):
            raise ValueError("sums centred by different shifts do not add")
        return PairSums(
            self.n + other.n,
            self.y + other.y,
            self.x + other.x,
            self.yy + other.yy,
            self.xx + other.xx,
            self.xy + other.xy,
            self.y_shift,
            self.x_shift,
        )


def _variance(n: int, total: float, total_of_squares: float) -> float:
    """Sample variance; what could be rounding alone is 0, lest a constant column look like a precise one."""
    if n < 2:
        return 0.0
    squares = total_of_squares - total * total / n
    rounding = 4 * math.sqrt(n) * sys.float_info.epsilon * total_of_squares
    return squares / (n - 1) if squares > rounding else 0.0
