"""How arms differ, by every method, from sums alone. Loads scipy: import it where it is used."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from quanyu.modules.experiments.analysis.contracts import (
    ArmReading,
    DifferenceView,
    MetricReading,
    PowerAnswer,
    PowerQuestion,
    Role,
    SampleRatioView,
)
from quanyu.modules.experiments.contracts import WHOLE_BPS, Arm
from quanyu.modules.experiments.stats import bandit, bayes, cuped, power, srm
from quanyu.modules.experiments.stats.difference import (
    Difference,
    proportions,
    rate_moments,
    ratio,
    ratio_moments,
    welch,
)
from quanyu.modules.experiments.stats.moments import Moments, PairSums
from quanyu.modules.experiments.stats.multiple import holm
from quanyu.modules.experiments.stats.sequential import always_valid
from quanyu.modules.insight.metrics.contracts import MetricDraft

LEAST_PEOPLE = 100  # Per arm: confidence sequences hold from about there.
NOBODY = PairSums(0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric and what history says of it."""

    metric: str
    draft: MetricDraft
    role: Role
    lower_is_better: bool
    is_rate: bool
    is_ratio: bool
    sums: Mapping[str, PairSums]


@dataclass(frozen=True, slots=True)
class _Compared:
    fixed: Difference
    sequential: Difference
    posterior: bayes.Posterior


def judge_sample_ratio(
    people: Mapping[str, int], arms: Sequence[Arm], *, shares_move: bool
) -> SampleRatioView:
    """Tell whether the arms have the people they should (EX: alarm below 0.001)."""
    if shares_move or not sum(people.values()):
        return SampleRatioView(p_value=None, mismatch=False)
    found = srm.sample_ratio([people.get(arm.key, 0) for arm in arms], [arm.weight_bps for arm in arms])
    return SampleRatioView(p_value=found.p_value, mismatch=found.mismatch)


def judge_metrics(
    measured: Sequence[Measured], arms: Sequence[str], confidence: float
) -> tuple[MetricReading, ...]:
    """Judge every metric. Holm is over the arms for the primary, over arms and metrics for further ones."""
    compared = [{arm: _compare(one, arms[0], arm, confidence) for arm in arms[1:]} for one in measured]
    adjusted: list[dict[str, float]] = [{} for _ in measured]
    for role in Role:
        places = [
            (number, arm) for number, one in enumerate(measured) if one.role is role for arm in arms[1:]
        ]
        p_values = [compared[number][arm].sequential.p_value for number, arm in places]
        for (number, arm), p_value in zip(places, holm(p_values), strict=True):
            adjusted[number][arm] = p_value
    return tuple(
        _reading(one, arms, compared[number], adjusted[number], 1 - confidence)
        for number, one in enumerate(measured)
    )


def bandit_shares(measured: Measured, arms: Sequence[str], *, seed: int) -> tuple[int, ...]:
    """Return the share of each arm in basis points; they add up to the whole.

    Of a ratio, the moments of its linearised values; below ``bandit.LEAST_PEOPLE`` all arms are equal.
    """
    sums = [measured.sums.get(arm, NOBODY) for arm in arms]
    generator = np.random.default_rng([seed, *(one.n for one in sums)])
    better = not measured.lower_is_better
    if measured.is_rate:
        hits = [bandit.Hits(one.n, round(one.y)) for one in sums]
        shares = bandit.rate_weights(hits, generator, higher_is_better=better)
    else:
        moments = [_linear(one) if measured.is_ratio else one.y_moments for one in sums]
        shares = bandit.mean_weights(moments, generator, higher_is_better=better)
    edges = [round(sum(shares[:place]) * WHOLE_BPS) for place in range(1, len(shares))]
    return tuple(end - start for start, end in zip([0, *edges], [*edges, WHOLE_BPS], strict=True))


def _linear(sums: PairSums) -> Moments:
    return ratio_moments(sums) if sums.x else _NONE


def plan_power(asked: PowerQuestion) -> PowerAnswer:
    """Return how many people, and days, it takes.

    Raises:
        ValueError: no such effect can be found.
    """
    baseline: power.Baseline
    if asked.kind == "rate":
        baseline = power.RateBaseline(asked.baseline)
    else:
        spread = asked.deviation if asked.deviation is not None else asked.baseline
        baseline = power.MeanBaseline(asked.baseline, spread * spread)
    per_arm = power.needed_per_arm(
        baseline,
        asked.effect * asked.baseline,
        power=asked.power,
        alpha=1 - float(asked.confidence),
        arms=asked.arms,
    )
    days = power.days_needed(per_arm, asked.arms, asked.people_per_day)
    return PowerAnswer(per_arm=per_arm, people=per_arm * asked.arms, days=days)


def _compare(one: Measured, control: str, arm: str, confidence: float) -> _Compared:
    before, after = one.sums.get(control, NOBODY), one.sums.get(arm, NOBODY)
    better = not one.lower_is_better
    if one.is_rate:
        counts = (before.n, round(before.y)), (after.n, round(after.y))
        return _Compared(
            proportions(*counts[0], *counts[1], confidence),
            always_valid(rate_moments(*counts[0]), rate_moments(*counts[1]), confidence),
            bayes.beta_binomial(*counts, confidence=confidence, higher_is_better=better),
        )
    if one.is_ratio:
        fixed = ratio(before, after, confidence)
        told = bool(before.x) and bool(after.x)
        moments = (ratio_moments(before), ratio_moments(after)) if told else (_NONE, _NONE)
    else:
        moments = cuped.adjusted(before, after)
        fixed = welch(*moments, confidence)
    return _Compared(
        fixed,
        always_valid(*moments, confidence),
        bayes.gaussian(fixed, confidence=confidence, higher_is_better=better),
    )


_NONE = Moments(0, 0.0, 0.0)


def _reading(
    one: Measured,
    arms: Sequence[str],
    compared: Mapping[str, _Compared],
    adjusted: Mapping[str, float],
    alpha: float,
) -> MetricReading:
    kept = None
    if not one.is_rate and not one.is_ratio and len(arms) > 1:
        kept = cuped.variance_kept(one.sums.get(arms[0], NOBODY), one.sums.get(arms[1], NOBODY))
    control = one.sums.get(arms[0], NOBODY)
    return MetricReading(
        metric=one.metric,
        name=one.draft.name,
        name_en=one.draft.name_en or one.draft.name,
        unit=one.draft.unit,
        role=one.role,
        lower_is_better=one.lower_is_better,
        variance_kept=kept,
        arms=(
            _control(one, arms[0], control),
            *(
                _treated(one, arm, compared[arm], adjusted[arm], alpha, enough=_is_enough(control))
                for arm in arms[1:]
            ),
        ),
    )


def _control(one: Measured, arm: str, sums: PairSums) -> ArmReading:
    return ArmReading(
        arm=arm,
        people=sums.n,
        value=_figure(one, sums),
        fixed=None,
        sequential=None,
        adjusted_p=None,
        chance_better=None,
        expected_loss=None,
        is_better=False,
        is_worse=False,
    )


def _treated(
    one: Measured, arm: str, found: _Compared, adjusted_p: float, alpha: float, *, enough: bool
) -> ArmReading:
    sums = one.sums.get(arm, NOBODY)
    gain = -found.sequential.absolute if one.lower_is_better else found.sequential.absolute
    is_told = enough and _is_enough(sums) and adjusted_p < alpha
    return _control(one, arm, sums).model_copy(
        update={
            "fixed": _view(found.fixed),
            "sequential": _view(found.sequential),
            "adjusted_p": adjusted_p,
            "chance_better": found.posterior.chance_better,
            "expected_loss": _finite(found.posterior.expected_loss),
            "is_better": is_told and gain > 0,
            "is_worse": is_told and gain < 0,
        }
    )


def _is_enough(sums: PairSums) -> bool:
    return sums.n >= LEAST_PEOPLE


def _figure(one: Measured, sums: PairSums) -> float | None:
    if one.is_ratio:
        return sums.y / sums.x if sums.x else None
    return sums.y / sums.n if sums.n else None


def _view(found: Difference) -> DifferenceView:
    return DifferenceView(
        absolute=found.absolute,
        low=_finite(found.low),
        high=_finite(found.high),
        relative=found.relative,
        relative_low=found.relative_low,
        relative_high=found.relative_high,
        p_value=found.p_value,
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def pair_sums(row: Sequence[float]) -> PairSums:
    """Read (people, Σy, Σx, Σy², Σx², Σxy)."""
    return replace(NOBODY, n=int(row[0]), y=row[1], x=row[2], yy=row[3], xx=row[4], xy=row[5])
