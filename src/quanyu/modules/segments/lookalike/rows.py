"""Sparse rows of features, and what is learned from them. Loads no large library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Triplets:
    """Values that are there: of which row (person), in which column (feature)."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float64]

    def scores(self, rows: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weighted sum of every row."""
        weighed = self.value * weights[self.column]
        return np.bincount(self.row, weights=weighed, minlength=rows).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Tested:
    """How the seed held back was found; the last of ``depths`` is the size asked for."""

    held_out: int
    auc: float
    depths: tuple[float, ...]
    found: tuple[float, ...]
    folds: int


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights by column of raw values, and the test."""

    weights: NDArray[np.float64]
    tested: Tested
    best_single_auc: float
    library: str


def joined(parts: list[Triplets]) -> Triplets:
    """Return the values of all parts."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Triplets(nothing, nothing, np.zeros(0))
    return Triplets(
        np.concatenate([one.row for one in parts]),
        np.concatenate([one.column for one in parts]),
        np.concatenate([one.value for one in parts]),
    )
