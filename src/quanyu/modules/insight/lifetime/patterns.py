"""Purchase patterns: what the models need to know of a person, and everybody who shares it once.

Units: weeks. ``x`` counts repeat purchases (days with a purchase, less the first), ``tx`` is the age of the
person at the last one, ``T`` their age now; age begins with the first purchase.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

DAYS_A_WEEK: Final = 7.0
_SHIFT: Final = 20  # Days and purchases below 2^20 each: 2,800 years.
_MASK: Final = (1 << _SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct (x, tx, T), and how many people have each. Many share one: most buy once or twice."""

    x: Floats
    tx: Floats
    T: Floats
    people: Floats

    def __len__(self) -> int:
        return len(self.x)

    @property
    def total(self) -> float:
        """People in all."""
        return float(self.people.sum())


def patterns(x: Any, tx: Any, T: Any, people: Any = None) -> Patterns:
    """Make patterns from columns in weeks, one person each unless ``people`` says otherwise."""
    columns = [np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (x, tx, T)]
    count = np.ones(len(columns[0])) if people is None else np.asarray(people, dtype=np.float64)
    return Patterns(columns[0], columns[1], columns[2], count)


def group_days(x: Whole, tx_days: Whole, age_days: Whole) -> tuple[Patterns, Whole]:
    """Group people by pattern; the second answer tells each person's pattern.

    A million people of a real brand have far fewer patterns, because purchases fall on days.
    """
    key = (x.astype(np.int64) << (2 * _SHIFT)) | (tx_days.astype(np.int64) << _SHIFT) | age_days
    keys, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    found = Patterns(
        x=(keys >> (2 * _SHIFT)).astype(np.float64),
        tx=((keys >> _SHIFT) & _MASK) / DAYS_A_WEEK,
        T=(keys & _MASK) / DAYS_A_WEEK,
        people=counts.astype(np.float64),
    )
    return found, inverse.astype(np.int64)
