"""From points to scores. Pure."""

from typing import Any, Final

import numpy as np

from quanyu.modules.insight.engagement.contracts import EngagementSettings, Level

TEN: Final = 10


def middle_of(points: Any, settings: EngagementSettings) -> float:
    """Return the points that make 50: what the operator set, or everybody's median."""
    if settings.middle is not None:
        return settings.middle
    return float(np.round(np.median(points), 2)) if len(points) else 1.0


def scores(points: Any, middle: float) -> Any:
    """Return 100 · points / (points + middle), whole: more always counts, and ever less."""
    own = np.asarray(points, dtype=np.float64)
    return np.rint(np.round(100.0 * own / (own + max(middle, 0.01)), 6)).astype(np.int64)


def level_of(score: int, settings: EngagementSettings) -> Level:
    """Return the level a score belongs to."""
    if score >= settings.high_from:
        return Level.HIGH
    return Level.MIDDLE if score >= settings.middle_from else Level.LOW


def ten_of(score: int) -> int:
    """Return where the ten of a score begins; 100 belongs to the last."""
    return min(score // TEN, TEN - 1) * TEN
