"""Learning what tells a seed from the others, in a process of its own. Pure: the same rows, the same figures.

A logistic regression over sparse, standardised features: it stands hundreds of features on a few hundred
people (the penalty shrinks what says little), scores a million people by one product, and its weights are the
reasons told. Whoever is in the base may well be like the seed; that only makes the figures cautious.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from quanyu.infra.work_child import tell
from quanyu.modules.segments.lookalike.rows import Learned, Tested, Triplets

SEED: Final = 20_260_304
FOLDS: Final = 5
DEPTHS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
PENALTY: Final = 0.01  # `C` of scikit-learn: small is strong.
_TRIES: Final = 500
_SINGLES: Final = 20  # Features looked at alone: those whose means are farthest apart.

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Model:
    weights: Floats  # By raw feature value.
    shift: float

    def scores(self, values: Any) -> Floats:
        return np.asarray(values @ self.weights + self.shift)


def learn(rows: Triplets, is_seed: Whole, columns: int, asked_share: float) -> Learned:
    """Tell how well the seed can be told from the others, and return the weights learned from all of it."""
    with threadpool_limits(limits=1):
        values = csr_matrix((rows.value, (rows.row, rows.column)), shape=(len(is_seed), columns))
        tested = _test(values, is_seed, asked_share)
        tell("fitting", 0.9)
        model = _fit(values, is_seed)
        best = _best_single(values, is_seed)
        return Learned(
            weights=model.weights,
            tested=tested,
            best_single_auc=round(best, 4),
            library=f"scikit-learn {sklearn.__version__}",
        )


def _fit(values: Any, is_seed: Whole) -> _Model:
    scaler = StandardScaler(with_mean=False).fit(values)
    model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=_TRIES)
    model.fit(scaler.transform(values), is_seed)
    return _Model(model.coef_[0] / scaler.scale_, float(model.intercept_[0]))


def _test(values: Any, is_seed: Whole, asked_share: float) -> Tested:
    """Hold every member of the seed back once; count who comes first among the base held back with them."""
    depths = (*DEPTHS, asked_share)
    found = np.zeros(len(depths))
    folds = min(FOLDS, int(is_seed.sum()) // 2)
    aucs = []
    split = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    for place, (seen, unseen) in enumerate(split.split(values, is_seed)):
        tell("fitting", 0.9 * place / folds)
        scores = _fit(values[seen], is_seed[seen]).scores(values[unseen])
        mine = is_seed[unseen] == 1
        aucs.append(float(roc_auc_score(is_seed[unseen], scores)))
        found += [_reached(scores[mine], scores[~mine], depth) for depth in depths]
    held_out = int(is_seed.sum())
    return Tested(
        held_out=held_out,
        auc=round(float(np.mean(aucs)), 4),
        found=tuple(float(one) for one in found / held_out),
        depths=depths,
        folds=folds,
    )


def _reached(seed: Floats, base: Floats, depth: float) -> float:
    """Return how many of the seed would be among the first ``depth`` of the base; ties count in part."""
    if depth >= 1:
        return float(len(seed))
    border = np.quantile(base, 1 - depth, method="inverted_cdf")
    above, level = float((base > border).mean()), float((base == border).mean())
    # Of whoever stands level with the border only so many fit in.
    part = 0.0 if level == 0 else min(1.0, max(0.0, (depth - above) / level))
    return float((seed > border).sum() + part * (seed == border).sum())


def _best_single(values: Any, is_seed: Whole) -> float:
    """Return how well the one most telling feature tells the seed alone, either way round."""
    best, columns = 0.5, values.tocsc()
    mine = is_seed == 1
    apart = np.abs(np.asarray(values[mine].mean(axis=0) - values[~mine].mean(axis=0))).ravel()
    spread = StandardScaler(with_mean=False).fit(values).scale_
    for place in np.argsort(-apart / spread, kind="stable")[:_SINGLES]:
        column = columns[:, [int(place)]].toarray().ravel()
        if np.ptp(column):
            auc = float(roc_auc_score(is_seed, column))
            best = max(best, auc, 1 - auc)
    return best
