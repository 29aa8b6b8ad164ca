"""Arms that were drawn by group chat, store or member of staff: the cluster is the unit, not the person.

People of one cluster are alike, so a test that counts people finds effects that are not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from quanyu.modules.experiments.stats.difference import CONFIDENCE, Difference, ratio
from quanyu.modules.experiments.stats.moments import PairSums


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group chat, store or member of staff."""

    people: int
    total: float  # Of the outcome, over those people.


def clustered(
    control: Iterable[Cluster], treated: Iterable[Cluster], confidence: float = CONFIDENCE
) -> Difference:
    """Compare the means per person of two arms of whole clusters, with cluster-robust standard errors.

    A mean per person is the ratio of two means per cluster, so this is the delta method over clusters: Liang
    and Zeger's variance (1986) times G/(G - 1) in each arm, and t with Welch's degrees over clusters. Below
    some ten clusters an arm even that promises too much.
    """
    return ratio(sums_of(control), sums_of(treated), confidence)


def sums_of(clusters: Iterable[Cluster]) -> PairSums:
    """Return totals over people with the cluster as the unit; ``ratio_moments`` makes a mean of them.

    That mean goes where any does (``always_valid`` then counts clusters, ``tuned_for`` too).
    """
    peopled = [cluster for cluster in clusters if cluster.people]
    people = sum(cluster.people for cluster in peopled)
    if not people:
        return PairSums(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    size = people / len(peopled)
    mean = sum(cluster.total for cluster in peopled) / len(peopled)
    pairs = [(cluster.total - mean, cluster.people - size) for cluster in peopled]
    return PairSums(
        n=len(peopled),
        y=sum(y for y, _ in pairs),
        x=sum(x for _, x in pairs),
        yy=sum(y * y for y, _ in pairs),
        xx=sum(x * x for _, x in pairs),
        xy=sum(x * y for y, x in pairs),
        y_shift=mean,
        x_shift=size,
    )
