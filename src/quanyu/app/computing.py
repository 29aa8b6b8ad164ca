"""Wiring of computed attributes: their door and their loop."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.computed import routes as computed_routes
from quanyu.modules.insight.computed.refresh import ComputedRefresher
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class ComputingServices:
    """Computed attributes, ready to be called."""

    computed: ComputedAttributes
    refresher: ComputedRefresher
    routers: Sequence[APIRouter]
    per_brand: Sequence[BrandLoop]


def build_computing(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> ComputingServices:
    """Build them; nothing of it needs closing."""
    computed = ComputedAttributes(uows, warehouse, people, tenants)
    refresher = ComputedRefresher(uows, warehouse, people, tenants)
    return ComputingServices(
        computed=computed,
        refresher=refresher,
        routers=(computed_routes.router(computed, refresher),),
        per_brand=(refresher.run,),
    )
