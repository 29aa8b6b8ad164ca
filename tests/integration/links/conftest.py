"""A brand that sends messages with links, and the door that opens them."""

from collections.abc import AsyncIterator

import pytest

from integration.links.world import World
from integration.segments.world import build_brand
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log


@pytest.fixture
async def world(
    uows: UnitOfWorkFactory,
    database: Database,
    tenant_id: TenantId,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
) -> AsyncIterator[World]:
    log = Log()
    async with Collector(log, database.connect_system, clock) as collector:
        brand = build_brand(
            tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
        )
        yield World(brand, database, key_ring, warehouse, Intake(log, collector, key_ring))
