"""EX: counts and sums are enough, and nothing is lost on the way from columns to them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.experiments.stats.moments import Moments, PairSums
from support.columns import moments_of, pairs_of

numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
columns = st.lists(numbers, min_size=1, max_size=40).map(np.array)


def test_three_numbers_by_hand() -> None:
    # 2, 4, 9: mean 5, squares of gaps 9 + 1 + 16 = 26, over 2.
    assert Moments.of_sums(3, 15.0, 101.0) == Moments(3, 5.0, 13.0)


@pytest.mark.parametrize(("n", "total", "squares"), [(0, 0.0, 0.0), (1, 7.0, 49.0)])
def test_below_two_nothing_varies(n: int, total: float, squares: float) -> None:
    assert Moments.of_sums(n, total, squares) == Moments(n, total, 0.0)


def test_a_constant_column_does_not_vary_by_its_rounding() -> None:
    column = np.full(100_000, 0.1)

    assert moments_of(column).variance == 0.0


def test_a_shift_keeps_the_digits_that_large_values_lose() -> None:
    column = 1e9 + np.array([0.0, 1.0, 2.0] * 1000)
    gaps = column - 1e9

    shifted = Moments.of_sums(3000, float(gaps.sum()), float((gaps * gaps).sum()), shift=1e9)

    assert shifted.mean == 1e9 + 1
    assert shifted.variance == pytest.approx(2 / 3 * 3000 / 2999, rel=1e-12)
    pairs = pairs_of(column, column, y_shift=1e9, x_shift=1e9 + 2)
    assert pairs.covariance == pytest.approx(shifted.variance, rel=1e-12)
    assert pairs.x_moments.mean == pairs.y_moments.mean == 1e9 + 1


def test_pairs_by_hand() -> None:
    # y 1, 2, 6 and x 1, 3, 2: gaps -2, -1, 3 and -1, 1, 0; products 2 - 1 + 0 = 1, over 2.
    sums = PairSums(3, y=9.0, x=6.0, yy=41.0, xx=14.0, xy=19.0)

    assert (sums.y_moments, sums.x_moments) == (Moments(3, 3.0, 7.0), Moments(3, 2.0, 1.0))
    assert sums.covariance == 0.5
    assert PairSums(1, 2.0, 3.0, 4.0, 9.0, 6.0).covariance == 0.0


@given(columns, columns)
def test_merged_parts_are_the_whole(one: np.ndarray, other: np.ndarray) -> None:
    whole = np.concatenate([one, other])
    parts = Moments(len(one), float(one.mean()), float(one.var(ddof=1)) if len(one) > 1 else 0.0)
    rest = Moments(len(other), float(other.mean()), float(other.var(ddof=1)) if len(other) > 1 else 0.0)

    merged = parts.merged(rest)

    size = float(np.abs(whole).max())
    assert merged.n == len(whole)
    assert merged.mean == pytest.approx(whole.mean(), abs=1e-9 * size)
    assert merged.variance == pytest.approx(whole.var(ddof=1), abs=1e-9 * size * size)
    assert rest.merged(parts).mean == pytest.approx(merged.mean, abs=1e-9 * size)


def test_merging_with_nobody_changes_nothing() -> None:
    some, nobody = Moments(3, 5.0, 13.0), Moments(0, 0.0, 0.0)

    assert some.merged(nobody) == nobody.merged(some) == some
    assert nobody.merged(nobody) == nobody


@given(columns, st.integers(0, 40))
def test_sums_of_parts_merge_into_sums_of_the_whole(column: np.ndarray, cut: int) -> None:
    x = np.round(column / 3)
    parts = pairs_of(column[:cut], x[:cut], y_shift=5.0).merged(pairs_of(column[cut:], x[cut:], y_shift=5.0))

    assert parts.y_moments.mean == pytest.approx(column.mean(), rel=1e-9, abs=1e-3)
    assert parts.n == len(column)


def test_sums_with_different_shifts_are_not_added() -> None:
    column = np.array([1.0, 2.0])

    with pytest.raises(ValueError, match="different shifts"):
        pairs_of(column, column).merged(pairs_of(column, column, y_shift=1.0))
