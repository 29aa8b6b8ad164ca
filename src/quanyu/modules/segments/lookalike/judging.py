"""What a search says of itself: how good it is, what to warn of, and why these people. Pure."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.lookalike.contracts import (
    REASONS_MAX,
    SEED_SMALL,
    FeatureKind,
    LookalikeDepth,
    LookalikeQuality,
    LookalikeReason,
    LookalikeWarning,
)
from quanyu.modules.segments.lookalike.features import Feature, Floats, Whole
from quanyu.modules.segments.lookalike.rows import Learned, Triplets

_Z: Final = 1.96
LEAST_AUC: Final = 0.55
TOO_TELLING: Final = 0.97  # One feature alone: the seed was chosen by it, or by what follows from it.
TOLD: Final = 0.02  # A smaller share of what is said is no reason.


def quality_of(learned: Learned) -> LookalikeQuality:
    """Return the test in words of people found, with the interval the size of the seed allows."""
    tested = learned.tested
    depths = [
        LookalikeDepth(share=round(depth, 6), found=round(found, 4), lift=round(found / depth, 2))
        for depth, found in zip(tested.depths, tested.found, strict=True)
    ]
    asked = tested.depths[-1]
    low, high = wilson(tested.found[-1], tested.held_out)
    return LookalikeQuality(
        held_out=tested.held_out,
        auc=tested.auc,
        depths=tuple(depths[:-1]),
        asked=depths[-1],
        lift_low=round(low / asked, 2),
        lift_high=round(high / asked, 2),
        best_single_auc=learned.best_single_auc,
        folds=tested.folds,
    )


def wilson(share: float, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share seen among so many (Wilson's)."""
    base = 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / base
    away = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2)) / base
    return max(0.0, middle - away), min(1.0, middle + away)


def warnings_of(quality: LookalikeQuality, *, seed: int, asked_share: float) -> tuple[LookalikeWarning, ...]:
    """Return what whoever decides should know."""
    found = []
    if seed < SEED_SMALL:
        found.append(LookalikeWarning.SEED_SMALL)
    # Where half of everybody is asked for, a lift can hardly be told from one; the order still can.
    if quality.auc < LEAST_AUC or (asked_share <= 0.5 and quality.lift_low <= 1.0):
        found.append(LookalikeWarning.NOTHING_SEPARATES)
    if quality.best_single_auc >= TOO_TELLING:
        found.append(LookalikeWarning.ONE_THING_DECIDES)
    if asked_share > 0.5:
        found.append(LookalikeWarning.MOST_OF_BASE)
    return tuple(found)


def reasons_of(
    features: Sequence[Feature], weights: Floats, rows: Triplets, is_seed: Whole
) -> tuple[LookalikeReason, ...]:
    """Return what most raises the seed above the others; of one thing that somebody does, the strongest."""
    seeds, others = int(is_seed.sum()), int((1 - is_seed).sum())
    mine = is_seed[rows.row] == 1
    width = len(features)

    def means(which: Whole, count: int) -> Floats:
        column, value = rows.column[which], rows.value[which]
        return np.bincount(column, weights=value, minlength=width) / count

    effect = weights * (means(mine, seeds) - means(~mine, others))
    whole = float(effect[effect > 0].sum())
    told: dict[tuple[str, str], LookalikeReason] = {}
    for place in np.argsort(-effect, kind="stable").tolist():
        share = effect[place] / whole if whole > 0 else 0.0
        if share < TOLD or len(told) == REASONS_MAX:
            break
        one = features[place]
        told.setdefault(
            (one.kind.value.removesuffix("_recency").removesuffix("_count"), one.name + one.value),
            _reason(one, share, rows.value[mine & (rows.column == place)], seeds,
                    rows.value[~mine & (rows.column == place)], others),
        )  # fmt: skip
    return tuple(told.values())


def _reason(
    one: Feature, effect: float, mine: Floats, seeds: int, theirs: Floats, others: int
) -> LookalikeReason:
    return LookalikeReason(
        kind=one.kind,
        name=encode_id("ptg", int(one.name)) if one.kind is FeatureKind.TAG else one.name,
        value=one.value,
        effect=round(effect, 4),
        seed_share=round(len(mine) / seeds, 4),
        base_share=round(len(theirs) / others, 4),
        seed_median=_median(one, mine),
        base_median=_median(one, theirs),
    )


def _median(one: Feature, made: Floats) -> float | None:
    told = one.read_back(float(np.median(made))) if len(made) else None
    return None if told is None else round(told, 2)
