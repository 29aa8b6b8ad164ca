"""Checking a model on days it has not seen."""

from typing import Any, Final

import numpy as np

from quanyu.modules.insight.lifetime.bgnbd import BgNbd
from quanyu.modules.insight.lifetime.card import Holdout, HoldoutBin
from quanyu.modules.insight.lifetime.history import History
from quanyu.modules.insight.lifetime.limits import day_of
from quanyu.modules.insight.lifetime.patterns import DAYS_A_WEEK, Floats, Patterns, Whole

LAST_BIN: Final = 7  # People with so many repeat purchases or more share a bin, as in the paper's figure.


def check(model: BgNbd, of: Patterns, whose: Whole, bought: Whole, *, history: History) -> Holdout:
    """Compare what ``model`` foretells for the days after the cut with what happened.

    ``of`` are patterns as of the cut, ``whose`` each person's pattern, ``bought`` what each bought after it.
    """
    days = history.as_of - history.cut
    weeks = days / DAYS_A_WEEK
    expected = model.expected(of, weeks)[whose]
    # A person's own pace: all purchases over the time since the first, at least a week of it.
    pace = ((of.x + 1.0) / np.maximum(of.T, 1.0) * weeks)[whose]
    likely = model.buys_within(of, weeks)[whose]
    latest = -(of.T - of.tx)[whose]
    actual = int(bought.sum())
    return Holdout(
        from_=day_of(history.cut + 1),
        days=days,
        people=len(whose),
        actual=actual,
        expected=float(expected.sum()),
        error=float(expected.sum()) / actual - 1.0 if actual else 0.0,
        per_person_error=_mean_error(expected, bought),
        pace_per_person_error=_mean_error(pace, bought),
        auc=auc(likely, bought > 0),
        recency_auc=auc(latest, bought > 0),
        bins=_bins(of.x[whose], expected, bought),
    )


def auc(score: Floats, positive: Any) -> float | None:
    """Return the chance that a positive has a higher score than a negative; ties count half.

    ``None`` when there are only positives or only negatives.
    """
    chosen = np.asarray(positive, dtype=bool)
    hits, misses = int(chosen.sum()), int((~chosen).sum())
    if not hits or not misses:
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2.0  # The mean rank of equal scores.
    above = float(middle[inverse][chosen].sum()) - hits * (hits + 1) / 2.0
    return above / (hits * misses)


def _mean_error(expected: Floats, bought: Whole) -> float:
    return float(np.abs(expected - bought).mean()) if len(bought) else 0.0


def _bins(x: Floats, expected: Floats, bought: Whole) -> tuple[HoldoutBin, ...]:
    place = np.minimum(x, LAST_BIN).astype(np.int64)
    people = np.bincount(place, minlength=LAST_BIN + 1)
    sums = [np.bincount(place, weights=one, minlength=LAST_BIN + 1) for one in (bought, expected)]
    return tuple(
        HoldoutBin(
            repeats=repeats,
            or_more=repeats == LAST_BIN,
            people=int(people[repeats]),
            actual=float(sums[0][repeats] / people[repeats]),
            expected=float(sums[1][repeats] / people[repeats]),
        )
        for repeats in range(LAST_BIN + 1)
        if people[repeats]
    )
