"""What must hold of any buyer, under any parameters the search may visit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.insight.lifetime import bgnbd
from quanyu.modules.insight.lifetime.bgnbd import BgNbd
from quanyu.modules.insight.lifetime.gamma_gamma import GammaGamma
from quanyu.modules.insight.lifetime.holdout import auc
from quanyu.modules.insight.lifetime.patterns import group_days, patterns

positive = st.floats(1e-4, 1e5)
models = st.builds(BgNbd, r=positive, alpha=positive, a=positive, b=positive)
usual = st.builds(
    BgNbd, r=st.floats(0.05, 5), alpha=st.floats(0.5, 50), a=st.floats(0.05, 5), b=st.floats(0.2, 20)
)
# (repeat purchases, days to the last, days from it till now)
buyers = st.tuples(st.integers(0, 3000), st.integers(0, 7000), st.integers(0, 7000)).map(
    lambda one: (one[0], one[1] if one[0] else 0, one[2])
)


def _of(*people: tuple[int, int, int]) -> bgnbd.Patterns:
    x, tx, quiet = (np.array(column, dtype=np.float64) for column in zip(*people, strict=True))
    return patterns(x, tx / 7.0, (tx + quiet) / 7.0)


@given(models, buyers, st.floats(1.0, 520.0))
def test_every_figure_is_a_number_in_its_range(model: BgNbd, one: tuple[int, int, int], weeks: float) -> None:
    of = _of(one)
    alive, soon, expected = model.alive(of), model.buys_within(of, weeks), model.expected(of, weeks)
    assert 0.0 <= alive[0] <= 1.0
    assert 0.0 <= soon[0] <= alive[0]
    assert np.isfinite(expected[0])
    assert expected[0] >= 0.0
    assert np.isfinite(model.log_likelihood(of))
    wait = model.next_in(of)[0]
    assert np.isnan(wait) or wait >= 0.0


@given(usual, st.integers(1, 200), st.integers(1, 700), st.integers(0, 700), st.integers(1, 300))
def test_a_longer_silence_is_a_worse_sign(model: BgNbd, x: int, last: int, quiet: int, longer: int) -> None:
    of = _of((x, last, quiet), (x, last, quiet + longer))
    for figure in (model.alive(of), model.buys_within(of, 13.0), model.expected(of, 52.0)):
        assert figure[1] <= figure[0] * (1.0 + 1e-6)


@given(usual, buyers, st.floats(1.0, 200.0), st.floats(1.0, 200.0))
def test_more_time_brings_more(model: BgNbd, one: tuple[int, int, int], weeks: float, more: float) -> None:
    of = _of(one)
    assert model.expected(of, weeks + more)[0] >= model.expected(of, weeks)[0] * (1.0 - 1e-6)
    assert model.buys_within(of, weeks + more)[0] >= model.buys_within(of, weeks)[0]


@given(usual, buyers)
def test_the_next_purchase_comes_by_its_date_in_half_of_all_cases(
    model: BgNbd, one: tuple[int, int, int]
) -> None:
    of = _of(one)
    wait = float(model.next_in(of)[0])
    if np.isnan(wait):
        assert model.alive(of)[0] <= 0.5 or model.buys_within(of, 1e6)[0] <= 0.51
    elif wait < 1e6:
        assert abs(float(model.buys_within(of, wait)[0]) - 0.5) < 1e-6


@given(usual, st.lists(buyers, min_size=1, max_size=30))
def test_neither_order_nor_grouping_changes_the_likelihood(
    model: BgNbd, people: list[tuple[int, int, int]]
) -> None:
    people = people + people[: len(people) // 2]
    shuffled = sorted(people)
    columns = np.array(people, dtype=np.int64).T
    grouped, whose = group_days(columns[0], columns[1], columns[1] + columns[2])
    plain = model.log_likelihood(_of(*people))
    assert np.isclose(model.log_likelihood(_of(*shuffled)), plain, rtol=1e-9)
    assert np.isclose(model.log_likelihood(grouped), plain, rtol=1e-9)
    assert grouped.total == len(people)
    assert (grouped.x[whose] == columns[0]).all()


@given(
    st.builds(GammaGamma, p=st.floats(0.01, 1e4), q=st.floats(1.01, 1e4), v=positive),
    st.integers(0, 5000),
    st.floats(0.01, 1e7),
    st.floats(0.01, 1e7),
)
def test_who_spends_more_is_expected_to_spend_more(
    model: GammaGamma, x: int, mean: float, more: float
) -> None:
    expected = model.expected(np.full(2, float(x)), np.array([mean, mean + more]))
    low, high = sorted((model.mean, mean))
    assert low * (1.0 - 1e-9) <= expected[0] <= high * (1.0 + 1e-9)
    assert expected[1] >= expected[0] * (1.0 - 1e-9)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_auc_counts_pairs(rows: list[tuple[int, bool]]) -> None:
    hits = [score for score, hit in rows if hit]
    misses = [score for score, hit in rows if not hit]
    found = auc(np.array([float(score) for score, _ in rows]), np.array([hit for _, hit in rows]))
    if not hits or not misses:
        assert found is None
        return
    pairs = sum((one > other) + 0.5 * (one == other) for one in hits for other in misses)
    assert found is not None
    assert abs(found - pairs / (len(hits) * len(misses))) < 1e-12
