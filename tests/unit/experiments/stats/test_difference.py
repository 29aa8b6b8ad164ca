"""EX: Welch, rates and ratios: known answers, what cannot be told, and what must not matter."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quanyu.modules.experiments.stats.difference import (
    contrast,
    proportions,
    ratio,
    welch,
)
from quanyu.modules.experiments.stats.moments import Moments
from support.columns import moments_of, pairs_of

arms = st.builds(
    Moments,
    n=st.integers(2, 10_000),
    mean=st.floats(-1e3, 1e3),
    variance=st.floats(1e-3, 1e4),
)


def test_welch_by_hand() -> None:
    # Variances of the means 1 and 3: error 2, degrees 16 / (1/9 + 9/11), t = 5/2.
    told = welch(Moments(10, 20.0, 10.0), Moments(12, 25.0, 36.0))

    degrees = 16 / (1 / 9 + 9 / 11)
    assert (told.absolute, told.standard_error, told.statistic) == (5.0, 2.0, 2.5)
    assert told.p_value == pytest.approx(2 * stats.t.sf(2.5, degrees), rel=1e-12)
    assert told.high - 5.0 == pytest.approx(2 * stats.t.ppf(0.975, degrees), rel=1e-12)
    # Relative: error sqrt(3 + 1.25² · 1) / 20.
    assert told.relative == 0.25
    half = stats.t.ppf(0.975, degrees) * math.sqrt(3 + 1.25**2) / 20
    assert told.relative_high == pytest.approx(0.25 + half, rel=1e-12)
    assert told.relative_low == pytest.approx(0.25 - half, rel=1e-12)


@given(arms, arms)
def test_swapping_arms_turns_the_sign(control: Moments, treated: Moments) -> None:
    there, back = welch(control, treated), welch(treated, control)

    assert (there.absolute, there.low, there.high) == (-back.absolute, -back.high, -back.low)
    assert there.p_value == pytest.approx(back.p_value, rel=1e-9)


@given(arms, arms, st.floats(-100, 100), st.sampled_from([0.01, 0.5, 3.0, 250.0]))
def test_units_do_not_matter(control: Moments, treated: Moments, shift: float, scale: float) -> None:
    def moved(arm: Moments) -> Moments:
        return Moments(arm.n, (arm.mean + shift) * scale, arm.variance * scale * scale)

    before, after = welch(control, treated), welch(moved(control), moved(treated))

    assert after.absolute == pytest.approx(before.absolute * scale, rel=1e-6, abs=1e-9 * scale)
    assert after.standard_error == pytest.approx(before.standard_error * scale, rel=1e-9)
    assert after.p_value == pytest.approx(before.p_value, rel=1e-4, abs=1e-9)


@given(arms, arms)
def test_relative_results_do_not_depend_on_the_scale(control: Moments, treated: Moments) -> None:
    before = welch(control, treated)
    after = welch(*(Moments(arm.n, arm.mean * 8, arm.variance * 64) for arm in (control, treated)))

    assert (after.relative, after.relative_low, after.relative_high) == (
        before.relative,
        before.relative_low,
        before.relative_high,
    )


@given(arms, arms, st.floats(0.5, 0.999))
def test_the_p_value_and_the_interval_agree(control: Moments, treated: Moments, confidence: float) -> None:
    told = welch(control, treated, confidence)

    if abs(told.p_value - (1 - confidence)) > 1e-9:
        assert (told.p_value < 1 - confidence) == (told.low > 0 or told.high < 0)


@pytest.mark.parametrize(
    ("control", "treated"),
    [
        (Moments(0, 0.0, 0.0), Moments(50, 2.0, 1.0)),
        (Moments(1, 3.0, 0.0), Moments(50, 2.0, 1.0)),
        (Moments(50, 2.0, 1.0), Moments(1, 3.0, 0.0)),
        (Moments(50, 2.0, 0.0), Moments(50, 3.0, 0.0)),
    ],
)
def test_nothing_is_told_of_arms_that_cannot_be_judged(control: Moments, treated: Moments) -> None:
    told = welch(control, treated)

    assert not told.is_told
    assert (told.low, told.high, told.p_value, told.statistic) == (-math.inf, math.inf, 1.0, 0.0)
    assert told.absolute == treated.mean - control.mean
    assert told.relative_low is told.relative_high is None


def test_one_arm_without_variance_is_no_obstacle() -> None:
    told = welch(Moments(50, 2.0, 0.0), Moments(50, 3.0, 4.0))

    assert told.is_told
    assert told.standard_error == pytest.approx(math.sqrt(4 / 50))


def test_relative_intervals_need_a_control_apart_from_nothing() -> None:
    near = welch(Moments(100, 0.1, 1.0), Moments(100, 0.2, 1.0))
    zero = welch(Moments(100, 0.0, 1.0), Moments(100, 0.2, 1.0))

    assert near.relative == pytest.approx(1.0)
    assert (near.relative_low, near.relative_high) == (None, None)
    assert (zero.relative, zero.relative_low) == (None, None)
    assert zero.is_told


def test_less_loss_is_a_relative_rise() -> None:
    told = welch(Moments(100, -10.0, 1.0), Moments(100, -5.0, 1.0))

    assert told.relative == 0.5


def test_rates_by_hand() -> None:
    # Newcombe 1998, table II (a): 56/70 against 48/80; interval of method 10: 0.0524 to 0.3339.
    told = proportions(80, 48, 70, 56)

    assert told.absolute == pytest.approx(0.2)
    assert (round(told.low, 4), round(told.high, 4)) == (0.0524, 0.3339)
    pooled = 104 / 150
    assert told.statistic == pytest.approx(0.2 / math.sqrt(pooled * (1 - pooled) * (1 / 80 + 1 / 70)))


def test_rates_of_nobody_and_everybody_are_judged() -> None:
    # Newcombe 1998, table II (h): 10/10 against 0/10; method 10: 0.6075 to 1.
    all_against_none = proportions(10, 0, 10, 10)
    none_at_all = proportions(1000, 0, 1000, 0)

    assert (round(all_against_none.low, 4), all_against_none.high) == (0.6075, 1.0)
    assert all_against_none.p_value == pytest.approx(2 * stats.norm.sf(math.sqrt(20)), rel=1e-12)
    assert (none_at_all.absolute, none_at_all.p_value, none_at_all.relative) == (0.0, 1.0, None)
    assert -0.004 < none_at_all.low < 0 < none_at_all.high < 0.004
    nobody = proportions(1000, 300, 1000, 0)
    assert (nobody.relative, nobody.relative_low, nobody.relative_high) == (-1.0, None, None)
    assert not proportions(1, 1, 10, 10).is_told


@given(st.integers(2, 500), st.integers(2, 500), st.data())
def test_rates_are_symmetric(control_n: int, treated_n: int, data: st.DataObject) -> None:
    control, treated = data.draw(st.integers(0, control_n)), data.draw(st.integers(0, treated_n))
    there = proportions(control_n, control, treated_n, treated)
    back = proportions(treated_n, treated, control_n, control)
    misses = proportions(control_n, control_n - control, treated_n, treated_n - treated)

    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)
    assert (there.low, there.high) == pytest.approx((-misses.high, -misses.low), abs=1e-12)
    assert there.p_value == pytest.approx(back.p_value) == pytest.approx(misses.p_value)
    assert -1 <= there.low <= there.absolute + 1e-12
    assert there.absolute - 1e-12 <= there.high <= 1


def test_rates_and_confidence_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="11 of 10"):
        proportions(10, 11, 10, 3)
    for confidence in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match="confidence"):
            welch(Moments(10, 1.0, 1.0), Moments(10, 1.0, 1.0), confidence)


def test_a_ratio_by_one_is_a_mean() -> None:
    draw = np.random.default_rng(1)
    columns = draw.exponential(size=80), draw.exponential(size=90)
    plain = welch(*(moments_of(column) for column in columns))

    by_one = ratio(*(pairs_of(column, np.ones_like(column)) for column in columns))

    assert astuple(by_one) == pytest.approx(astuple(plain), rel=1e-12)


def test_a_ratio_by_hand() -> None:
    # Orders y 1, 2, 6 over visits x 1, 3, 2: ratio 1.5, variance (7 - 2·1.5·0.5 + 2.25·1) / 4.
    control = pairs_of(np.array([1.0, 2.0, 6.0]), np.array([1.0, 3.0, 2.0]))
    treated = pairs_of(np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0]))

    told = ratio(control, treated)

    assert told.absolute == 1.5
    assert told.standard_error == pytest.approx(math.sqrt(7.75 / 4 / 3 + 1 / 3))


def test_a_ratio_that_never_varies_or_over_nothing_is_not_told() -> None:
    x = np.array([1.0, 2.0, 7.0])

    assert not ratio(pairs_of(0.3 * x, x), pairs_of(0.7 * x, x)).is_told
    assert not ratio(pairs_of(x, 0 * x), pairs_of(x, x)).is_told


def test_shifts_of_a_ratio_do_not_matter() -> None:
    draw = np.random.default_rng(2)
    y, x = draw.exponential(size=(2, 60)), 1 + draw.exponential(size=(2, 60))

    plain = ratio(pairs_of(y[0], x[0]), pairs_of(y[1], x[1]))
    shifted = ratio(pairs_of(y[0], x[0], y_shift=1.0, x_shift=2.0), pairs_of(y[1], x[1], x_shift=-3.0))

    assert astuple(shifted) == pytest.approx(astuple(plain), rel=1e-9)


@given(arms, arms)
def test_a_contrast_of_two_is_welch(control: Moments, treated: Moments) -> None:
    told, same = welch(control, treated), contrast((-1.0, 1.0), (control, treated))

    assert (same.absolute, same.low, same.high) == pytest.approx((told.absolute, told.low, told.high))
    assert (same.statistic, same.p_value) == pytest.approx((told.statistic, told.p_value), rel=1e-9)
    assert same.relative is None
