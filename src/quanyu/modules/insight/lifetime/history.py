"""What the brand's orders say of each buyer, by day, as columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanyu.modules.insight.lifetime.patterns import Floats, Patterns, Whole, group_days


@dataclass(frozen=True, slots=True)
class History:
    """One entry per buyer, aligned. Days count from 1970 in the brand's time zone."""

    as_of: int  # The day the history ends with.
    cut: int  # The last day of the first part: what follows is kept back to check forecasts with.
    person: Whole
    first: Whole
    last: Whole
    days: Whole  # Days with a purchase.
    repeat_spent: Floats  # On all of them but the first.
    cut_last: Whole  # The last day with a purchase up to ``cut``; 0 without one.
    cut_days: Whole  # Days with a purchase up to ``cut``.

    def __len__(self) -> int:
        return len(self.person)

    @property
    def repeats(self) -> Whole:
        """Repeat purchases of each."""
        return self.days - 1

    def now(self) -> tuple[Patterns, Whole]:
        """Return everybody's pattern as of the end."""
        return group_days(self.repeats, self.last - self.first, self.as_of - self.first)

    def before_cut(self) -> tuple[Patterns, Whole, Whole]:
        """Return patterns as of the cut of whoever had bought by then, and what they bought after it."""
        known = self.cut_days > 0
        first = self.first[known]
        found, inverse = group_days(
            self.cut_days[known] - 1, self.cut_last[known] - first, np.full_like(first, self.cut) - first
        )
        return found, inverse, (self.days - self.cut_days)[known]


def history(columns: tuple[Any, ...], *, as_of: int, cut: int) -> History:
    """Make a history of the columns of ``warehouse_queries.HISTORY``."""
    whole = [np.asarray(one, dtype=np.int64) for one in columns[:4]]
    return History(
        as_of=as_of,
        cut=cut,
        person=whole[0],
        first=whole[1],
        last=whole[2],
        days=whole[3],
        repeat_spent=np.asarray(columns[4], dtype=np.float64),
        cut_last=np.asarray(columns[5], dtype=np.int64),
        cut_days=np.asarray(columns[6], dtype=np.int64),
    )
