"""Rows to learn from. Loads no large library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Customers at cut-offs: who, what was known then, and whether they left after."""

    person: NDArray[np.int64]
    values: NDArray[np.float64]
    left: NDArray[np.int64]


def joined(parts: list[Rows]) -> Rows:
    """Return the rows of all parts."""
    return Rows(
        np.concatenate([one.person for one in parts]),
        np.concatenate([one.values for one in parts]),
        np.concatenate([one.left for one in parts]),
    )
