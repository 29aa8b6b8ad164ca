"""What an experiment says, in plain words. Verdicts wait for whole weeks: weekdays differ."""

from collections.abc import Mapping, Sequence
from typing import Final

from quanyu.modules.experiments.analysis.contracts import (
    ArmReading,
    MetricReading,
    Outcome,
    Role,
    SampleRatioView,
    Verdict,
)

_WEEK: Final = 7
_TEXTS: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.MISMATCH: (
        "各组人数与计划的比例不符，分组或曝光有误，结论不可用",
        "The arms do not have the people they should: something is broken, and nothing can be concluded",
    ),
    Outcome.TOO_EARLY: (
        "人数还太少，每组至少需要 {least} 人",
        "It is too early: each arm needs at least {least} people",
    ),
    Outcome.NO_DIFFERENCE_YET: ("目前还看不出差别", "No difference can be told yet"),
    Outcome.NO_DIFFERENCE: (
        "计划的时间已到，仍看不出差别：即使有差别，也比计划要发现的小",
        "The planned time is over and no difference can be told: if there is one, it is small",
    ),
    Outcome.BETTER: (
        "「{arm}」更好：「{metric}」{change}",
        "{arm} is better: {metric_en} {change}",
    ),
    Outcome.HARMS: (
        "「{arm}」的「{metric}」更好（{change}），但护栏指标「{harmed}」变差",
        "{arm} is better in {metric_en} ({change}), but the guardrail {harmed_en} got worse",
    ),
    Outcome.WORSE: (
        "对照组最好：其他分组的「{metric}」都更差",
        "The control is best: {metric_en} is worse in every other arm",
    ),
}


def verdict(
    metrics: Sequence[MetricReading],
    sample_ratio: SampleRatioView,
    *,
    names: Mapping[str, str],
    days: int,
    plan_weeks: int,
    is_running: bool,
    least: int,
) -> Verdict:
    """Say what follows from a reading; the primary metric comes first."""
    primary = metrics[0]
    best = _best(primary)
    harmed = _harmed(metrics, best.arm) if best is not None else None
    outcome = _outcome(primary, sample_ratio, best, harmed, is_over=days >= plan_weeks * _WEEK, least=least)
    shown = best if outcome in (Outcome.BETTER, Outcome.HARMS) else None
    words = {
        "least": least,
        "arm": names.get(best.arm, best.arm) if best else "",
        "metric": primary.name,
        "metric_en": primary.name_en,
        "change": _change(best) if best else "",
        "harmed": harmed.name if harmed else "",
        "harmed_en": harmed.name_en if harmed else "",
    }
    zh, en = (text.format(**words) for text in _TEXTS[outcome])
    advice_zh, advice_en = _advice(outcome, days, plan_weeks) if is_running else ("", "")
    return Verdict(
        outcome=outcome,
        arm=shown.arm if shown else None,
        zh=zh,
        en=en,
        advice_zh=advice_zh,
        advice_en=advice_en,
    )


def _outcome(
    primary: MetricReading,
    sample_ratio: SampleRatioView,
    best: ArmReading | None,
    harmed: MetricReading | None,
    *,
    is_over: bool,
    least: int,
) -> Outcome:
    if sample_ratio.mismatch:
        return Outcome.MISMATCH
    if min(arm.people for arm in primary.arms) < least:
        return Outcome.TOO_EARLY
    if best is not None:
        return Outcome.BETTER if harmed is None else Outcome.HARMS
    if all(arm.is_worse for arm in primary.arms[1:]):
        return Outcome.WORSE
    return Outcome.NO_DIFFERENCE if is_over else Outcome.NO_DIFFERENCE_YET


def _best(primary: MetricReading) -> ArmReading | None:
    better = [arm for arm in primary.arms if arm.is_better and arm.sequential is not None]
    sign = -1 if primary.lower_is_better else 1
    return max(better, key=lambda arm: sign * (arm.value or 0.0), default=None)


def _harmed(metrics: Sequence[MetricReading], best: str) -> MetricReading | None:
    for metric in metrics:
        if metric.role is Role.GUARDRAIL and any(arm.arm == best and arm.is_worse for arm in metric.arms):
            return metric
    return None


def _change(arm: ArmReading) -> str:
    found = arm.sequential
    assert found is not None
    if found.relative is None:
        return f"{found.absolute:+.4g}"
    if found.relative_low is None or found.relative_high is None:
        return f"{found.relative:+.1%}"
    return f"{found.relative:+.1%} ({found.relative_low:+.1%} … {found.relative_high:+.1%})"


def _advice(outcome: Outcome, days: int, plan_weeks: int) -> tuple[str, str]:
    """Whole weeks, and not before one is full."""
    if outcome is Outcome.MISMATCH:
        return (
            "请检查曝光是否在分组分流处、对每一组都记录，修正后新建实验",
            "See whether exposure is recorded where the arms part and for each of them, then plan another",
        )
    planned = plan_weeks * _WEEK
    is_told = outcome in (Outcome.BETTER, Outcome.HARMS, Outcome.WORSE)
    end = max(_WEEK, -(-days // _WEEK) * _WEEK) if is_told else planned
    if days < end:
        return (
            f"已进行 {days} 天，请再进行 {end - days} 天，满整周后再决定",
            f"It ran for {days} days: let it run {end - days} more, to whole weeks, before you decide",
        )
    return ("已满整周，可以决定", "Whole weeks are over: you can decide")
