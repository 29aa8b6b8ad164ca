"""EX: arms drawn by group chat or store need cluster-robust variance."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from quanyu.modules.experiments.stats.clusters import Cluster, clustered
from quanyu.modules.experiments.stats.difference import welch
from support.columns import moments_of

SEED = 20261123


def _people(draw: np.random.Generator, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return whose group everybody is in and what came of them; a group moves together."""
    group = np.repeat(np.arange(groups), draw.integers(5, 60, size=groups))
    return group, draw.normal(size=groups)[group] * 0.5 + draw.normal(size=len(group))


def _clusters(group: np.ndarray, values: np.ndarray) -> list[Cluster]:
    people, totals = np.bincount(group), np.bincount(group, weights=values)
    return [Cluster(int(n), float(total)) for n, total in zip(people, totals, strict=True)]


def test_by_hand() -> None:
    # Control 2 people 4, 4 people 2: mean 1, residuals 2 and -2; variance 2/1 · 8 / 36.
    # Treated 3 people 6, 3 people 12: mean 3, residuals -3 and 3; variance 2/1 · 18 / 36.
    told = clustered([Cluster(2, 4.0), Cluster(4, 2.0)], [Cluster(3, 6.0), Cluster(3, 12.0)])

    assert told.absolute == pytest.approx(2.0)
    assert told.standard_error == pytest.approx((16 / 36 + 36 / 36) ** 0.5)


def test_statsmodels_agrees() -> None:
    draw = np.random.default_rng(3)
    (one, y), (two, z) = _people(draw, 30), _people(draw, 30)
    design = np.column_stack([np.ones(len(y) + len(z)), np.repeat([0.0, 1.0], (len(y), len(z)))])
    groups = np.concatenate([one, two + 30])
    fitted = OLS(np.concatenate([y, z]), design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )

    told = clustered(_clusters(one, y), _clusters(two, z))

    assert told.absolute == pytest.approx(fitted.params[1], rel=1e-10)
    assert told.standard_error == pytest.approx(fitted.bse[1] * (30 / 29) ** 0.5, rel=1e-10)


def test_clusters_of_one_person_are_people() -> None:
    draw = np.random.default_rng(4)
    y, z = draw.exponential(size=50), draw.exponential(size=70)

    told = clustered([Cluster(1, float(v)) for v in y], [Cluster(1, float(v)) for v in z])

    plain = welch(moments_of(y), moments_of(z))
    assert told.standard_error == pytest.approx(plain.standard_error, rel=1e-12)
    assert told.p_value == pytest.approx(plain.p_value, rel=1e-10)


def test_what_cannot_be_judged_is_not_told() -> None:
    some = [Cluster(3, 4.0), Cluster(5, 6.0)]

    assert not clustered([Cluster(3, 4.0)], some).is_told
    assert not clustered([], some).is_told
    assert not clustered([Cluster(0, 0.0)], some).is_told
    assert clustered([*some, Cluster(0, 0.0)], some) == clustered(some, some)


def test_counting_people_would_find_what_is_not_there() -> None:
    """1,000 A/A experiments by group chat: inside the exact binomial 99 % band, or far outside."""
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    robust = naive = 0
    for _ in range(1000):
        (one, y), (two, z) = _people(draw, 40), _people(draw, 40)
        robust += clustered(_clusters(one, y), _clusters(two, z)).p_value < 0.05
        naive += welch(moments_of(y), moments_of(z)).p_value < 0.05

    assert 33 <= robust <= 69
    assert naive > 300
