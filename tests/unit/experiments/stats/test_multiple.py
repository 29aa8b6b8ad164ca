"""EX: Holm and Benjamini–Hochberg."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.modules.experiments.stats.multiple import benjamini_hochberg, holm

p_values = st.lists(st.floats(0, 1), min_size=0, max_size=12)


def test_holm_by_hand() -> None:
    assert holm((0.04, 0.01, 0.03)) == pytest.approx((0.06, 0.03, 0.06))


def test_benjamini_hochberg_by_hand() -> None:
    assert benjamini_hochberg((0.04, 0.01, 0.03, 0.5)) == pytest.approx((0.16 / 3, 0.04, 0.16 / 3, 0.5))


def test_one_alone_or_none_is_as_it_was() -> None:
    assert holm((0.04,)) == benjamini_hochberg((0.04,)) == (0.04,)
    assert holm(()) == ()
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm((0.04, 1.2))


@settings(max_examples=15)  # statsmodels collects garbage for each of Holm's.
@given(p_values)
def test_adjusted_values_keep_their_order_and_never_shrink(values: list[float]) -> None:
    strict, shared = holm(values), benjamini_hochberg(values)

    for before, after, most in zip(values, shared, strict, strict=True):
        assert before - 1e-12 <= after <= most + 1e-12 <= 1 + 2e-12
    order = sorted(range(len(values)), key=values.__getitem__)
    for adjusted in (strict, shared):
        ordered = [adjusted[place] for place in order]
        assert ordered == sorted(ordered)
