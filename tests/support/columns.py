"""From columns of numbers to what the statistics of experiments take."""

import numpy as np

from quanyu.modules.experiments.stats.moments import Moments, PairSums


def moments_of(values: np.ndarray) -> Moments:
    return Moments.of_sums(len(values), float(values.sum()), float((values * values).sum()))


def pairs_of(y: np.ndarray, x: np.ndarray, *, y_shift: float = 0.0, x_shift: float = 0.0) -> PairSums:
    v, u = y - y_shift, x - x_shift
    sums = (float(column.sum()) for column in (v, u, v * v, u * u, u * v))
    return PairSums(len(y), *sums, y_shift=y_shift, x_shift=x_shift)
