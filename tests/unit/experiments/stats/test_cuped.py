"""EX: CUPED gives the same estimate in expectation with smaller variance."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from quanyu.modules.experiments.stats.cuped import adjusted, variance_kept
from quanyu.modules.experiments.stats.difference import welch
from quanyu.modules.experiments.stats.moments import PairSums
from support.columns import moments_of, pairs_of

SEED = 20261123


def test_adjusting_by_hand() -> None:
    # Control x -1, 0, 1 and y 1, 2, 6; treated x 0, 1, 2 and y 5, 7, 9. Within arms: theta (5 + 4) / (2 + 2).
    control = pairs_of(np.array([1.0, 2.0, 6.0]), np.array([-1.0, 0.0, 1.0]))
    treated = pairs_of(np.array([5.0, 7.0, 9.0]), np.array([0.0, 1.0, 2.0]))

    one, other = adjusted(control, treated)

    # Centre 0.5: means 3 + 2.25/2 and 7 - 2.25/2; variances 7 - 2·2.25·2.5 + 2.25², 4 - 2·2.25·2 + 2.25².
    assert (one.mean, other.mean) == (4.125, 5.875)
    assert (one.variance, other.variance) == pytest.approx((0.8125, 0.0625), rel=1e-12)
    assert variance_kept(control, treated) == pytest.approx(0.875 / 11, rel=1e-12)


def test_the_slope_is_that_of_a_regression_with_one_mean_per_arm() -> None:
    draw = np.random.default_rng(5)
    arm = np.repeat([0.0, 1.0], (70, 130))
    x = draw.exponential(size=200)
    y = 2 * x + arm * (1 + x) + draw.normal(size=200)
    fitted = OLS(y, np.column_stack([np.ones(200), arm, x])).fit()

    one, other = adjusted(pairs_of(y[:70], x[:70]), pairs_of(y[70:], x[70:]))

    assert other.mean - one.mean == pytest.approx(fitted.params[1], rel=1e-10)


def test_unbiased_with_smaller_variance() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    people, runs, effect = 200, 1000, 0.3
    x = draw.exponential(size=(runs, 2 * people))
    y = x + draw.normal(scale=0.7, size=x.shape)
    y[:, people:] += effect

    plain, less = np.empty(runs), np.empty(runs)
    kept, covered = [], 0
    for run in range(runs):
        control = pairs_of(y[run, :people], x[run, :people])
        treated = pairs_of(y[run, people:], x[run, people:])
        plain[run] = welch(control.y_moments, treated.y_moments).absolute
        told = welch(*adjusted(control, treated))
        less[run] = told.absolute
        covered += told.low <= effect <= told.high
        kept.append(variance_kept(control, treated))

    assert abs(less.mean() - effect) < 2.576 * less.std() / np.sqrt(runs)
    assert less.var() < 0.45 * plain.var()
    # 0.49 of 1.49 is left: what is told of the saving is what is saved.
    assert np.mean(kept) == pytest.approx(0.49 / 1.49, rel=0.02)
    assert 931 <= covered <= 967  # The exact binomial 99 % band of 1,000 at 0.95.


def test_nothing_to_learn_from_changes_nothing() -> None:
    y = np.array([1.0, 2.0, 6.0])
    control, treated = pairs_of(y, np.zeros(3)), pairs_of(y + 1, np.zeros(3))

    assert adjusted(control, treated) == (moments_of(y), moments_of(y + 1))
    assert variance_kept(control, treated) == 1.0
    nobody = PairSums(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert adjusted(nobody, nobody) == (nobody.y_moments, nobody.y_moments)
    assert adjusted(nobody, treated)[1] == treated.y_moments


def test_an_outcome_that_was_known_before_leaves_nothing_to_judge() -> None:
    x = np.array([0.1, 0.7, 1.9])
    control, treated = pairs_of(3 * x, x), pairs_of(3 * x + 1, x)

    assert [arm.variance for arm in adjusted(control, treated)] == [0.0, 0.0]
    assert not welch(*adjusted(control, treated)).is_told


def test_shifts_do_not_matter() -> None:
    draw = np.random.default_rng(6)
    x, y = draw.exponential(size=(2, 50)), draw.exponential(size=(2, 60))
    plain = adjusted(pairs_of(x[0], x[1]), pairs_of(y[0], y[1]))

    shifted = adjusted(
        pairs_of(x[0], x[1], y_shift=4.0, x_shift=-1.0), pairs_of(y[0], y[1], y_shift=1.0, x_shift=1.0)
    )

    for one, other in zip(plain, shifted, strict=True):
        assert (one.mean, one.variance) == pytest.approx((other.mean, other.variance), rel=1e-10)
