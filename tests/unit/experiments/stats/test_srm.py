"""EX: the sample ratio, with degrees of freedom of the arms that should have people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quanyu.modules.experiments.stats.srm import sample_ratio


def test_an_arm_without_weight_has_no_degree_of_freedom() -> None:
    """The case in which GrowthBook says 0.330: it counts the empty arm as one more degree."""
    told = sample_ratio((142, 118, 0), (0.5, 0.5, 0.0))
    others = float(stats.chi2.sf(told.statistic, 2))

    assert (told.degrees, told.mismatch) == (1, False)
    assert (round(told.p_value, 3), round(others, 3)) == (0.137, 0.330)


def test_people_where_none_should_be_are_a_mismatch() -> None:
    told = sample_ratio((500, 500, 1), (0.5, 0.5, 0.0))

    assert (told.statistic, told.p_value, told.mismatch) == (0.0, 0.0, True)


def test_by_hand() -> None:
    # 100 people at 1:3: expected 25 and 75; 25/25 + 25/75.
    told = sample_ratio((30, 70), (1, 3))

    assert told.statistic == pytest.approx(4 / 3)
    assert told.p_value == pytest.approx(float(stats.chi2.sf(4 / 3, 1)), rel=1e-12)


@pytest.mark.parametrize(("extra", "alarm"), [(103, False), (105, True)])
def test_the_alarm_is_at_one_in_a_thousand(extra: int, alarm: bool) -> None:
    # 10.828 is the border: gap²/1,000 of 1,000 people.
    assert sample_ratio((500 + extra // 2, 500 - extra // 2 - 1), (1, 1)).mismatch is alarm


def test_nobody_yet_and_one_arm_alone_are_no_alarm() -> None:
    assert sample_ratio((0, 0), (1, 1)).p_value == 1.0
    alone = sample_ratio((70, 0), (1, 0))
    assert (alone.p_value, alone.degrees, alone.mismatch) == (1.0, 0, False)


@pytest.mark.parametrize(
    ("counts", "weights"), [((1,), (1, 1)), ((), ()), ((1, 2), (0, 0)), ((-1, 2), (1, 1)), ((1, 2), (1, -1))]
)
def test_what_makes_no_sense_is_refused(counts: tuple[int, ...], weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weight"):
        sample_ratio(counts, weights)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0.05, 1.0)), min_size=2, max_size=6))
def test_the_scale_of_weights_and_the_order_of_arms_do_not_matter(arms: list[tuple[int, float]]) -> None:
    counts, weights = zip(*arms, strict=True)
    told = sample_ratio(counts, weights)

    other = sample_ratio(counts[::-1], [weight * 40 for weight in weights[::-1]])

    assert other.statistic == pytest.approx(told.statistic, rel=1e-9)
    assert other.p_value == pytest.approx(told.p_value, rel=1e-6)
    with_empty = sample_ratio((*counts, 0), (*weights, 0.0))
    assert with_empty == told


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=6))
def test_scipy_agrees(counts: list[int]) -> None:
    told = sample_ratio(counts, [1.0] * len(counts))

    assert (told.statistic, told.p_value) == pytest.approx(
        tuple(stats.chisquare(counts)), rel=1e-9, abs=1e-300
    )
