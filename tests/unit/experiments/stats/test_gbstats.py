"""EX: the same answers as GrowthBook's statistics where both do the same (``gbstats_reference.py``)."""

import json
from pathlib import Path

import pytest

from quanyu.modules.experiments.stats.bayes import Prior, gaussian
from quanyu.modules.experiments.stats.difference import Difference, ratio, welch
from quanyu.modules.experiments.stats.moments import Moments, PairSums
from quanyu.modules.experiments.stats.sequential import always_valid

CASES = json.loads(Path(__file__).with_name("gbstats.json").read_text("utf-8"))["cases"]


def _told(difference: Difference) -> list[float]:
    return [difference.absolute, difference.low, difference.high, difference.p_value]


@pytest.mark.parametrize("case", CASES)
def test_answers_agree_to_a_billionth(case: dict) -> None:
    control, treated = PairSums(**case["control"]), PairSums(**case["treated"])
    pair: tuple[Moments, Moments] = control.y_moments, treated.y_moments
    means = welch(*pair)
    chances = gaussian(means, Prior(mean=0.5, deviation=2.0))

    assert _told(means) == pytest.approx(case["welch"], rel=1e-9, abs=1e-9)
    assert [means.relative, means.relative_low, means.relative_high] == pytest.approx(
        case["welch_relative"], rel=1e-9, abs=1e-9
    )
    assert _told(ratio(control, treated)) == pytest.approx(case["ratio"], rel=1e-9, abs=1e-9)
    assert _told(always_valid(*pair, tuned_for=500)) == pytest.approx(case["sequential_500"], rel=1e-9)
    assert [chances.chance_better, chances.expected_loss, chances.low, chances.high] == pytest.approx(
        case["bayes_prior_0.5_2"], rel=1e-9, abs=1e-9
    )
