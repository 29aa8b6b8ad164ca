"""From columns of the warehouse to a card and rows. Loads scipy: import it only where it is used."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from quanyu.modules.insight.lifetime.card import ModelCard
from quanyu.modules.insight.lifetime.history import History, history
from quanyu.modules.insight.lifetime.limits import day_of
from quanyu.modules.insight.lifetime.model import Figures, build
from quanyu.modules.insight.lifetime.queries import Score

DIGITS: Final = 6  # Of probabilities and expected purchases; more would only look exact.


@dataclass(frozen=True, slots=True)
class Computed:
    """A card, and everybody's rows unless it refuses."""

    card: ModelCard
    scores: tuple[Score, ...]


def compute(columns: tuple[Any, ...], *, as_of: int, cut: int, minor_per_unit: int) -> Computed:
    """Fit and foretell; ``columns`` are those of ``warehouse_queries.PURCHASE_DAYS``.

    Runs for seconds on a large brand, in numpy and scipy, which let go of the interpreter's lock.
    """
    told = history(columns, as_of=as_of, cut=cut)
    outcome = build(told, minor_per_unit=minor_per_unit)
    scores = () if outcome.figures is None else _rows(told, outcome.figures)
    return Computed(outcome.card, scores)


def _rows(told: History, figures: Figures) -> tuple[Score, ...]:
    columns = (
        told.person.tolist(),
        figures.place.tolist(),
        told.days.tolist(),
        [day_of(one) for one in told.last.tolist()],
        _known(np.round(figures.alive, DIGITS)),
        np.round(figures.buys_soon, DIGITS).tolist(),
        np.round(figures.expected, DIGITS).tolist(),
        [None if one is None else day_of(told.as_of + int(one)) for one in _known(figures.next_days)],
        _whole(figures.spend_minor),
        _whole(figures.value_minor),
        figures.alive_band.tolist(),
        [band or None for band in figures.value_band.tolist()],
    )
    return tuple(Score(*row) for row in zip(*columns, strict=True))


def _known(column: Any) -> list[float | None]:
    return [one if one == one else None for one in column.tolist()]  # Only NaN differs from itself.


def _whole(column: Any) -> list[int | None]:
    return [None if one is None else int(one) for one in _known(column)]
