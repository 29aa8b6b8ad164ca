"""The Gamma-Gamma model: how much somebody spends each time.

A person's purchases scatter around their own mean as a gamma distribution with shape ``p``; the means differ
between people as an inverse gamma distribution with ``q`` and ``v``. Spending must not depend on frequency.

Source: Fader and Hardie, The Gamma-Gamma Model of Monetary Value, 2013 (brucehardie.com/notes/025), and
Fader, Hardie and Lee, RFM and CLV: Using Iso-Value Curves, Journal of Marketing Research 42, 2005.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from quanyu.modules.insight.lifetime.fitting import Fit, maximise
from quanyu.modules.insight.lifetime.patterns import Floats

STARTS: Final = ((2.0, 3.0, 2.0), (8.0, 4.0, 0.5))  # For amounts around 1: they are scaled before fitting.


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Fitted parameters. ``v`` is in the unit of the amounts."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """What the average person spends each time; infinite where ``q`` is 1 or less."""
        return self.p * self.v / (self.q - 1.0) if self.q > 1.0 else float("inf")

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """Return what each person will spend each time: between their own mean and everybody's.

        ``x`` repeat purchases of ``mean`` each; who has none (x = 0) is expected to spend like the average.
        """
        own = self.p * x / (self.p * x + self.q - 1.0)
        return np.asarray((1.0 - own) * self.mean + own * mean, dtype=np.float64)

    def log_likelihood(self, x: Floats, mean: Floats) -> float:
        """Return the log-likelihood of repeat buyers (x > 0, mean > 0)."""
        return _likelihood(np.array([self.p, self.q, self.v]), x, mean)[0]


def fit(x: Floats, mean: Floats) -> Fit[GammaGamma]:
    """Return the parameters of the greatest likelihood. Only repeat buyers: x > 0, mean > 0."""
    unit = float(np.median(mean))
    best = maximise(lambda parameters: _likelihood(parameters, x, mean / unit), STARTS, weight=float(len(x)))
    p, q, v = (float(one) for one in best.parameters)
    model = GammaGamma(p, q, v * unit)
    return best.of(model, log_likelihood=model.log_likelihood(x, mean))


def _likelihood(parameters: Floats, x: Floats, mean: Floats) -> tuple[float, Floats]:
    p, q, v = (float(one) for one in parameters)
    log_sum = np.log(v + x * mean)
    each = (
        special.gammaln(p * x + q)
        - special.gammaln(p * x)
        - special.gammaln(q)
        + q * np.log(v)
        + (p * x - 1.0) * np.log(mean)
        + p * x * np.log(x)
        - (p * x + q) * log_sum
    )
    both = special.psi(p * x + q)
    slopes = (
        x * (both - special.psi(p * x) + np.log(x * mean) - log_sum),
        both - special.psi(q) + np.log(v) - log_sum,
        q / v - (p * x + q) / (v + x * mean),
    )
    return float(each.sum()), np.array([float(slope.sum()) for slope in slopes])
