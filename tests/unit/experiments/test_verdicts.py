"""EX: what is said of a reading, for every outcome; and which arm counts as better."""

import pytest

from quanyu.modules.experiments.analysis.contracts import (
    MetricReading,
    Outcome,
    Role,
    SampleRatioView,
    Verdict,
)
from quanyu.modules.experiments.analysis.judging import (
    LEAST_PEOPLE,
    Measured,
    judge_metrics,
    judge_sample_ratio,
)
from quanyu.modules.experiments.analysis.verdicts import verdict
from quanyu.modules.experiments.contracts import Arm
from quanyu.modules.experiments.stats.moments import PairSums
from quanyu.modules.insight.metrics.builtin import BUILTIN

ARMS = ("control", "new", "bold")
SOUND = SampleRatioView(p_value=0.5, mismatch=False)


def rates(role: Role = Role.PRIMARY, *, lower: bool = False, n: int = 1_000, **hits: int) -> Measured:
    sums = {arm: PairSums(n, float(hits[arm]), 0.0, float(hits[arm]), 0.0, 0.0) for arm in hits}
    return Measured(
        metric="buyers", draft=BUILTIN["buyers"], role=role, lower_is_better=lower, is_rate=True,
        is_ratio=False, sums=sums,
    )  # fmt: skip


def said(*measured: Measured, days: int = 8, sample_ratio: SampleRatioView = SOUND) -> Verdict:
    return verdict(
        read(*measured),
        sample_ratio,
        names={"new": "新", "bold": "大胆"},
        days=days,
        plan_weeks=2,
        is_running=True,
        least=LEAST_PEOPLE,
    )


def read(*measured: Measured) -> tuple[MetricReading, ...]:
    return judge_metrics(measured, ARMS[: len(measured[0].sums)], 0.95)


@pytest.mark.parametrize(
    ("hits", "days", "outcome", "arm"),
    [
        ({"control": 100, "new": 200, "bold": 260}, 8, Outcome.BETTER, "bold"),
        ({"control": 260, "new": 100, "bold": 120}, 8, Outcome.WORSE, None),
        ({"control": 100, "new": 102, "bold": 99}, 8, Outcome.NO_DIFFERENCE_YET, None),
        ({"control": 100, "new": 102, "bold": 99}, 14, Outcome.NO_DIFFERENCE, None),
        ({"control": 260, "new": 100, "bold": 265}, 8, Outcome.NO_DIFFERENCE_YET, None),
    ],
)
def test_the_primary_metric_decides(
    hits: dict[str, int], days: int, outcome: Outcome, arm: str | None
) -> None:
    found = said(rates(**hits), days=days)
    assert (found.outcome, found.arm) == (outcome, arm)


def test_the_lower_may_be_the_better() -> None:
    found = said(rates(control=260, new=100, bold=250, lower=True))
    assert (found.outcome, found.arm) == (Outcome.BETTER, "new")


def test_a_guardrail_that_got_worse_is_told_with_the_gain() -> None:
    found = said(rates(control=100, new=200), rates(Role.GUARDRAIL, control=50, new=150, lower=True))
    assert (found.outcome, found.arm) == (Outcome.HARMS, "new")
    assert "护栏指标「购买人数」变差" in found.zh


def test_wrong_shares_withhold_the_verdict_whatever_the_figures_say() -> None:
    arms = [Arm(key=key, name=key, weight_bps=5_000) for key in ("control", "new")]
    wrong = judge_sample_ratio({"control": 1_000, "new": 1_300}, arms, shares_move=False)
    assert wrong.mismatch
    assert said(rates(control=100, new=400), sample_ratio=wrong).outcome is Outcome.MISMATCH
    assert not judge_sample_ratio({"control": 1_000, "new": 1_300}, arms, shares_move=True).mismatch
    assert not judge_sample_ratio({"control": 1_000, "new": 1_030}, arms, shares_move=False).mismatch


def test_below_a_hundred_people_nothing_is_told() -> None:
    found = said(rates(control=1, new=90, n=99))
    assert found.outcome is Outcome.TOO_EARLY
    assert "100" in found.zh


@pytest.mark.parametrize(("days", "left"), [(0, 7), (6, 1), (8, 6), (13, 1)])
def test_a_decision_waits_for_whole_weeks(days: int, left: int) -> None:
    assert f"请再进行 {left} 天" in said(rates(control=100, new=200), days=days).advice_zh


def test_whole_weeks_may_be_decided() -> None:
    assert said(rates(control=100, new=200), days=7).advice_zh == "已满整周，可以决定"
    assert "请再进行 7 天" in said(rates(control=100, new=101), days=7).advice_zh


def test_several_arms_are_judged_more_carefully() -> None:
    """EX: Holm over the arms."""
    alone = read(rates(control=100, new=150))[0].arms[1]
    beside = read(rates(control=100, new=150, bold=150))[0].arms[1]
    assert alone.adjusted_p is not None
    assert beside.adjusted_p == pytest.approx(2 * alone.adjusted_p)
