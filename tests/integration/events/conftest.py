"""A brand whose log is archived."""

from pathlib import Path

import pytest

from integration.events.world import Brand, make_brand
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId


@pytest.fixture
async def brand(
    tenant_id: TenantId,
    clock: FixedClock,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    key_ring: KeyRing,
    tmp_path: Path,
) -> Brand:
    return await make_brand(tenant_id, clock, uows, database, warehouse, key_ring, tmp_path)
