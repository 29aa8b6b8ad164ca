"""EX: assignment by hash, compatible with GrowthBook's version 2."""

import pytest

from quanyu.modules.experiments import assignment


@pytest.mark.parametrize(
    ("seed", "value", "share"),
    [
        ("seed", "a", 505),
        ("seed", "b", 2696),
        ("foo", "ab", 2575),
        ("89123klj", "8952klfjas09ujkasdf", 1240),
    ],
)
def test_the_published_vectors_hold(seed: str, value: str, share: int) -> None:
    assert assignment.bucket(seed, value) == share


def test_half_and_half_at_half_coverage_are_the_first_halves_of_each_range() -> None:
    """EX: 50/50 at coverage 0.5 → [0, 0.25) and [0.5, 0.75)."""
    arms = [
        assignment.arm_at(place, (5_000, 5_000), 5_000) for place in (0, 2_499, 2_500, 5_000, 7_499, 7_500)
    ]
    assert arms == [0, 0, None, 1, 1, None]


def test_an_arm_without_weight_gets_nobody() -> None:
    assert {assignment.arm_at(place, (5_000, 0, 5_000), 10_000) for place in range(10_000)} == {0, 2}


def test_a_layer_gives_its_first_gap_that_is_wide_enough() -> None:
    assert assignment.free_part([], 10_000) == (0, 10_000)
    assert assignment.free_part([(0, 2_000), (5_000, 7_000)], 3_000) == (2_000, 5_000)
    assert assignment.free_part([(0, 2_000), (5_000, 7_000)], 3_001) is None
    assert assignment.free_part([(0, 2_000), (5_000, 6_000)], 4_000) == (6_000, 10_000)


def test_shares_are_near_their_weights_and_experiments_are_independent() -> None:
    people = [f"per_{number}" for number in range(20_000)]
    first = {one: assignment.bucket("exp_1", one) < 5_000 for one in people}
    second = {one: assignment.bucket("exp_2", one) < 5_000 for one in people}
    both = sum(first[one] and second[one] for one in people)
    assert abs(sum(first.values()) - 10_000) < 300
    assert abs(both - 5_000) < 250
