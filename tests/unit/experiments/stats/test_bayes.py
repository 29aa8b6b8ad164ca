"""EX: chances and expected losses; integrals are compared with draws and with closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quanyu.modules.experiments.stats.bayes import Beta, Prior, beta_binomial, gaussian
from quanyu.modules.experiments.stats.difference import proportions, welch
from quanyu.modules.experiments.stats.moments import Moments

SEED = 20261123
rates = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


def test_without_a_prior_the_data_speak_alone() -> None:
    told = welch(Moments(100, 10.0, 50.0), Moments(100, 11.0, 50.0))  # Error 1.

    believed = gaussian(told)

    assert believed.chance_better == pytest.approx(stats.norm.cdf(1), rel=1e-12)
    assert believed.expected_loss == pytest.approx(stats.norm.pdf(1) - stats.norm.sf(1), rel=1e-12)
    assert (believed.low, believed.high) == pytest.approx((1 - 1.959963984540054, 1 + 1.959963984540054))


def test_a_prior_pulls_by_its_precision() -> None:
    told = welch(Moments(100, 10.0, 50.0), Moments(100, 11.0, 50.0))

    believed = gaussian(told, Prior(mean=0.0, deviation=1.0))  # Half each: mean 0.5, deviation √½.

    assert (believed.low + believed.high) / 2 == pytest.approx(0.5)
    assert believed.chance_better == pytest.approx(stats.norm.cdf(0.5 * math.sqrt(2)))


def test_lower_is_better_turns_the_chance_and_not_the_effect() -> None:
    told = welch(Moments(100, 10.0, 50.0), Moments(100, 11.0, 50.0))
    up, down = gaussian(told), gaussian(told, higher_is_better=False)

    assert up.chance_better + down.chance_better == pytest.approx(1.0)
    assert down.expected_loss - up.expected_loss == pytest.approx(1.0)  # Both differ by the effect.
    assert (up.low, up.high) == (down.low, down.high)


def test_without_data_the_prior_stays() -> None:
    told = welch(Moments(1, 10.0, 0.0), Moments(100, 11.0, 50.0))

    assert gaussian(told, Prior(2.0, 1.0)).chance_better == pytest.approx(stats.norm.cdf(2))
    assert gaussian(told).chance_better == 0.5
    assert gaussian(told).expected_loss == math.inf
    assert gaussian(proportions(50, 0, 50, 0)).chance_better == 0.5
    with pytest.raises(ValueError, match="learns nothing"):
        gaussian(told, Prior(0.0, 0.0))


@pytest.mark.parametrize(
    ("control", "treated"),
    [((40, 3), (50, 9)), ((1000, 100), (1000, 130)), ((60, 0), (20, 20)), ((90_000, 4_000), (300, 12))],
)
def test_draws_agree(control: tuple[int, int], treated: tuple[int, int]) -> None:
    print("seed", SEED)
    draw = np.random.default_rng(SEED)
    one, other = (draw.beta(1 + hits, 1 + n - hits, 400_000) for n, hits in (control, treated))
    gap = other - one

    told = beta_binomial(control, treated)

    assert told.chance_better == pytest.approx((gap > 0).mean(), abs=0.004)
    assert told.expected_loss == pytest.approx(np.maximum(-gap, 0).mean(), rel=0.02, abs=1e-5)
    assert (told.low, told.high) == pytest.approx(tuple(np.quantile(gap, (0.025, 0.975))), abs=0.002)


@pytest.mark.parametrize(
    ("control", "treated"), [((9, 2), (12, 7)), ((400, 40), (300, 60)), ((70, 70), (9, 0))]
)
def test_the_closed_form_agrees(control: tuple[int, int], treated: tuple[int, int]) -> None:
    """Miller 2015: the chance that one beta exceeds another, as a finite sum."""
    (a, b), (c, d) = ((1 + hits, 1 + n - hits) for n, hits in (control, treated))
    terms = np.arange(c)
    from scipy.special import betaln

    exact = np.exp(betaln(a + terms, b + d) - np.log(d + terms) - betaln(1 + terms, d) - betaln(a, b)).sum()

    assert beta_binomial(control, treated).chance_better == pytest.approx(exact, abs=1e-10)


@given(rates, rates)
def test_chances_of_both_directions_add_up(control: tuple[int, int], treated: tuple[int, int]) -> None:
    up = beta_binomial(control, treated)
    down = beta_binomial(control, treated, higher_is_better=False)
    swapped = beta_binomial(treated, control)

    assert up.chance_better + down.chance_better == pytest.approx(1.0, abs=1e-9)
    assert swapped.chance_better == pytest.approx(down.chance_better, abs=1e-9)
    assert swapped.expected_loss == pytest.approx(down.expected_loss, abs=1e-9)
    assert (swapped.low, swapped.high) == pytest.approx((-up.high, -up.low), abs=1e-7)
    means = [(hits + 1) / (n + 2) for n, hits in (control, treated)]
    assert down.expected_loss - up.expected_loss == pytest.approx(means[1] - means[0], abs=1e-9)


def test_a_prior_counts_as_people() -> None:
    assert beta_binomial((10, 3), (10, 5), Beta(3, 5)) == beta_binomial((16, 5), (16, 7))
    with pytest.raises(ValueError, match="at least one"):
        beta_binomial((10, 3), (10, 5), Beta(0.5, 0.5))
    with pytest.raises(ValueError, match="11 of 10"):
        beta_binomial((10, 11), (10, 5))
