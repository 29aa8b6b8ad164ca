"""What is known of a person, as columns of numbers: how each is made, and how it reads back."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from quanyu.modules.segments.lookalike.contracts import FeatureKind

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

FADE_DAYS: Final = 60.0  # Something that long ago counts 1/e of something now.
_COUNTED: Final = frozenset(
    {FeatureKind.EVENT_COUNT, FeatureKind.SPENT, FeatureKind.CATEGORY, FeatureKind.CHANNEL}
)
_FLAGS: Final = frozenset({FeatureKind.TAG, FeatureKind.ATTRIBUTE})


@dataclass(frozen=True, slots=True)
class Feature:
    """One column. Numbers are told by how far from ``center`` they lie, in ``spread``, both usual ones."""

    kind: FeatureKind
    name: str
    value: str = ""
    center: float = 0.0
    spread: float = 1.0

    def made(self, raw: Floats) -> Floats:
        """Return the column from what was measured; large figures are looked at as logarithms."""
        if self.kind in _FLAGS:
            return np.ones_like(raw)
        if self.kind is FeatureKind.EVENT_RECENCY:
            return np.exp(-np.maximum(raw, 0.0) / FADE_DAYS)
        if self.kind in _COUNTED:
            return np.sign(raw) * np.log1p(np.abs(raw))
        away = (raw - self.center) / self.spread
        return np.sign(away) * np.log1p(np.abs(away))

    def read_back(self, made: float) -> float | None:
        """Return what was measured; ``None`` for what somebody has or has not."""
        if self.kind in _FLAGS:
            return None
        if self.kind is FeatureKind.EVENT_RECENCY:
            return float(-FADE_DAYS * np.log(max(made, 1e-12)))
        told = float(np.sign(made) * np.expm1(abs(made)))
        return told if self.kind in _COUNTED else self.center + self.spread * told
