"""The world of these tests."""

import pytest

from integration.messaging.world import World
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId


@pytest.fixture
def world(
    uows: UnitOfWorkFactory,
    database: Database,
    tenant_id: TenantId,
    clock: FixedClock,
    key_ring: KeyRing,
) -> World:
    """A brand nobody else uses, at noon in Shanghai."""
    return World(uows, database, tenant_id, clock, key_ring)
