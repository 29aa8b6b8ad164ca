"""Fixtures every test may ask for. Nothing starts until one does.

A run shares one PostgreSQL server and one chDB engine; every module gets databases of its own, copied from
a migrated template; every test that asks for ``tenant_id`` gets a brand of its own.
"""

import itertools
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from quanyu.infra.crypto import KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from support import platform

# A busy machine is slow; that says nothing about a property.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

_BRANDS = itertools.count(1)
_MODULES = itertools.count(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: one that comes last is waited for by an idle worker.

    Those of browsers end the run: their platform, once started, takes its share of two cores until the end.
    Among themselves files stay in the order they were shuffled into. A test in a browser, which shares two
    cores with all others, gets a second try; what was tried twice is listed at the end of the run.
    """
    long = {item.path for item in items if item.get_closest_marker("slow")}
    browser = {item.path for item in items if item.get_closest_marker("browser")}
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: (item.path not in long, item.path in browser))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The shared data folder (``QUANYU_SHARED``, or ``../shared`` beside the checkout)."""
    path = Path(os.environ.get("QUANYU_SHARED") or Path(__file__).parents[2] / "shared")
    if not path.is_dir():
        pytest.skip(f"needs the shared data folder; none at {path} (set QUANYU_SHARED)")
    return path


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A directory for this run that the database server's user can reach."""
    platform.sweep_leftovers()
    with platform.scratch_directory() as path:
        yield path


@pytest.fixture(scope="session")
def postgres(scratch: Path) -> Iterator[EmbeddedPostgres]:
    """The run's PostgreSQL server with an empty ``quanyu`` database and the three roles."""
    with platform.running_postgres(scratch / "server") as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database without rows."""
    platform.make_template(postgres)
    return platform.TEMPLATE


@pytest.fixture(scope="module")
def module_name(request: pytest.FixtureRequest) -> str:
    """A name that fits both engines and is used once per run."""
    stem = re.sub(r"[^a-z0-9]+", "_", request.module.__name__.rsplit(".", 1)[-1].lower())
    return f"t{next(_MODULES)}_{stem}"[:50]


@pytest.fixture(scope="module")
def database_name(postgres: EmbeddedPostgres, postgres_template: str, module_name: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    with platform.fresh_database(postgres, module_name, template=postgres_template) as name:
        yield name


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres, database_name: str) -> AsyncIterator[Database]:
    """The pools of both working roles on this module's database."""
    opened = platform.open_database(postgres, database_name)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    return platform.new_key_ring()


@pytest.fixture
def clock() -> FixedClock:
    """Noon in Shanghai on a working day; moves only when told to."""
    return FixedClock(datetime(2026, 3, 4, 4, 0, tzinfo=UTC))


@pytest.fixture
def uows(database: Database, clock: FixedClock, key_ring: KeyRing) -> UnitOfWorkFactory:
    """Units of work whose facts really reach the log."""
    from quanyu.flows.intake import Intake
    from quanyu.modules.events.collector import Collector
    from quanyu.modules.events.service import Log

    log = Log()
    collector = Collector(log, database.connect_system, clock)  # Not started: facts go their own way.
    factory = UnitOfWorkFactory(database, clock)
    factory.write_facts_with(Intake(log, collector, key_ring).write_facts)
    return factory


@pytest.fixture
async def tenant_id(uows: UnitOfWorkFactory) -> TenantId:
    """A brand nobody else uses: Shanghai time, CNY."""
    tenant = TenantId(1000 + next(_BRANDS))
    async with uows.system(tenant) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, :key, :name, 'Asia/Shanghai', 'CNY', :now)",
            {"tenant": tenant, "key": f"brand-{tenant}", "name": f"Brand {tenant}", "now": uow.clock.now()},
        )
    return tenant


@pytest.fixture(scope="module")
async def warehouse(scratch: Path, module_name: str) -> AsyncIterator[Warehouse]:
    """A migrated warehouse database of this module's own, in the one engine of this process."""
    opened = await platform.open_warehouse(scratch, module_name)
    yield opened
    await opened.run_without_database(f"DROP DATABASE {module_name}")
    await opened.close()


@pytest.fixture
def tenant_warehouse(warehouse: Warehouse, tenant_id: TenantId) -> TenantWarehouse:
    return warehouse.for_tenant(tenant_id)
