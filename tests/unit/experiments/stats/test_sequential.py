"""EX: results that may be looked at after every batch (Waudby-Smith et al. 2023)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.experiments.stats.difference import welch
from quanyu.modules.experiments.stats.moments import Moments
from quanyu.modules.experiments.stats.sequential import always_valid

SEED = 20261123
arms = st.builds(Moments, n=st.integers(2, 50_000), mean=st.floats(-10, 10), variance=st.floats(0.01, 100))


def test_the_interval_is_equation_9() -> None:
    control, treated = Moments(3000, 1.0, 4.0), Moments(2000, 1.2, 9.0)
    n, s2 = 5000, 5000 * (4 / 3000 + 9 / 2000)
    rho = math.sqrt((-2 * math.log(0.05) + math.log(-2 * math.log(0.05) + 1)) / 5000)
    half = math.sqrt(s2 * 2 * (n * rho**2 + 1) / (n * rho) ** 2 * math.log(math.sqrt(n * rho**2 + 1) / 0.05))

    told = always_valid(control, treated, tuned_for=5000)

    assert (told.low, told.high) == pytest.approx((0.2 - half, 0.2 + half), rel=1e-12)
    assert told.relative == pytest.approx(0.2)
    assert told.relative_low is not None


@given(arms, arms, st.integers(100, 50_000))
def test_the_p_value_and_the_interval_agree(control: Moments, treated: Moments, tuned_for: int) -> None:
    told = always_valid(control, treated, tuned_for=tuned_for)

    if abs(told.p_value - 0.05) > 1e-9:
        assert (told.p_value < 0.05) == (told.low > 0 or told.high < 0)


@given(arms, arms)
def test_the_freedom_to_look_costs_width(control: Moments, treated: Moments) -> None:
    told, once = always_valid(control, treated), welch(control, treated)

    if min(control.n, treated.n) > 100:
        assert told.low < once.low < once.high < told.high
        assert (
            told.p_value >= once.p_value or once.p_value < 1e-9
        )  # Far out the tails of t and normal differ.
    assert always_valid(treated, control).low == -told.high


def test_it_is_narrowest_for_the_size_it_is_tuned_for() -> None:
    arm = Moments(2500, 1.0, 1.0)
    widths = {size: always_valid(arm, arm, tuned_for=size).high for size in (500, 5000, 50_000)}

    assert min(widths, key=widths.__getitem__) == 5000


def test_what_cannot_be_judged_is_not_told() -> None:
    assert not always_valid(Moments(1, 1.0, 0.0), Moments(50, 1.0, 1.0)).is_told
    assert not always_valid(Moments(50, 1.0, 0.0), Moments(50, 2.0, 0.0)).is_told
    with pytest.raises(ValueError, match="at least one person"):
        always_valid(Moments(9, 1.0, 1.0), Moments(9, 1.0, 1.0), tuned_for=0)


@pytest.mark.parametrize("outcome", ["spend", "rate"])
def test_peeking_after_every_batch_keeps_the_promise(outcome: str) -> None:
    """1,000 A/A experiments, looked at 50 times each: at most 5 % ever say there is a difference."""
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    runs, looks, batch = 1000, 50, 100
    totals, squares = np.empty((2, runs, looks)), np.empty((2, runs, looks))
    for arm in range(2):
        for look in range(looks):
            buys = draw.random((runs, batch)) < 0.2
            values = buys * draw.lognormal(size=(runs, batch)) if outcome == "spend" else buys * 1.0
            totals[arm, :, look], squares[arm, :, look] = values.sum(axis=1), (values**2).sum(axis=1)
    totals, squares = totals.cumsum(axis=2), squares.cumsum(axis=2)

    fooled, fooled_once_valid = 0, 0
    for run in range(runs):
        pairs = [
            [Moments.of_sums(batch * (k + 1), totals[arm, run, k], squares[arm, run, k]) for arm in range(2)]
            for k in range(looks)
        ]
        fooled += any(always_valid(*pair, tuned_for=5000).p_value < 0.05 for pair in pairs)
        fooled_once_valid += any(welch(*pair).p_value < 0.05 for pair in pairs)

    assert fooled <= 50
    assert fooled_once_valid > 200  # What the same looks do with a test made for one.


def test_a_real_effect_is_found() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    means = draw.normal((0.0, 0.2), 1 / 50, size=(200, 2))

    found = sum(always_valid(Moments(2500, a, 1.0), Moments(2500, b, 1.0)).low > 0 for a, b in means)

    assert found >= 195
