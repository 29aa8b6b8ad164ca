"""EX: factorial designs: main effects and what two factors do only together."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from quanyu.modules.experiments.stats.difference import welch
from quanyu.modules.experiments.stats.factors import Factor, effects
from quanyu.modules.experiments.stats.moments import Moments
from support.columns import moments_of

TITLE, HOUR = Factor("title", ("plain", "warm")), Factor("hour", ("noon", "evening"))


def test_two_by_two_by_hand() -> None:
    cells = {
        ("plain", "noon"): Moments(100, 1.0, 4.0),
        ("plain", "evening"): Moments(50, 2.0, 4.0),
        ("warm", "noon"): Moments(200, 2.0, 4.0),
        ("warm", "evening"): Moments(100, 5.0, 4.0),
    }

    title, hour, both = effects((TITLE, HOUR), cells)

    # Title: 1 at noon, 3 in the evening; hour: 1 when plain, 3 when warm; together 2 more.
    assert (title.factors, title.levels, title.difference.absolute) == (("title",), ("warm",), 2.0)
    assert (hour.levels, hour.difference.absolute) == (("evening",), 2.0)
    assert (both.factors, both.levels) == (("title", "hour"), ("warm", "evening"))
    assert both.difference.absolute == 2.0
    variance = 4 / 100 + 4 / 50 + 4 / 200 + 4 / 100
    assert both.difference.standard_error == pytest.approx(variance**0.5)
    assert title.difference.standard_error == pytest.approx(variance**0.5 / 2)


def test_a_saturated_regression_agrees() -> None:
    """Three factors of 2, 3 and 2 levels; effects coded so that other factors weigh the same."""
    draw = np.random.default_rng(20261123)
    factors = (TITLE, Factor("picture", ("none", "cat", "dog")), HOUR)
    columns = {
        (a, b, c): draw.normal(size=int(draw.integers(20, 60))) + (a == "warm") * (1 + (b == "dog"))
        for a in TITLE.levels
        for b in factors[1].levels
        for c in HOUR.levels
    }
    told = effects(factors, {levels: moments_of(column) for levels, column in columns.items()})

    def code(level: str, factor: Factor) -> list[float]:
        base = 1 / len(factor.levels)
        return [(level == other) - base for other in factor.levels[1:]]

    rows, y = [], []
    for levels, column in columns.items():
        a, b, c = (code(level, factor) for level, factor in zip(levels, factors, strict=True))
        ab, ac, bc = np.kron(a, b), np.kron(a, c), np.kron(b, c)
        row = [1.0, *a, *b, *c, *ab, *ac, *bc, *np.kron(ab, c)]
        rows += [row] * len(column)
        y += column.tolist()
    fitted = OLS(np.array(y), np.array(rows)).fit()

    # Main effects: title 1, picture 2, hour 1; interactions: 2, 1 and 2.
    assert [effect.difference.absolute for effect in told] == pytest.approx(fitted.params[1:10], abs=1e-9)
    assert [effect.levels for effect in told][4:6] == [("warm", "cat"), ("warm", "dog")]


def test_one_factor_is_an_ordinary_comparison() -> None:
    one, other = Moments(80, 1.0, 2.0), Moments(90, 1.5, 3.0)

    (effect,) = effects((TITLE,), {("plain",): one, ("warm",): other})

    plain = welch(one, other)
    assert effect.difference.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert effect.difference.low == pytest.approx(plain.low)


def test_a_cell_with_nobody_leaves_its_effects_untold() -> None:
    cell, empty = Moments(50, 1.0, 1.0), Moments(0, 0.0, 0.0)
    picture = Factor("picture", ("none", "cat", "dog"))

    cat, dog = effects((picture,), {("none",): cell, ("cat",): cell, ("dog",): empty})

    assert (cat.difference.is_told, dog.difference.is_told) == (True, False)


def test_a_design_that_is_not_whole_is_refused() -> None:
    cell = Moments(50, 1.0, 1.0)

    for factors, cells in (
        ((TITLE,), {("plain",): cell}),
        ((Factor("title", ("plain",)),), {("plain",): cell}),
        ((), {}),
    ):
        with pytest.raises(ValueError, match="every combination"):
            effects(factors, cells)
