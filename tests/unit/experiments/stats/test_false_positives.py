"""EX: of 1,000 A/A experiments as many as promised seem different: the exact binomial 99 % band."""

import numpy as np
import pytest
from scipy import stats

from quanyu.modules.experiments.stats.cuped import adjusted
from quanyu.modules.experiments.stats.difference import Difference, proportions, ratio, welch
from quanyu.modules.experiments.stats.srm import sample_ratio
from support.columns import moments_of, pairs_of

SEED, RUNS, PEOPLE = 20261123, 1000, 800
BAND = stats.binom.interval(0.99, RUNS, 0.05)


@pytest.fixture
def draw() -> np.random.Generator:
    print("seed", SEED)
    return np.random.default_rng(SEED)


def _outcomes(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return what people spent, mostly nothing, and their visits, which their spending follows."""
    visits = 1 + draw.poisson(2.0, size=(RUNS, 2, PEOPLE))
    spent = draw.binomial(visits, 0.1) * draw.lognormal(sigma=0.8, size=visits.shape)
    return spent, visits.astype(float)


def _fooled(results: list[Difference]) -> tuple[int, int]:
    outside = [result for result in results if result.low > 0 or result.high < 0]
    return sum(result.p_value < 0.05 for result in results), len(outside)


def test_the_band_is_33_to_69() -> None:
    assert BAND == (33.0, 69.0)


def test_means(draw: np.random.Generator) -> None:
    spent, _ = _outcomes(draw)

    by_p, by_interval = _fooled([welch(moments_of(run[0]), moments_of(run[1])) for run in spent])

    assert by_p == by_interval
    assert BAND[0] <= by_p <= BAND[1]


def test_means_of_uneven_arms_and_variances(draw: np.random.Generator) -> None:
    columns = zip(draw.normal(size=(RUNS, 25)), draw.normal(scale=4, size=(RUNS, 90)), strict=True)

    by_p, _ = _fooled([welch(moments_of(one), moments_of(other)) for one, other in columns])

    assert BAND[0] <= by_p <= BAND[1]


def test_rates(draw: np.random.Generator) -> None:
    hits = draw.binomial(4000, 0.08, size=(RUNS, 2))

    by_p, by_interval = _fooled([proportions(4000, int(a), 4000, int(b)) for a, b in hits])

    assert BAND[0] <= by_p <= BAND[1]
    assert BAND[0] <= by_interval <= BAND[1]


def test_ratios(draw: np.random.Generator) -> None:
    spent, visits = _outcomes(draw)

    results = [ratio(pairs_of(y[0], x[0]), pairs_of(y[1], x[1])) for y, x in zip(spent, visits, strict=True)]

    assert BAND[0] <= _fooled(results)[0] <= BAND[1]


def test_adjusted_means(draw: np.random.Generator) -> None:
    spent, visits = _outcomes(draw)

    results = [
        welch(*adjusted(pairs_of(y[0], x[0]), pairs_of(y[1], x[1])))
        for y, x in zip(spent, visits, strict=True)
    ]

    assert BAND[0] <= _fooled(results)[0] <= BAND[1]


def test_relative_intervals_hold_the_truth(draw: np.random.Generator) -> None:
    arms = 10 + draw.exponential(size=(RUNS, 2, PEOPLE)) * np.array([1.0, 2.0])[:, None]
    truth = 12 / 11 - 1

    missed = 0
    for run in arms:
        told = welch(moments_of(run[0]), moments_of(run[1]))
        assert told.relative_low is not None
        assert told.relative_high is not None
        missed += not told.relative_low <= truth <= told.relative_high

    assert BAND[0] <= missed <= BAND[1]


def test_sample_ratios(draw: np.random.Generator) -> None:
    counts = draw.multinomial(3000, (0.5, 0.3, 0.2), size=RUNS)

    p_values = [sample_ratio([int(n) for n in run], (5, 3, 2)).p_value for run in counts]

    assert BAND[0] <= sum(p < 0.05 for p in p_values) <= BAND[1]
    assert sum(p < 0.001 for p in p_values) <= stats.binom.ppf(0.995, RUNS, 0.001)
