"""Imports on the real database; the worker is driven by hand unless a test says otherwise."""

from pathlib import Path

import pytest

from integration.imports.world import World
from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.imports.service import Imports
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log


@pytest.fixture
def world(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    tenant_id: TenantId,
    tmp_path: Path,
) -> World:
    log = Log()
    intake = Intake(log, Collector(log, database.connect_system, clock), key_ring)
    worker = ImportWorker(uows, intake, connect=database.connect_system, directory=tmp_path / "imports")
    return World(uows, tenant_id, worker, Imports(worker), intake, tmp_path)
