"""The study of clusters: measure people in the warehouse, cluster in a process of its own."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.insight.clusters.contracts import ClusterCard, ClusterSettings
from quanyu.modules.insight.clusters.features import features_sql
from quanyu.modules.insight.clusters.selection import Compared, empty_card, select
from quanyu.modules.insight.currencies import choose_currency
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

if TYPE_CHECKING:
    from quanyu.modules.insight.clusters.fit import Clustered

OUTLIER: Final = "outlier"
WEEK_S: Final = 7 * 86_400.0
ClusterDesk = StudyDesk[ClusterCard, ClusterSettings]


class ClusterSummary(StudySummary[ClusterCard, ClusterSettings]):
    """The last clusters."""


class Clusters:
    """`studies.desk.Study`: groups by K-means, once a week."""

    kind = "clusters"
    every_s = WEEK_S
    attributes: tuple[str, ...] = ("cluster",)
    card_type = ClusterCard
    settings_type = ClusterSettings
    summary_type: type[StudySummary[ClusterCard, ClusterSettings]] = ClusterSummary

    def __init__(self, pool: WorkPool) -> None:
        self._pool = pool

    async def compute(self, asked: Asked[ClusterCard, ClusterSettings]) -> Computed[ClusterCard]:
        """Measure everybody who acted, and cluster those who can be compared."""
        features = asked.settings.features
        currency = await choose_currency(asked.gate, brand_currency=asked.brand.currency)
        found = await asked.gate.query_columns(
            features_sql(features),
            {
                "as_of_ms": epoch_ms(asked.as_of),
                "zone": asked.brand.time_zone,
                "currencies": list(currency.stands_for),
            },
        )
        columns = [found[name] for name in ("who", "acts", "bought", *features)]
        people = await self._pool.run_small(select, columns, features)
        k = asked.settings.k
        card = empty_card(people, before=asked.card_before, k=k)
        if card.refusal is not None:
            return Computed(card, ())
        clustered = await self._pool.run(
            _cluster, people, asked.card_before, asked.labels_before, k, on_progress=asked.progress.tell
        )
        return Computed(clustered.card, _verdicts(clustered, people))

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The id of the cluster: names may change, ids stay."""
        return (verdict.label,)

    def tells(self, asked: Asked[ClusterCard, ClusterSettings]) -> bool:
        """Clusters move with everybody; that is no fact about a person."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a cluster; it follows every later computation."""
        return {"kind": "attribute", "key": "cluster", "op": "eq", "value": label}


def cluster_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants, pool: WorkPool
) -> ClusterDesk:
    """Build the desk."""
    return StudyDesk(Clusters(pool), uows, warehouse, people, tenants)


def _cluster(
    people: Compared, before: ClusterCard | None, labels_before: dict[int, str], k: int | None
) -> "Clustered":
    # scikit-learn is loaded where the work is done, never in the process of the platform.
    from quanyu.modules.insight.clusters.fit import cluster

    return cluster(people, before, labels_before, k)


def _verdicts(clustered: "Clustered", people: Compared) -> list[Verdict]:
    """Whoever is nearest to the centre comes first: they show best what a cluster is like."""
    ids = [one.id for one in clustered.card.clusters]
    if not ids:
        return []
    return [
        Verdict(
            person_id=person,
            label=OUTLIER if place < 0 else ids[place],
            score=round(-distance, 4),
            detail=dict(zip(people.features, values, strict=True)),
        )
        for person, place, distance, values in zip(
            people.person.tolist(),
            clustered.places.tolist(),
            clustered.distances.tolist(),
            people.values.round(2).tolist(),
            strict=True,
        )
    ]
