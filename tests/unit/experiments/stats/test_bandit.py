"""EX: shares of a bandit, in both directions, from 100 people an arm, and never below 1 %."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.modules.experiments.stats.bandit import FLOOR, Hits, mean_weights, rate_weights
from quanyu.modules.experiments.stats.moments import Moments

SEED = 20261123


def _draw() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.fixture(autouse=True)
def _told_seed() -> None:
    print("seed", SEED)


def test_until_every_arm_has_a_hundred_people_all_are_equal() -> None:
    assert rate_weights([Hits(99, 0), Hits(5000, 4000)], _draw()) == (0.5, 0.5)
    assert mean_weights(
        [Moments(5000, 9.0, 1.0), Moments(99, 0.0, 1.0), Moments(500, 1.0, 1.0)], _draw()
    ) == (
        1 / 3,
        1 / 3,
        1 / 3,
    )
    assert rate_weights([Hits(100, 0), Hits(5000, 4000)], _draw()) != (0.5, 0.5)


def test_three_clear_arms_are_half_half_and_the_floor() -> None:
    arms = [Hits(1000, 100), Hits(1000, 500), Hits(1000, 300)]

    assert rate_weights(arms, _draw()) == pytest.approx((0.01, 0.495, 0.495))
    # Where less is better GrowthBook leaves out the best arm: ours leads.
    assert rate_weights(arms, _draw(), higher_is_better=False) == pytest.approx((0.495, 0.01, 0.495))


def test_two_arms_move_in_both_directions() -> None:
    arms = [Hits(1000, 100), Hits(1000, 200)]

    assert rate_weights(arms, _draw()) == pytest.approx((0.01, 0.99))
    assert rate_weights(arms, _draw(), higher_is_better=False) == pytest.approx((0.99, 0.01))


def test_means_move_in_both_directions() -> None:
    arms = [Moments(400, 5.0, 4.0), Moments(400, 9.0, 4.0), Moments(400, 7.0, 4.0), Moments(400, 5.5, 4.0)]

    up, down = mean_weights(arms, _draw()), mean_weights(arms, _draw(), higher_is_better=False)

    assert np.argsort(up)[-2:].tolist() in ([1, 2], [2, 1])
    assert np.argsort(down)[-2:].tolist() in ([0, 3], [3, 0])


def test_what_is_unsure_is_shared() -> None:
    shares = rate_weights([Hits(200, 20), Hits(200, 22)], _draw())

    assert 0.5 < shares[1] < 0.8


def test_the_same_seed_shares_the_same() -> None:
    arms = [Hits(200, 20), Hits(300, 35), Hits(250, 24)]

    assert rate_weights(arms, _draw()) == rate_weights(arms, _draw())
    assert rate_weights(arms, _draw()) != rate_weights(arms, np.random.default_rng(SEED + 1))


def test_equal_arms_share_equally_however_they_are_listed() -> None:
    arms = [Moments(500, 0.0, 0.0)] * 4

    assert mean_weights(arms, _draw()) == pytest.approx((0.25,) * 4, abs=0.01)


@settings(max_examples=25)
@given(
    st.lists(
        st.integers(100, 2000).flatmap(lambda n: st.builds(Hits, st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_shares_sum_to_one_and_none_is_starved(arms: list[Hits], higher: bool) -> None:
    shares = rate_weights(arms, _draw(), higher_is_better=higher)
    mirrored = rate_weights(
        [Hits(arm.n, arm.n - arm.hits) for arm in arms], _draw(), higher_is_better=not higher
    )

    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    assert min(shares) >= FLOOR - 1e-12
    assert mirrored == pytest.approx(shares, abs=0.02)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no more hits"):
        rate_weights([Hits(10, 11)], _draw())
    for arms in ([], [Hits(100, 1)] * 100):
        with pytest.raises(ValueError, match="1 to 99 arms"):
            rate_weights(arms, _draw())


def test_it_earns_more_than_equal_shares_and_finds_the_best() -> None:
    draw, rates = _draw(), np.array([0.05, 0.06, 0.10, 0.055])
    people, hits = np.zeros(4, dtype=int), np.zeros(4, dtype=int)
    for _ in range(40):
        arms = [Hits(int(n), int(k)) for n, k in zip(people, hits, strict=True)]
        sent = draw.multinomial(500, rate_weights(arms, draw))
        people += sent
        hits += draw.binomial(sent, rates)

    assert int(np.argmax(people)) == 2
    assert hits.sum() / people.sum() > rates.mean() * 1.15
