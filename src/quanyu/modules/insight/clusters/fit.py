"""K-means over scaled features, in a process of its own. Pure: the same people give the same clusters."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from quanyu.infra.work_child import tell
from quanyu.modules.insight.clusters.contracts import (
    K_MAX,
    K_MIN,
    Cluster,
    ClusterCard,
    ClusterRefusal,
    ClusterScale,
    ClusterTried,
    Feature,
    StandOut,
)
from quanyu.modules.insight.clusters.features import MEASURES
from quanyu.modules.insight.clusters.names import name_clusters
from quanyu.modules.insight.clusters.selection import LEAST_PEOPLE, SEED, Compared, empty_card

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SAMPLE: Final = 20_000  # People the clusters are fitted on; everybody is then assigned.
SILHOUETTE_SAMPLE: Final = 2_000
RESAMPLES: Final = 8
FAR: Final = 4.0  # Beyond so many spreads from the middle somebody is an outlier.
STABLE: Final = 0.75  # Numbers of clusters less stable than this are not chosen,
STANDS_OUT: Final = 0.2  # nor groups that lie less apart (silhouette).
TOLD: Final = 0.4  # A difference of less is not worth a word.
SAME: Final = 0.4  # Overlap (Jaccard) from which a group is the one of before.
NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Clustered:
    """The card, and the place of everybody's cluster in it, ``NOBODY`` for outliers."""

    card: ClusterCard
    places: Whole
    distances: Floats  # From the own centre, in spreads.


def cluster(
    people: Compared, before: ClusterCard | None, labels_before: dict[int, str], k: int | None
) -> Clustered:
    """Scale, choose how many, fit on a sample, assign everybody, and recognise the groups of before."""
    with threadpool_limits(limits=1):  # Threads that wait for each other cost more than they bring.
        return _cluster(people, before, labels_before, k)


def _cluster(
    people: Compared, before: ClusterCard | None, labels_before: dict[int, str], k: int | None
) -> Clustered:
    scales, constant = _scales(people)
    card = empty_card(people, before=before, k=k).model_copy(
        update={"constant": constant, "scales": scales, "library": f"scikit-learn {sklearn.__version__}"}
    )
    if len(scales) < 2:
        return _refused(card, ClusterRefusal.TOO_FEW_FEATURES)
    scaled = scale(people.values, people.features, scales)
    inliers = np.flatnonzero((np.abs(scaled) <= FAR).all(axis=1))
    card = card.model_copy(update={"outliers": len(people.person) - len(inliers)})
    if len(inliers) < LEAST_PEOPLE:
        return _refused(card, ClusterRefusal.TOO_FEW_PEOPLE)
    random = np.random.default_rng(SEED)
    sample = scaled[_some(inliers, SAMPLE, random)]
    tried = _try(sample, [k] if k else range(K_MIN, K_MAX + 1), random)
    chosen = k or _choose(tried)
    card = card.model_copy(update={"tried": tried, "sampled": len(sample), "k": chosen})
    if chosen is None:
        return _refused(card, ClusterRefusal.NOTHING_STANDS_OUT)
    model = _kmeans(chosen, SEED).fit(sample)
    places = np.full(len(people.person), NOBODY, dtype=np.int64)
    places[inliers] = model.predict(scaled[inliers])
    distances = np.linalg.norm(scaled - model.cluster_centers_[places], axis=1)
    return Clustered(
        _told(card, people, scaled, places, model.cluster_centers_, before, labels_before), places, distances
    )


def scale(values: Floats, features: tuple[Feature, ...], scales: tuple[ClusterScale, ...]) -> Floats:
    """Return coordinates: the chosen columns, most of them as logarithms, robustly standardised."""
    columns = []
    for one in scales:
        column = values[:, features.index(one.feature)]
        columns.append(((np.log1p(column) if one.is_log else column) - one.middle) / one.spread)
    return np.column_stack(columns)


def _scales(people: Compared) -> tuple[tuple[ClusterScale, ...], tuple[Feature, ...]]:
    scales, constant = [], []
    for place, feature in enumerate(people.features):
        is_log = MEASURES[feature].is_log
        column = np.log1p(people.values[:, place]) if is_log else people.values[:, place]
        low, middle, high = np.percentile(column, [25, 50, 75]) if len(column) else (0.0, 0.0, 0.0)
        # 1.349: a normal distribution's quartiles in standard deviations. Where half of all people are equal
        # the quartiles say nothing, and the standard deviation has to do.
        spread = (high - low) / 1.349 or (float(column.std()) if len(column) else 0.0)
        if spread > 1e-9:
            scales.append(
                ClusterScale(feature=feature, is_log=is_log, middle=float(middle), spread=float(spread))
            )
        else:
            constant.append(feature)
    return tuple(scales), tuple(constant)


def _refused(card: ClusterCard, why: ClusterRefusal) -> Clustered:
    return Clustered(card.model_copy(update={"refusal": why, "k": None}), np.empty(0, np.int64), np.empty(0))


def _some(whose: Any, most: int, random: np.random.Generator) -> Any:
    return whose if len(whose) <= most else np.sort(random.choice(whose, most, replace=False))


def _kmeans(k: int, seed: int, *, starts: int = 4) -> KMeans:
    return KMeans(n_clusters=k, n_init=starts, random_state=seed)


def _try(sample: Floats, numbers: Any, random: np.random.Generator) -> tuple[ClusterTried, ...]:
    judged = sample[_some(np.arange(len(sample)), SILHOUETTE_SAMPLE, random)]
    tried = []
    for done, k in enumerate(numbers):
        tell("choosing", done / len(numbers))
        model = _kmeans(k, SEED).fit(sample)
        labels = model.predict(sample)
        again = [
            adjusted_rand_score(labels, _resampled(sample, k, random).predict(sample))
            for _ in range(RESAMPLES)
        ]
        told = model.predict(judged)
        apart = float(silhouette_score(judged, told)) if len(np.unique(told)) > 1 else 0.0
        tried.append(ClusterTried(k=k, silhouette=round(apart, 4), stability=round(float(np.mean(again)), 4)))
    tell("assigning", 0.0)
    return tuple(tried)


def _resampled(sample: Floats, k: int, random: np.random.Generator) -> KMeans:
    """Fit on as many people drawn with replacement."""
    drawn = sample[random.integers(0, len(sample), len(sample))]
    return _kmeans(k, int(random.integers(2**31)), starts=2).fit(drawn)


def _choose(tried: tuple[ClusterTried, ...]) -> int | None:
    """Of the stable numbers, the one whose groups lie furthest apart; none where groups hardly differ."""
    fit = [one for one in tried if one.stability >= STABLE and one.silhouette >= STANDS_OUT]
    return max(fit, key=lambda one: (one.silhouette, -one.k)).k if fit else None


def _told(
    card: ClusterCard,
    people: Compared,
    scaled: Floats,
    places: Whole,
    centers: Floats,
    before: ClusterCard | None,
    labels_before: dict[int, str],
) -> ClusterCard:
    inside = places != NOBODY
    middle, spread = scaled[inside].mean(axis=0), scaled[inside].std(axis=0)
    stand_outs = [_stand_out(center, middle, spread, card.scales) for center in centers]
    ids, last = recognise(people.person, places, len(centers), before, labels_before)
    names = name_clusters(stand_outs, [_old_name(one, before) for one in ids])
    known = set() if before is None else {one.id for one in before.clusters}
    clusters = tuple(
        Cluster(
            id=ids[place],
            name=names[place],
            people=int((places == place).sum()),
            is_new=ids[place] not in known,
            medians=_medians(people, places == place),
            stand_out=stand_outs[place],
            center=tuple(round(float(one), 4) for one in centers[place]),
        )
        for place in range(len(centers))
    )
    return card.model_copy(update={"clusters": clusters, "last_number": last})


def _stand_out(
    center: Floats, middle: Floats, spread: Floats, scales: tuple[ClusterScale, ...]
) -> tuple[StandOut, ...]:
    differences = (center - middle) / np.where(spread > 0, spread, 1.0)
    order = sorted(range(len(scales)), key=lambda place: -abs(differences[place]))
    return tuple(
        StandOut(feature=scales[place].feature, difference=round(float(differences[place]), 2))
        for place in order
        if abs(differences[place]) >= TOLD
    )


def _medians(people: Compared, chosen: NDArray[np.bool_]) -> dict[Feature, float]:
    rows = people.values[chosen]
    middles = np.median(rows, axis=0) if len(rows) else np.zeros(len(people.features))
    return {feature: round(float(middles[place]), 2) for place, feature in enumerate(people.features)}


def _old_name(id_: str, before: ClusterCard | None) -> Any:
    found = [one.name for one in before.clusters if one.id == id_] if before is not None else []
    return found[0] if found else None


def recognise(
    person: Whole, places: Whole, count: int, before: ClusterCard | None, labels_before: dict[int, str]
) -> tuple[list[str], int]:
    """Return each cluster's id, that of before where its people are mostly the same, and the last number.

    Pairs old and new so that the sum of overlaps |both| / |either| among people of both computations is
    greatest (Hungarian method); a pair that overlaps less than ``SAME`` is none, and the cluster is new.
    """
    last = 0 if before is None else before.last_number
    old = [] if before is None else [one.id for one in before.clusters]
    ids: list[str | None] = [None] * count
    if old and count:
        overlap = _overlap(person, places, count, old, labels_before)
        for row, column in zip(*linear_sum_assignment(-overlap), strict=True):
            if overlap[row, column] >= SAME:
                ids[row] = old[column]
    found = []
    for one in ids:
        if one is None:
            last += 1
            one = f"c{last}"
        found.append(one)
    return found, last


def _overlap(
    person: Whole, places: Whole, count: int, old: list[str], labels_before: dict[int, str]
) -> Floats:
    number = {label: place for place, label in enumerate(old)}
    were = np.array([number.get(labels_before.get(one, ""), NOBODY) for one in person.tolist()])
    both = (were != NOBODY) & (places != NOBODY)
    table = np.zeros((count, len(old)))
    np.add.at(table, (places[both], were[both]), 1.0)
    either = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    return np.asarray(table / np.maximum(either, 1.0))
