"""Wiring of what is computed about people: RFM, lifetime, and the studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter

from quanyu.app.workers import Loop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.health import read_health
from quanyu.modules.insight.churn import routes as churn_routes
from quanyu.modules.insight.churn.study import churn_desk
from quanyu.modules.insight.clusters import routes as cluster_routes
from quanyu.modules.insight.clusters.study import cluster_desk
from quanyu.modules.insight.content_forms import routes as content_form_routes
from quanyu.modules.insight.content_forms.study import content_form_desk
from quanyu.modules.insight.engagement import routes as engagement_routes
from quanyu.modules.insight.engagement.study import engagement_desk
from quanyu.modules.insight.interests import routes as interest_routes
from quanyu.modules.insight.interests.study import interest_desk
from quanyu.modules.insight.jobs import Computation, DailySchedule
from quanyu.modules.insight.lifecycle import routes as lifecycle_routes
from quanyu.modules.insight.lifecycle.study import LifecycleDesk, lifecycle_desk
from quanyu.modules.insight.lifetime import routes as lifetime_routes
from quanyu.modules.insight.lifetime.service import Lifetime
from quanyu.modules.insight.quality import routes as quality_routes
from quanyu.modules.insight.quality.study import QualityDesk, quality_desk
from quanyu.modules.insight.rfm import routes as rfm_routes
from quanyu.modules.insight.rfm.movement import RfmMovements
from quanyu.modules.insight.rhythm import routes as rhythm_routes
from quanyu.modules.insight.rhythm.study import RhythmDesk, rhythm_desk
from quanyu.modules.insight.service import Rfm
from quanyu.modules.insight.spending import routes as spending_routes
from quanyu.modules.insight.spending.study import spending_desk
from quanyu.modules.insight.studies import person_routes
from quanyu.modules.insight.studies.desk import StudyDesk
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

_RUSH_EVENTS: Final = 5_000  # More events than that on their way are an import, or a very large sale.


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstandingServices:
    """The use cases, their doors and their loops."""

    rfm: Rfm
    lifetime: Lifetime
    stages: LifecycleDesk
    rhythm: RhythmDesk
    quality: QualityDesk
    studies: tuple[StudyDesk[Any, Any], ...]
    routers: tuple[APIRouter, ...]
    everywhere: Sequence[Loop]


def build_understanding(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants, keyring: KeyRing
) -> UnderstandingServices:
    """Build everything; all of it shares one pool of processes."""
    pool = WorkPool()

    async def is_rushed(tenant_id: TenantId) -> bool:
        async with uows.system(tenant_id) as uow:
            return (await read_health(uow)).lag_events > _RUSH_EVENTS

    rfm = Rfm(uows, warehouse, people, tenants)
    lifetime = Lifetime(uows, warehouse, people, tenants, pool)
    clusters = cluster_desk(uows, warehouse, people, tenants, pool)
    stages = lifecycle_desk(uows, warehouse, people, tenants)
    churn = churn_desk(uows, warehouse, people, tenants, pool)
    rhythm = rhythm_desk(uows, warehouse, people, tenants)
    interests = interest_desk(uows, warehouse, people, tenants)
    spending = spending_desk(uows, warehouse, people, tenants)
    engagement = engagement_desk(uows, warehouse, people, tenants)
    content_forms = content_form_desk(uows, warehouse, people, tenants)
    studies: tuple[StudyDesk[Any, Any], ...] = (
        *(stages, clusters, churn, rhythm, interests, spending),
        *(engagement, content_forms),
    )
    quality = quality_desk(uows, warehouse, people, tenants, keyring)
    daily: tuple[Computation, ...] = (rfm, lifetime, *studies, quality)
    return UnderstandingServices(
        rfm=rfm,
        lifetime=lifetime,
        stages=stages,
        rhythm=rhythm,
        quality=quality,
        studies=studies,
        routers=(
            rfm_routes.router(RfmMovements(uows, warehouse, people, tenants)),
            lifetime_routes.router(lifetime),
            cluster_routes.router(clusters),
            lifecycle_routes.router(stages),
            churn_routes.router(churn),
            rhythm_routes.router(rhythm),
            interest_routes.router(interests),
            spending_routes.router(spending),
            engagement_routes.router(engagement),
            content_form_routes.router(content_forms),
            quality_routes.router(quality),
            person_routes.router(people, studies),
        ),
        everywhere=[DailySchedule(uows, daily, tenants, is_rushed).run],
    )
