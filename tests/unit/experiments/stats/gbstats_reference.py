"""Writes ``gbstats.json``: what GrowthBook's own statistics (gbstats 0.8.0, MIT) answer to random inputs.

Not run by the tests: gbstats pins an old pandas, so it has an environment of its own.

    uv venv /tmp/gbstats && uv pip install --python /tmp/gbstats/bin/python gbstats==0.8.0
    /tmp/gbstats/bin/python tests/unit/experiments/stats/gbstats_reference.py
"""

import json
import random
from pathlib import Path

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import (
    FrequentistConfig,
    SequentialConfig,
    SequentialTwoSidedTTest,
    TwoSidedTTest,
)
from gbstats.models.statistics import RatioStatistic, SampleMeanStatistic

SEED = 20261123


def arm(draw: random.Random, n: int) -> dict[str, float]:
    pairs = [(draw.expovariate(0.1), 1 + draw.expovariate(0.5)) for _ in range(n)]
    return {
        "n": n,
        "y": sum(y for y, _ in pairs),
        "x": sum(x for _, x in pairs),
        "yy": sum(y * y for y, _ in pairs),
        "xx": sum(x * x for _, x in pairs),
        "xy": sum(x * y for y, x in pairs),
    }


def mean(sums: dict[str, float], name: str = "y") -> SampleMeanStatistic:
    return SampleMeanStatistic(n=int(sums["n"]), sum=sums[name], sum_squares=sums[name + name])


def ratio(sums: dict[str, float]) -> RatioStatistic:
    return RatioStatistic(
        n=int(sums["n"]),
        m_statistic=mean(sums),
        d_statistic=mean(sums, "x"),
        m_d_sum_of_products=sums["xy"],
    )


def answer(test) -> list[float]:
    result = test.compute_result()
    return [float(result.expected), *map(float, result.ci), float(result.p_value)]


def case(draw: random.Random) -> dict:
    control, treated = arm(draw, draw.randint(20, 400)), arm(draw, draw.randint(20, 400))
    a, b = mean(control), mean(treated)
    chances = EffectBayesianABTest(
        a,
        b,
        EffectBayesianConfig(
            difference_type="absolute",
            prior_type="absolute",
            prior_effect=GaussianPrior(mean=0.5, variance=4.0, proper=True),
        ),
    ).compute_result()
    absolute, relative = (FrequentistConfig(difference_type=kind) for kind in ("absolute", "relative"))
    looking = SequentialConfig(difference_type="absolute", sequential_tuning_parameter=500)
    return {
        "control": control,
        "treated": treated,
        "welch": answer(TwoSidedTTest(a, b, absolute)),
        "welch_relative": answer(TwoSidedTTest(a, b, relative))[:3],
        "ratio": answer(TwoSidedTTest(ratio(control), ratio(treated), absolute)),
        "sequential_500": answer(SequentialTwoSidedTTest(a, b, looking)),
        "bayes_prior_0.5_2": [chances.chance_to_win, chances.risk[1], *chances.ci],
    }


if __name__ == "__main__":
    draw = random.Random(SEED)
    cases = {"made_by": "gbstats 0.8.0", "seed": SEED, "cases": [case(draw) for _ in range(25)]}
    Path(__file__).with_name("gbstats.json").write_text(json.dumps(cases, indent=1) + "\n")
