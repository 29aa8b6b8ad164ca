"""The BG/NBD model: how often somebody buys, and when they stop.

While active, a person buys at random with their own rate (rates differ as a gamma distribution, shape ``r``
and rate ``alpha``); after each repeat purchase they stop for good with their own probability (these differ as
a beta distribution, ``a`` and ``b``).

Source: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
Marketing Science 24 (2), 2005. Equations are numbered as there. Time is in weeks.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from quanyu.modules.insight.lifetime.fitting import Fit, maximise
from quanyu.modules.insight.lifetime.patterns import Floats, Patterns

# A customer of middling pace, and a brand where nearly everybody stops early: one of both leads up the hill.
STARTS: Final = ((1.0, 8.0, 1.0, 2.5), (0.2, 2.0, 0.5, 5.0))
_NEAR_POLE: Final = 1e-6  # Formulas divide by a - 1 and by a + b + x - 1; both gaps close in the limit.
_NODES: Final = 64


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Fitted parameters; every method takes columns and answers a column."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, of: Patterns) -> Floats:
        """Return the probability of still being active.

        It is 1 for whoever bought once: the model lets people stop only after a repeat purchase.
        """
        stays = special.expit(-_log_odds_gone(self, of))
        return np.asarray(np.where(of.x > 0, stays, 1.0), dtype=np.float64)

    def buys_within(self, of: Patterns, weeks: float) -> Floats:
        """Return the probability of at least one purchase in the next ``weeks``.

        Whoever is active cannot stop before the next purchase, so this is the chance of being active times
        that of a purchase at the person's pace, which is gamma(r + x, alpha + T).
        """
        silent = np.exp(-(self.r + of.x) * np.log1p(weeks / (self.alpha + of.T)))
        return np.asarray(self.alive(of) * (1.0 - silent), dtype=np.float64)

    def next_in(self, of: Patterns) -> Floats:
        """Return in how many weeks the next purchase is as likely to have come as not; NaN for "never".

        The median, because the mean is infinite for whoever bought once (r + x < 1).
        """
        alive = self.alive(of)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            silent = np.where(alive > 0.5, 1.0 - 0.5 / np.where(alive > 0.5, alive, 1.0), np.nan)
            wait = (self.alpha + of.T) * np.expm1(-np.log(silent) / (self.r + of.x))
        return np.asarray(np.where(np.isfinite(wait), wait, np.nan), dtype=np.float64)

    def expected(self, of: Patterns, weeks: float) -> Floats:
        """Return the expected purchases in the next ``weeks``, equation (10)."""
        return np.asarray(self.alive(of) * self.expected_if_alive(of, weeks), dtype=np.float64)

    def expected_if_alive(self, of: Patterns, weeks: float) -> Floats:
        """Return equation (10) without its denominator, safe for any history.

        As printed, its hypergeometric function overflows for frequent buyers. Euler's transformation
        2F1(A, B; C; z) = (1 - z)^(C - A - B) 2F1(C - A, C - B; C; z) cancels the factor before it.
        """
        a = self.a + (_NEAR_POLE if abs(self.a - 1.0) < _NEAR_POLE else 0.0)
        end = a + self.b + of.x - 1.0
        end = np.where(np.abs(end) < _NEAR_POLE, _NEAR_POLE, end)
        kept = (self.alpha + of.T) / (self.alpha + of.T + weeks)
        with np.errstate(all="ignore"):
            series = special.hyp2f1(end - self.r - of.x, a - 1.0, end, 1.0 - kept)
            found = end / (a - 1.0) * (1.0 - kept ** (a - 1.0) * series)
        most = (self.r + of.x) * weeks / (self.alpha + of.T)  # Nobody buys more than if they never stopped.
        doubtful = ~(np.isfinite(found) & (found >= 0.0) & (found <= most * (1.0 + 1e-9)))
        if doubtful.any():
            found = np.where(doubtful, self.integrated(of, weeks), found)
        return np.asarray(np.clip(found, 0.0, most), dtype=np.float64)

    def integrated(self, of: Patterns, weeks: float) -> Floats:
        """Return what ``expected_if_alive`` does, by numbers: slower and coarser, and never out of range.

        Given the probability p of stopping, equation (7) mixed over the pace is
        (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p; here it is averaged over p ~ beta(a, b + x).
        """
        answer = np.empty(len(of))
        speed = weeks / (self.alpha + of.T)
        for x in np.unique(of.x):
            mine = of.x == x
            p, weight = _beta_nodes(self.a, self.b + float(x))
            silent = np.log1p(np.outer(speed[mine], p)) * (self.r + x)
            answer[mine] = (-np.expm1(-silent) / p) @ weight
        return answer

    def expected_new(self, weeks: float) -> float:
        """Return the expected repeat purchases of a new customer in ``weeks``, equation (9)."""
        zero = np.zeros(1)
        return float(self.expected(Patterns(zero, zero, zero, np.ones(1)), weeks)[0])

    def log_likelihood(self, of: Patterns) -> float:
        """Return the log of equation (6), summed over everybody."""
        value, _ = _likelihood(np.array([self.r, self.alpha, self.a, self.b]), of)
        return value


def fit(of: Patterns) -> Fit[BgNbd]:
    """Return the parameters of the greatest likelihood."""
    best = maximise(lambda parameters: _likelihood(parameters, of), STARTS, weight=of.total)
    return best.of(BgNbd(*(float(one) for one in best.parameters)))


def _log_odds_gone(model: BgNbd, of: Patterns) -> Floats:
    before = np.maximum(model.b + of.x - 1.0, np.finfo(np.float64).tiny)
    quiet = np.log1p((of.T - of.tx) / (model.alpha + of.tx))
    return np.asarray(np.log(model.a) - np.log(before) + (model.r + of.x) * quiet, dtype=np.float64)


def _likelihood(parameters: Floats, of: Patterns) -> tuple[float, Floats]:
    """Return the log-likelihood and its slope in (r, alpha, a, b).

    Equation (6) as a sum of two ways to have bought like this: still active (A3), or stopped with the last
    purchase (A4, possible after a repeat purchase only). ``gone`` is the second's share.
    """
    r, alpha, a, b = (float(one) for one in parameters)
    model = BgNbd(r, alpha, a, b)
    x, now, last = of.x, np.log(alpha + of.T), np.log(alpha + of.tx)
    gone_odds = np.where(x > 0, _log_odds_gone(model, of), -np.inf)
    gone = special.expit(gone_odds)
    # What depends on the number of purchases alone is computed once for each number that occurs.
    counted = np.bincount(x.astype(np.int64), weights=of.people)
    times = np.nonzero(counted)[0].astype(np.float64)
    each = counted[counted > 0]
    pace = special.gammaln(r + times) - special.gammaln(r) + r * np.log(alpha)
    stay = special.gammaln(a + b) - special.gammaln(a + b + times)
    stay += special.gammaln(b + times) - special.gammaln(b)
    value = each @ (pace + stay) + of.people @ (np.logaddexp(0.0, gone_odds) - (r + x) * now)
    total = each @ (special.psi(a + b) - special.psi(a + b + times))
    before = np.where(x > 0, b + x - 1.0, 1.0)
    slopes = (
        each @ (special.psi(r + times) - special.psi(r) + np.log(alpha))
        - of.people @ ((1.0 - gone) * now + gone * last),
        of.people @ (r / alpha - (r + x) * ((1.0 - gone) / (alpha + of.T) + gone / (alpha + of.tx))),
        total + of.people @ gone / a,
        total + each @ (special.psi(b + times) - special.psi(b)) - of.people @ (gone / before),
    )
    return float(value), np.array([float(slope) for slope in slopes])


def _beta_nodes(a: float, b: float) -> tuple[Floats, Floats]:
    """Return points of (0, 1) and weights that average over beta(a, b)."""
    nodes = (np.arange(_NODES) + 0.5) / _NODES
    if a + b > 150.0:  # The exact rule's weights leave the range of floats; quantiles never do.
        return np.maximum(special.betaincinv(a, b, nodes), np.finfo(np.float64).tiny), np.full(
            _NODES, 1.0 / _NODES
        )
    points, weights = special.roots_jacobi(_NODES, b - 1.0, a - 1.0)
    return (points + 1.0) / 2.0, weights / weights.sum()
