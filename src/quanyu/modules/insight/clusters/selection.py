"""Who can be compared: columns of the warehouse to rows of numbers. Loads no large library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quanyu.modules.insight.clusters.contracts import ClusterCard, ClusterRefusal, Feature
from quanyu.modules.insight.clusters.features import MEASURES

LEAST_PEOPLE: Final = 200
LEAST_ACTS: Final = 2
SEED: Final = 20_260_304


@dataclass(frozen=True, slots=True)
class Compared:
    """Who is compared, and by what: one row per person."""

    person: NDArray[np.int64]
    values: NDArray[np.float64]
    features: tuple[Feature, ...]
    too_little: int  # People left out, because there is too little to compare them by.


def select(columns: Sequence[Sequence[Any]], features: tuple[Feature, ...]) -> Compared:
    """Leave out whoever acted once, and, where a feature needs an order, whoever never bought.

    ``columns`` are those of ``features_sql``.
    """
    person, count, bought = (np.asarray(column, dtype=np.int64) for column in columns[:3])
    values = [np.asarray(column, dtype=np.float64) for column in columns[3:]]
    enough = count >= LEAST_ACTS
    if any(MEASURES[one].needs_order for one in features):
        enough &= bought > 0
    rows = np.column_stack([column[enough] for column in values]) if values else np.empty((0, len(features)))
    return Compared(person[enough], np.maximum(rows, 0.0), features, int((~enough).sum()))


def empty_card(people: Compared, *, before: ClusterCard | None, k: int | None) -> ClusterCard:
    """Return a card that says on whom, and refuses where they are too few."""
    too_few = len(people.person) < LEAST_PEOPLE
    return ClusterCard(
        people=len(people.person),
        too_little=people.too_little,
        outliers=0,
        least_people=LEAST_PEOPLE,
        sampled=0,
        seed=SEED,
        refusal=ClusterRefusal.TOO_FEW_PEOPLE if too_few else None,
        is_k_given=k is not None,
        last_number=0 if before is None else before.last_number,
    )
