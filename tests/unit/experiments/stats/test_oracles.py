"""EX: 1,000 random inputs against statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from quanyu.modules.experiments.stats.difference import proportions, welch
from support.columns import moments_of

SEED = 20261123


def test_means() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    for _ in range(1000):
        control, treated = (
            draw.gamma(draw.uniform(0.2, 5), draw.uniform(0.1, 1000), int(draw.integers(3, 300)))
            for _ in range(2)
        )
        compared = CompareMeans(DescrStatsW(treated), DescrStatsW(control))
        statistic, p_value, _ = compared.ttest_ind(usevar="unequal")
        low, high = compared.tconfint_diff(usevar="unequal")

        told = welch(moments_of(control), moments_of(treated))

        assert (told.statistic, told.p_value) == pytest.approx((statistic, p_value), rel=1e-9)
        assert (told.low, told.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9 * (high - low))


def test_rates() -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    for _ in range(1000):
        n, m = (int(size) for size in draw.integers(5, 5000, size=2))
        hits, other = int(draw.integers(1, n)), int(draw.integers(1, m))
        statistic, p_value = proportions_ztest([other, hits], [m, n])
        interval = confint_proportions_2indep(other, m, hits, n, compare="diff", method="newcomb")

        told = proportions(n, hits, m, other)

        assert (told.statistic, told.p_value) == pytest.approx((statistic, p_value), rel=1e-9, abs=1e-300)
        assert (told.low, told.high) == pytest.approx(interval, rel=1e-9, abs=1e-12)
