"""EX: what an experiment needs, told before it starts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from quanyu.modules.experiments.stats.difference import proportions
from quanyu.modules.experiments.stats.power import (
    MeanBaseline,
    NullVariance,
    RateBaseline,
    days_needed,
    detectable_effect,
    needed_per_arm,
)

SEED = 20261123


def test_rates_by_hand() -> None:
    # From 20 % to 25 % (known answers): 1093.7 pooled, 1030.22 with the baseline's variance.
    assert needed_per_arm(RateBaseline(0.2), 0.05) == 1094
    assert needed_per_arm(RateBaseline(0.2, NullVariance.BASELINE), 0.05) == 1031


def test_the_test_that_is_run_has_the_promised_power() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)

    def found(n: int) -> float:
        hits = draw.binomial(n, (0.2, 0.25), size=(4000, 2))
        return float(np.mean([proportions(n, int(a), n, int(b)).p_value < 0.05 for a, b in hits]))

    # 99 % band of 4,000 at 0.8 is 0.0163 each way; with the calculator's 1,030 it would be 0.776.
    assert found(needed_per_arm(RateBaseline(0.2), 0.05)) == pytest.approx(0.8, abs=0.0163)


@pytest.mark.parametrize("effect", [0.05, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_means_need_what_statsmodels_says(effect: float, power: float) -> None:
    exact = TTestIndPower().solve_power(effect_size=effect, alpha=0.05, power=power)

    needed = needed_per_arm(MeanBaseline(100.0, 9.0), 3 * effect, power=power)

    assert needed - 1 <= exact + 0.1 <= needed + 0.2


def test_more_arms_need_more_each() -> None:
    two, four = (needed_per_arm(RateBaseline(0.1), 0.02, arms=arms) for arms in (2, 4))

    assert four > two
    assert four == needed_per_arm(RateBaseline(0.1), 0.02, alpha=0.05 / 3)


@given(
    st.one_of(
        st.builds(RateBaseline, st.floats(0.01, 0.6), st.sampled_from(NullVariance)),
        st.builds(MeanBaseline, st.floats(-10, 10), st.floats(0.1, 100)),
    ),
    st.integers(100, 1_000_000),
    st.sampled_from([0.5, 0.8, 0.99]),
    st.integers(2, 5),
)
def test_what_can_be_found_needs_as_many(
    baseline: RateBaseline | MeanBaseline, per_arm: int, power: float, arms: int
) -> None:
    effect = detectable_effect(baseline, per_arm, power=power, arms=arms)

    assert effect is not None
    assert needed_per_arm(baseline, effect, power=power, arms=arms) == pytest.approx(per_arm, abs=1, rel=1e-6)
    if isinstance(baseline, MeanBaseline):
        fall = needed_per_arm(baseline, -effect, power=power, arms=arms)
        assert fall == needed_per_arm(baseline, effect, power=power, arms=arms)


def test_too_few_people_find_nothing() -> None:
    assert detectable_effect(RateBaseline(0.5), 3) is None
    assert detectable_effect(RateBaseline(0.5), 0) is None
    assert detectable_effect(RateBaseline(0.9), 50) is None  # Not even everybody would be enough.
    assert detectable_effect(MeanBaseline(1.0, 1.0), 0) is None


def test_days_are_whole_weeks() -> None:
    assert days_needed(1094, 2, 300) == 14  # 7.3 days.
    assert days_needed(700, 2, 200) == 7
    assert days_needed(701, 2, 200) == 14
    assert days_needed(10, 3, 1000) == 7
    assert days_needed(1000, 2, 1000, smallest_share=0.1) == 14


@pytest.mark.parametrize(
    ("baseline", "effect", "power", "alpha", "arms"),
    [
        (RateBaseline(0.2), 0.0, 0.8, 0.05, 2),
        (RateBaseline(0.2), 0.9, 0.8, 0.05, 2),
        (RateBaseline(0.2), -0.3, 0.8, 0.05, 2),
        (RateBaseline(0.0), 0.1, 0.8, 0.05, 2),
        (MeanBaseline(1.0, 0.0), 0.1, 0.8, 0.05, 2),
        (MeanBaseline(1.0, 1.0), 1e-9, 0.8, 0.05, 2),
        (MeanBaseline(1.0, 1.0), 0.1, 0.04, 0.05, 2),
        (MeanBaseline(1.0, 1.0), 0.1, 0.8, 1.0, 2),
        (MeanBaseline(1.0, 1.0), 0.1, 0.8, 0.05, 1),
    ],
)
def test_what_cannot_be_planned_is_refused(
    baseline: RateBaseline | MeanBaseline, effect: float, power: float, alpha: float, arms: int
) -> None:
    with pytest.raises(ValueError, match=r"."):
        needed_per_arm(baseline, effect, power, alpha, arms)
    with pytest.raises(ValueError, match="people every day"):
        days_needed(100, 2, 0)
