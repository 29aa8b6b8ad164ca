"""EX: post-stratification gives the same estimate in expectation with smaller variance."""

import numpy as np
import pytest

from quanyu.modules.experiments.stats.difference import welch
from quanyu.modules.experiments.stats.moments import Moments
from quanyu.modules.experiments.stats.strata import poststratified
from support.columns import moments_of

SEED = 20261123
NOBODY = Moments(0, 0.0, 0.0)


def test_by_hand() -> None:
    # 40 of 100 people in the first stratum, 60 in the second.
    first = (Moments(10, 1.0, 2.0), Moments(30, 2.0, 3.0))
    second = (Moments(40, 5.0, 8.0), Moments(20, 7.0, 4.0))

    control, treated = poststratified((first, second))

    assert (control.n, treated.n) == (50, 50)
    assert (control.mean, treated.mean) == pytest.approx((0.4 + 3.0, 0.8 + 4.2))
    assert control.variance_of_mean == pytest.approx(0.16 * 0.2 + 0.36 * 0.2)
    assert treated.variance_of_mean == pytest.approx(0.16 * 0.1 + 0.36 * 0.2)
    assert poststratified((second, first)) == pytest.approx((control, treated))


def test_one_stratum_changes_nothing() -> None:
    arms = (Moments(10, 1.0, 2.0), Moments(30, 2.0, 3.0))

    control, treated = poststratified([arms])

    assert (control.mean, treated.mean) == (1.0, 2.0)
    assert (control.variance, treated.variance) == pytest.approx((2.0, 3.0))
    assert poststratified([]) == (NOBODY, NOBODY)


def test_thin_strata_are_merged_and_nobody_is_lost() -> None:
    thin = (Moments(1, 9.0, 0.0), Moments(4, 2.0, 1.0))
    lone = (NOBODY, Moments(3, 4.0, 1.0))
    whole = (Moments(50, 1.0, 2.0), Moments(30, 2.0, 3.0))

    control, treated = poststratified((whole, thin, lone))

    assert (control.n, treated.n) == (51, 37)
    assert control.mean == pytest.approx((50 * 1.0 + 9.0) / 51)  # All in one: the thin ones never had two.
    largest_thin = poststratified((whole, (NOBODY, Moments(300, 2.0, 1.0))))
    assert (largest_thin[0].n, largest_thin[1].n) == (50, 330)
    assert not welch(*poststratified([thin])).is_told


def test_unbiased_with_smaller_variance() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    people, runs, effect = 300, 1000, 0.3
    plain, less, covered = np.empty(runs), np.empty(runs), 0
    for run in range(runs):
        kind = draw.integers(0, 3, size=people)
        treated = draw.random(people) < 0.5
        y = np.array([0.0, 2.0, 5.0])[kind] + draw.normal(size=people) + effect * treated
        plain[run] = welch(moments_of(y[~treated]), moments_of(y[treated])).absolute
        cells = [
            (moments_of(y[(kind == k) & ~treated]), moments_of(y[(kind == k) & treated])) for k in range(3)
        ]
        told = welch(*poststratified(cells))
        less[run] = told.absolute
        covered += told.low <= effect <= told.high

    assert abs(less.mean() - effect) < 2.576 * less.std() / np.sqrt(runs)
    assert less.var() < 0.3 * plain.var()
    assert 931 <= covered <= 967  # The exact binomial 99 % band of 1,000 at 0.95.
