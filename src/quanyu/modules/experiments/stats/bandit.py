"""How a bandit shares people out: top-two Thompson sampling (Russo 2016).

From each draw of what the arms may be worth, half goes to the arm that comes first, half to the one that
comes second: the leader gets at most half, so that its closest rival is judged soon. Two arms would stay at
half each for ever; they are shared out by plain Thompson sampling (1933).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from quanyu.modules.experiments.stats.moments import Moments

LEAST_PEOPLE: Final = 100  # Per arm, before any arm gets more than another.
FLOOR: Final = 0.01  # What every arm keeps, however badly it does: tastes change.
DRAWS: Final = 20_000
_ARMS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Hits:
    """People of one arm, and how many of them did it."""

    n: int
    hits: int


def rate_weights(
    arms: Sequence[Hits], generator: np.random.Generator, *, higher_is_better: bool = True
) -> tuple[float, ...]:
    """Return the share of each arm for an outcome of yes or no; uniform priors.

    The same for the same generator state. Shares sum to 1 and none is below ``FLOOR``.
    """
    if any(not 0 <= arm.hits <= arm.n for arm in arms):
        raise ValueError("an arm has no more hits than people")
    if _is_early([arm.n for arm in arms]):
        return _equal(len(arms))
    hits = np.array([arm.hits for arm in arms])
    misses = np.array([arm.n - arm.hits for arm in arms])
    drawn = generator.beta(1.0 + hits, 1.0 + misses, size=(DRAWS, len(arms)))
    return _shares(drawn if higher_is_better else -drawn, generator)


def mean_weights(
    arms: Sequence[Moments], generator: np.random.Generator, *, higher_is_better: bool = True
) -> tuple[float, ...]:
    """Return the share of each arm for a number; the mean's normal limit, no prior."""
    if _is_early([arm.n for arm in arms]):
        return _equal(len(arms))
    means = np.array([arm.mean for arm in arms])
    errors = np.sqrt([arm.variance_of_mean for arm in arms])
    drawn = generator.normal(means, errors, size=(DRAWS, len(arms)))
    return _shares(drawn if higher_is_better else -drawn, generator)


def _is_early(people: Sequence[int]) -> bool:
    if not 1 <= len(people) < _ARMS_MAX:
        raise ValueError(f"a bandit has 1 to {_ARMS_MAX - 1} arms: each keeps {FLOOR:.0%}")
    return min(people) < LEAST_PEOPLE


def _equal(arms: int) -> tuple[float, ...]:
    return (1 / arms,) * arms


def _shares(worth: NDArray[np.float64], generator: np.random.Generator) -> tuple[float, ...]:
    """Count who came first and second in each draw; among equals the generator decides."""
    arms = worth.shape[1]
    ranked = np.lexsort((generator.random(worth.shape), -worth), axis=1)
    places = 2 if arms > 2 else 1
    counts = np.bincount(ranked[:, :places].ravel(), minlength=arms)
    shares = FLOOR + (1 - arms * FLOOR) * counts / counts.sum()
    return tuple(float(share) for share in shares / shares.sum())
