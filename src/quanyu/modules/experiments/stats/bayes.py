"""Results as chances: how likely the treated arm is better, and what choosing it may cost."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from quanyu.modules.experiments.stats.difference import CONFIDENCE, Difference, check_confidence

_Floats = NDArray[np.float64]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
# Panels between these quantiles of both arms: a step of one arm never falls between two nodes of the other.
_CUTS: Final = (1e-15, 1e-9, 1e-4, 0.02, 0.16, 0.5, 0.84, 0.98, 1 - 1e-4, 1 - 1e-9, 1 - 1e-15)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of the effect before the data: a normal distribution, in the units of the effect."""

    mean: float = 0.0
    deviation: float = math.inf  # Infinite: nothing is believed.


@dataclass(frozen=True, slots=True)
class Posterior:
    """What to believe of the effect after the data."""

    chance_better: float
    expected_loss: float  # What is given away on average by choosing treated, where control was the better.
    low: float  # Between low and high lies the effect with the asked probability.
    high: float


def gaussian(
    difference: Difference,
    prior: Prior | None = None,
    *,
    confidence: float = CONFIDENCE,
    higher_is_better: bool = True,
) -> Posterior:
    """Judge the absolute ``difference`` against a ``prior`` (none: the data alone)."""
    check_confidence(confidence)
    prior = prior or Prior()
    if prior.deviation <= 0:
        raise ValueError("a prior that is certain learns nothing: its deviation is positive")
    told, believed = difference.standard_error**-2, prior.deviation**-2
    if told + believed == 0:
        return Posterior(0.5, math.inf, -math.inf, math.inf)
    mean = (told * difference.absolute + believed * prior.mean) / (told + believed)
    spread = (told + believed) ** -0.5
    score = (mean if higher_is_better else -mean) / spread
    density = math.exp(-score * score / 2) / math.sqrt(2 * math.pi)
    reach = float(special.ndtri(0.5 + confidence / 2)) * spread
    return Posterior(
        chance_better=float(special.ndtr(score)),
        expected_loss=max(0.0, spread * (density - score * float(special.ndtr(-score)))),
        low=mean - reach,
        high=mean + reach,
    )


@dataclass(frozen=True, slots=True)
class Beta:
    """What is believed of a rate: as if so many had done it, and so many not."""

    hits: float = 1.0
    misses: float = 1.0

    def after(self, n: int, hits: int) -> "Beta":
        if not 0 <= hits <= n:
            raise ValueError(f"{hits} of {n} is no rate")
        return Beta(self.hits + hits, self.misses + n - hits)

    def below(self, rate: _Floats) -> _Floats:
        return np.asarray(special.betainc(self.hits, self.misses, np.clip(rate, 0.0, 1.0)))

    def density(self, rate: _Floats) -> _Floats:
        log = special.xlogy(self.hits - 1, rate) + special.xlog1py(self.misses - 1, -rate)
        return np.asarray(np.exp(log - special.betaln(self.hits, self.misses)))

    def quantiles(self) -> _Floats:
        return np.asarray(special.betaincinv(self.hits, self.misses, np.array(_CUTS)))

    def exceeding(self, rate: _Floats) -> _Floats:
        """Return by how much this rate exceeds ``rate`` on average, counting 0 where it does not."""
        mean = self.hits / (self.hits + self.misses)
        above = special.betaincc(self.hits + 1, self.misses, rate)
        return np.asarray(mean * above - rate * special.betaincc(self.hits, self.misses, rate))


def beta_binomial(
    control: tuple[int, int],
    treated: tuple[int, int],
    prior: Beta | None = None,
    *,
    confidence: float = CONFIDENCE,
    higher_is_better: bool = True,
) -> Posterior:
    """Judge the difference of two rates, each given as (people, hits); integrated, not simulated.

    ``prior`` is that of both rates; none is uniform. A prior below one hit and one miss is refused: its
    density has poles.
    """
    check_confidence(confidence)
    prior = prior or Beta()
    if prior.hits < 1 or prior.misses < 1:
        raise ValueError("a prior has at least one hit and one miss")
    before, after = prior.after(*control), prior.after(*treated)
    better, worse = (after, before) if higher_is_better else (before, after)
    tail = (1 - confidence) / 2
    return Posterior(
        chance_better=1 - _chance_of_at_most(0.0, better, worse),
        expected_loss=_mean_excess(worse, better),
        low=_quantile(tail, after, before),
        high=_quantile(1 - tail, after, before),
    )


def _chance_of_at_most(gap: float, one: Beta, other: Beta) -> float:
    """Return the chance of ``one - other <= gap``."""
    rate, weight = _grid(other, one.quantiles() - gap)
    return min(1.0, float(np.sum(weight * one.below(rate + gap))))


def _mean_excess(one: Beta, over: Beta) -> float:
    rate, weight = _grid(over, one.quantiles())
    return max(0.0, float(np.sum(weight * one.exceeding(rate))))


def _quantile(level: float, one: Beta, other: Beta) -> float:
    found = optimize.brentq(lambda gap: _chance_of_at_most(gap, one, other) - level, -1.0, 1.0, xtol=1e-12)
    return float(found)


def _grid(over: Beta, steps: _Floats) -> tuple[_Floats, _Floats]:
    """Return rates and weights that integrate over ``over``'s distribution; the weights sum to 1."""
    own = over.quantiles()
    cuts = np.unique(np.concatenate([own, np.clip(steps, own[0], own[-1])]))
    halves = [((high - low) / 2, (high + low) / 2) for low, high in pairwise(cuts)]
    rate = np.concatenate([middle + half * _NODES for half, middle in halves])
    weight = np.concatenate([half * _WEIGHTS for half, _ in halves]) * over.density(rate)
    return rate, weight / weight.sum()
