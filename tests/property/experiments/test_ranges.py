"""EX: whoever has an arm keeps it when the coverage grows; parts of a layer share nobody."""

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.experiments import assignment
from quanyu.modules.experiments.assignment import BUCKETS


@st.composite
def weights(draw: st.DrawFn) -> tuple[int, ...]:
    edges = sorted(draw(st.lists(st.integers(0, BUCKETS), min_size=1, max_size=9)))
    return tuple(end - start for start, end in zip([0, *edges], [*edges, BUCKETS], strict=True))


@given(weights(), st.integers(1, BUCKETS), st.integers(1, BUCKETS), st.integers(0, BUCKETS - 1))
def test_widening_coverage_moves_nobody(shares: tuple[int, ...], one: int, other: int, place: int) -> None:
    narrow, wide = sorted((one, other))
    before = assignment.arm_at(place, shares, narrow)
    assert before is None or assignment.arm_at(place, shares, wide) == before
    assert assignment.arm_at(place, shares, BUCKETS) is not None


@given(st.integers(0, BUCKETS), st.text(max_size=20))
def test_parts_of_a_layer_share_nobody(edge: int, value: str) -> None:
    inside = assignment.in_layer("prices", value, start=0, end=edge)
    assert inside != assignment.in_layer("prices", value, start=edge, end=BUCKETS)


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.text(max_size=20))
def test_a_larger_hold_out_keeps_who_was_in_it(one: int, other: int, value: str) -> None:
    small, large = sorted((one, other))
    if assignment.is_held_out("s", value, small):
        assert assignment.is_held_out("s", value, large)
