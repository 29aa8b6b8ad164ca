"""A brand with a door to lists of people."""

from pathlib import Path

import pytest

from integration.segments.world import Api, Brand, build_brand
from quanyu.app.people_lists import PeopleListServices, build_people_lists
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants


@pytest.fixture
def brand(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Brand:
    return build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )


@pytest.fixture
def services(brand: Brand, key_ring: KeyRing, warehouse: Warehouse, tmp_path: Path) -> PeopleListServices:
    return build_people_lists(
        brand.uows,
        key_ring,
        warehouse,
        brand.people,
        Tenants(),
        brand.segments,
        exports=tmp_path / "exports",
    )


@pytest.fixture
def api(brand: Brand, services: PeopleListServices) -> Api:
    return Api(brand, *services.routers)
