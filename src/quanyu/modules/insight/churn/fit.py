"""Learning who leaves, in a process of its own. Pure: the same rows give the same figures.

Models are chosen and calibrated on the time learned from alone; how they do is told on a later time. What is
foretold of today's customers is then learned from both.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from quanyu.infra.work_child import tell
from quanyu.modules.insight.churn.contracts import (
    ChurnBin,
    ChurnModel,
    ChurnQuality,
    ChurnTelling,
)
from quanyu.modules.insight.churn.rows import Rows, joined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SEED: Final = 20_260_304
FOLDS: Final = 5
BINS: Final = 10
SHUFFLES: Final = 5
REASONS: Final = 3
TOLD: Final = 0.05  # A difference in log odds below this is no reason.
BOOSTING, LOGISTIC = "boosting", "logistic"
_EDGE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Learned:
    """How it did, and what is foretold; ``reasons`` are (place of feature, difference in log odds)."""

    quality: ChurnQuality
    library: str
    probabilities: Floats
    reasons: list[list[tuple[int, float]]]


class Calibrated:
    """A classifier whose probabilities are put right by a logistic curve (Platt) over held-out ones."""

    def __init__(self, name: str, is_log: NDArray[np.bool_]) -> None:
        self.name = name
        self._is_log = is_log
        self._slope, self._shift = 1.0, 0.0
        self._model: Any = None

    def held_out(self, rows: Rows) -> Floats:
        """Return each row's probability by a model that saw nothing of that person."""
        found = np.zeros(len(rows.left))
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
        for seen, unseen in folds.split(rows.values, rows.left, rows.person):
            model = self._new().fit(rows.values[seen], rows.left[seen])
            found[unseen] = model.predict_proba(rows.values[unseen])[:, 1]
        return found

    def calibrate(self, held_out: Floats, left: Whole) -> Floats:
        """Learn the curve, and return the probabilities put right."""
        curve = LogisticRegression(C=1e6).fit(_odds(held_out).reshape(-1, 1), left)
        self._slope, self._shift = float(curve.coef_[0, 0]), float(curve.intercept_[0])
        return np.asarray(expit(self._slope * _odds(held_out) + self._shift))

    def fit(self, rows: Rows) -> "Calibrated":
        """Learn from all rows; the curve stays."""
        self._model = self._new().fit(rows.values, rows.left)
        return self

    def log_odds(self, values: Floats) -> Floats:
        """Return calibrated log odds of leaving."""
        return self._slope * _odds(self._model.predict_proba(values)[:, 1]) + self._shift

    def _new(self) -> Any:
        if self.name == BOOSTING:
            return HistGradientBoostingClassifier(
                max_iter=120, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=20,
                l2_regularization=1.0, early_stopping=False, random_state=SEED,
            )  # fmt: skip
        logarithms = FunctionTransformer(_logarithms, kw_args={"is_log": self._is_log})
        return make_pipeline(logarithms, StandardScaler(), LogisticRegression(C=1.0, max_iter=1_000))


def learn(learned: Rows, tested: Rows, now: Floats, features: tuple[str, ...], is_log: list[bool]) -> Learned:
    """Choose a model, tell how it does on ``tested``, and foretell ``now``."""
    with threadpool_limits(limits=1):
        return _learn(learned, tested, now, features, np.asarray(is_log))


def _learn(
    learned: Rows, tested: Rows, now: Floats, features: tuple[str, ...], is_log: NDArray[np.bool_]
) -> Learned:
    candidates = []
    for place, name in enumerate((BOOSTING, LOGISTIC)):
        tell("fitting", place / 4)
        model = Calibrated(name, is_log)
        right = model.calibrate(model.held_out(learned), learned.left)
        candidates.append((float(log_loss(learned.left, right)), model.fit(learned)))
    chosen = min(candidates, key=lambda pair: pair[0])[1]
    tell("fitting", 0.6)
    quality = _quality(chosen, [model for _, model in candidates], learned, tested, features)
    tell("fitting", 0.8)
    both = joined([learned, tested])
    chosen.fit(both)
    usual = np.median(both.values, axis=0)
    odds = chosen.log_odds(now) if len(now) else np.zeros(0)
    return Learned(
        quality, f"scikit-learn {sklearn.__version__}", expit(odds), _reasons(chosen, now, odds, usual)
    )


def _quality(
    chosen: Calibrated, models: list[Calibrated], learned: Rows, tested: Rows, features: tuple[str, ...]
) -> ChurnQuality:
    foretold = expit(chosen.log_odds(tested.values))
    aucs = [
        ChurnModel(name=model.name, auc=_auc(tested.left, model.log_odds(tested.values))) for model in models
    ]
    # What anybody would do without a model: whoever has been away longest leaves.
    aucs.append(ChurnModel(name=features[0], auc=_auc(tested.left, tested.values[:, 0])))
    before = np.full(len(tested.left), learned.left.mean())
    bins = _bins(foretold, tested.left)
    weights = [one.people for one in bins]
    return ChurnQuality(
        chosen=chosen.name,
        models=tuple(aucs),
        base_rate=round(float(tested.left.mean()), 4),
        log_loss=round(float(log_loss(tested.left, foretold)), 4),
        base_log_loss=round(float(log_loss(tested.left, before)), 4),
        brier=round(float(brier_score_loss(tested.left, foretold)), 4),
        calibration_error=round(
            float(np.average([abs(one.foretold - one.left) for one in bins], weights=weights)), 4
        ),
        bins=bins,
        telling=_telling(chosen, tested, features),
    )


def _bins(foretold: Floats, left: Whole) -> tuple[ChurnBin, ...]:
    order = np.argsort(-foretold, kind="stable")
    base = max(float(left.mean()), _EDGE)
    return tuple(
        ChurnBin(
            people=len(part),
            foretold=round(float(foretold[part].mean()), 4),
            left=round(float(left[part].mean()), 4),
            lift=round(float(left[part].mean()) / base, 2),
        )
        for part in np.array_split(order, BINS)
        if len(part)
    )


def _telling(chosen: Calibrated, tested: Rows, features: tuple[str, ...]) -> tuple[ChurnTelling, ...]:
    """Return what telling people apart loses when a feature's values are dealt out anew."""
    random = np.random.default_rng(SEED)
    odds = chosen.log_odds(tested.values)
    whole = _auc(tested.left, odds)
    found = []
    for place, feature in enumerate(features):
        column = tested.values[:, place]
        if np.ptp(column) == 0:
            continue
        values = tested.values.copy()
        lost = []
        for _ in range(SHUFFLES):
            values[:, place] = random.permutation(column)
            lost.append(whole - _auc(tested.left, chosen.log_odds(values)))
        slope = float(np.corrcoef(np.argsort(np.argsort(column)), odds)[0, 1])
        found.append(ChurnTelling(feature=feature, auc_lost=round(float(np.mean(lost)), 4), raises=slope > 0))
    return tuple(sorted(found, key=lambda one: -one.auc_lost))


def _reasons(chosen: Calibrated, now: Floats, odds: Floats, usual: Floats) -> list[list[tuple[int, float]]]:
    """Return what of a person most changes their odds, against having the usual value of it instead."""
    if not len(now):
        return []
    effects = np.zeros(now.shape)
    for place in range(now.shape[1]):
        values = now.copy()
        values[:, place] = usual[place]
        effects[:, place] = odds - chosen.log_odds(values)
    order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :REASONS]
    return [
        [(int(at), round(float(row[at]), 3)) for at in places if abs(row[at]) >= TOLD]
        for row, places in zip(effects, order, strict=True)
    ]


def _auc(left: Whole, ranked: Floats) -> float:
    return round(float(roc_auc_score(left, ranked)), 4)


def _odds(probabilities: Floats) -> Floats:
    return np.asarray(logit(np.clip(probabilities, _EDGE, 1 - _EDGE)))


def _logarithms(values: Floats, is_log: NDArray[np.bool_]) -> Floats:
    return np.where(is_log, np.log1p(np.maximum(values, 0.0)), values)
