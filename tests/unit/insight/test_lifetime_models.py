"""The models against what their authors published of one real shop, and against other ways to compute."""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from quanyu.modules.insight.lifetime import bgnbd, gamma_gamma
from quanyu.modules.insight.lifetime.bgnbd import BgNbd
from quanyu.modules.insight.lifetime.gamma_gamma import GammaGamma
from quanyu.modules.insight.lifetime.patterns import Floats, Patterns, group_days, patterns

CDNOW = BgNbd(r=0.2426, alpha=4.4137, a=0.7930, b=2.4262)
WEEKS = 39.0


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> dict[str, Floats]:
    """The published customers of CDNOW: x, t_x and T in weeks, and the mean of their repeat purchases."""
    path = shared_data / "data" / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    if not path.exists():
        pytest.skip(f"needs CDNOW; none at {path}")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in ("x", "t_x", "T", "zbar")}


@pytest.mark.shared
def test_published_parameters_of_cdnow(cdnow: dict[str, Floats]) -> None:
    """Fader, Hardie and Lee 2005, table 2."""
    fitted = bgnbd.fit(patterns(cdnow["x"], cdnow["t_x"], cdnow["T"]))
    model = fitted.model
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx(
        (0.2426, 4.4137, 0.7930, 2.4262), rel=1e-3
    )
    assert fitted.log_likelihood == pytest.approx(-9582.429, abs=0.01)
    assert fitted.converged
    assert not fitted.at_bounds


@pytest.mark.shared
def test_orders_of_cdnow_lead_to_the_published_parameters(shared_data: Path) -> None:
    """From single purchases, counted by day and grouped by pattern, as a brand's own orders are."""
    end = date(1997, 9, 30).toordinal()
    days: dict[str, set[int]] = defaultdict(set)
    with gzip.open(shared_data / "data" / "cdnow" / "CDNOW_sample.txt.gz", "rt") as file:
        for line in file:
            customer, _, day, *_ = line.split()
            days[customer].add(date.fromisoformat(day).toordinal())
    bought = [sorted(one for one in each if one <= end) for each in days.values()]
    x = np.array([len(each) - 1 for each in bought])
    tx = np.array([each[-1] - each[0] for each in bought])
    age = np.array([end - each[0] for each in bought])
    of, _ = group_days(x, tx, age)
    fitted = bgnbd.fit(of)
    assert of.total == 2357
    assert len(of) == 1016
    model = fitted.model
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx(
        (0.2426, 4.4137, 0.7930, 2.4262), rel=1e-3
    )
    assert fitted.log_likelihood == pytest.approx(-9582.429, abs=0.01)


@pytest.mark.shared
def test_published_spending_of_cdnow(cdnow: dict[str, Floats]) -> None:
    """Fader and Hardie 2013: 946 repeat customers, printed to two decimals: half a hundredth besides."""
    repeat = cdnow["x"] > 0
    assert repeat.sum() == 946
    model = gamma_gamma.fit(cdnow["x"][repeat], cdnow["zbar"][repeat]).model
    assert (model.p, model.q, model.v) == pytest.approx((6.25, 3.74, 15.45), rel=1e-3, abs=0.005)


@pytest.mark.shared
def test_holdout_of_cdnow_by_frequency(cdnow: dict[str, Floats]) -> None:
    """The expected purchases of the next 39 weeks by repeat purchases in the first 39, as published."""
    of = patterns(cdnow["x"], cdnow["t_x"], cdnow["T"])
    expected = bgnbd.fit(of).model.expected(of, WEEKS)
    place = np.minimum(of.x, 7)
    means = [float(expected[place == bin_].mean()) for bin_ in range(8)]
    published = [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157]
    assert means == pytest.approx(published, abs=0.0006)


def test_published_expectations() -> None:
    """The walk-through of the BTYD package: a new customer, a frequent one, and the paradox of frequency."""
    assert CDNOW.expected_new(52.0) == pytest.approx(1.444, abs=5e-4)
    frequent = patterns([26], [30.857], [31.0])
    assert CDNOW.expected(frequent, 52.0)[0] == pytest.approx(25.75659, rel=1e-3)
    assert CDNOW.alive(frequent)[0] == pytest.approx(0.9688523, rel=1e-4)
    quiet = patterns([10, 15, 20, 25], [20.0] * 4, [39.0] * 4)
    published = (0.3474606, 0.04283391, 0.004158973, 0.0003583685)
    assert CDNOW.expected(quiet, 52.0) == pytest.approx(published, rel=2e-3)


def test_the_slope_of_the_likelihood_is_its_derivative() -> None:
    of = patterns([0, 1, 2, 9], [0.0, 3.0, 8.0, 30.0], [5.0, 9.0, 20.0, 31.0], people=[7, 3, 2, 1])
    at = np.array([0.4, 5.0, 0.7, 2.0])
    slope = bgnbd._likelihood(at, of)[1]
    assert slope == pytest.approx(
        optimize.approx_fprime(at, lambda one: bgnbd._likelihood(one, of)[0], 1e-7), rel=1e-4, abs=1e-4
    )
    x, mean, start = np.array([1.0, 2.0, 5.0]), np.array([0.5, 1.0, 3.0]), np.array([3.0, 2.5, 1.5])
    slope = gamma_gamma._likelihood(start, x, mean)[1]
    assert slope == pytest.approx(
        optimize.approx_fprime(start, lambda one: gamma_gamma._likelihood(one, x, mean)[0], 1e-7), rel=1e-4
    )


def test_expectation_is_the_average_over_those_who_may_stop() -> None:
    """Against direct integration over the probability p of stopping, which shares no formula with it."""
    x, tx, age, weeks = 3.0, 10.0, 14.0, 52.0

    def purchases(p: float) -> float:
        silent = ((CDNOW.alpha + age) / (CDNOW.alpha + age + p * weeks)) ** (CDNOW.r + x)
        return float((1.0 - silent) / p * stats.beta.pdf(p, CDNOW.a, CDNOW.b + x))

    slow, _ = integrate.quad(purchases, 0.0, 1.0)
    of = patterns([x], [tx], [age])
    assert CDNOW.expected_if_alive(of, weeks)[0] == pytest.approx(slow, rel=1e-6)
    assert CDNOW.integrated(of, weeks)[0] == pytest.approx(slow, rel=1e-9)


def test_spending_lies_between_the_own_mean_and_everybodys() -> None:
    model = GammaGamma(p=6.25, q=3.74, v=15.45)
    average = 6.25 * 15.45 / 2.74
    expected = model.expected(np.array([0.0, 2.0, 400.0]), np.array([0.0, 22.35, 22.35]))
    # Fader and Hardie 2013 give customer 1 (x = 2, mean 22.35) as 24.66 for their parameters.
    assert expected == pytest.approx((average, 24.66, 22.35), abs=0.03)


def test_a_simulated_brand_gives_back_its_parameters() -> None:
    truth = BgNbd(r=0.8, alpha=6.0, a=0.9, b=3.0)
    fitted = bgnbd.fit(simulated(truth, people=6_000, seed=7)).model
    assert (fitted.r, fitted.alpha) == pytest.approx((0.8, 6.0), rel=0.1)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.9 / 3.9, rel=0.1)


def simulated(model: BgNbd, *, people: int, seed: int) -> Patterns:
    """Let people buy and stop as the model says."""
    random = np.random.default_rng(seed)
    pace = random.gamma(model.r, 1.0 / model.alpha, people)
    stop = random.beta(model.a, model.b, people)
    age = random.integers(60, 500, people)
    x, tx = np.zeros(people, dtype=np.int64), np.zeros(people)
    going = np.ones(people, dtype=bool)
    now = np.zeros(people)
    while going.any():
        now = now + random.exponential(1.0, people) / np.maximum(pace, 1e-12)
        going &= now * 7.0 <= age
        x[going] += 1
        tx[going] = now[going]
        going &= random.random(people) >= stop
    return patterns(x, tx, age / 7.0)


def test_beta_nodes_average_also_where_the_exact_rule_gives_up() -> None:
    for a, b in ((0.79, 2.4), (2.0, 100.0), (50.0, 5_000.0), (0.5, 40_000.0)):
        p, weight = bgnbd._beta_nodes(a, b)
        assert float(p @ weight) == pytest.approx(a / (a + b), rel=0.02)
        assert np.isfinite(special.log1p(p)).all()
