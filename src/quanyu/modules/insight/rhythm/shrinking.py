"""From few visits to a pattern: what is not known of a person is taken from everybody. Pure."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quanyu.modules.insight.rhythm.contracts import DayPart

Floats = NDArray[np.float64]
HOURS: Final = 24
WEEKDAYS: Final = 7
_PARTS: Final = ((6, DayPart.NIGHT), (11, DayPart.MORNING), (14, DayPart.NOON), (18, DayPart.AFTERNOON))


def shares(counts: Any) -> Floats:
    """Return each count's share of all; where there is none, no place is better than another."""
    found = np.asarray(counts, dtype=np.float64)
    total = found.sum()
    return found / total if total else np.full(len(found), 1.0 / len(found))


def shrunk(own: Any, crowd: Floats, weight: float) -> Floats:
    """Return (visits + weight * crowd's share) / (all visits + weight), a row for each person."""
    counts = np.asarray(own, dtype=np.float64).reshape(-1, len(crowd))
    return np.asarray((counts + weight * crowd) / (counts.sum(axis=1, keepdims=True) + weight))


def part_of(hour: int) -> DayPart:
    """Return the part of the day an hour belongs to."""
    return next((part for end, part in _PARTS if hour < end), DayPart.EVENING)
