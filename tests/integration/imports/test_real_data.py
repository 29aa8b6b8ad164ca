"""Real shops, whole: from the file to every figure a query gives, through all steps of the pipeline."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integration.imports.world import World
from quanyu.flows.imports.contracts import ImportDetail, ImportStatus
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.modules.insight.orders import Orders
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.tenants.contracts import Brand

MAPS = Path(__file__).parents[3] / "examples" / "maps"

pytestmark = [pytest.mark.shared, pytest.mark.slow]


class NoMerges:
    """Each of these customers has one identifier, so nobody turns out to be somebody else."""

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        assert not merges


@pytest.fixture
def brand(world: World) -> Brand:
    return Brand(world.tenant_id, "shop", "Shop", "Europe/London", "GBP", False)


async def imported(
    world: World, warehouse: Warehouse, key_ring: KeyRing, file: Path, map_name: str
) -> ImportDetail:
    """Import the file and let the pipeline catch up."""
    started = time.monotonic()
    job = await world.run(file, (MAPS / map_name).read_text(encoding="utf-8"))
    written = time.monotonic()
    resolve = Resolve(world.uows, Resolver(key_ring), NoMerges())
    store = Store(world.uows, warehouse, ProfileCopier(world.uows, warehouse))
    for step in (resolve, store):
        while await step.run_once(world.tenant_id):
            pass
    print(f"{file.name}: written {written - started:.1f} s, queryable {time.monotonic() - started:.1f} s")
    return job


async def test_online_retail_gives_the_published_figures(
    world: World,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
    key_ring: KeyRing,
    brand: Brand,
    shared_data: Path,
) -> None:
    file = shared_data / "data" / "online_retail" / "online_retail.parquet"

    job = await imported(world, warehouse, key_ring, file, "online_retail.toml")

    assert (job.status, job.rows_total, job.rows_rejected) == (ImportStatus.COMPLETED, 541_909, 0)
    assert (job.events_written, job.events_by_name["Order Refunded"]) == (25_900, 3_836)
    assert (job.first_at, job.last_at) == (
        datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        datetime(2011, 12, 9, 12, 50, tzinfo=UTC),
    )
    figures = await Orders(warehouse).figures(brand)
    assert figures.all.model_dump() == {
        "invoices": 25_900,
        "customers": 4_372,
        "lines": 541_909,
        "cancelled_lines": 9_288,
        "net_revenue": "9747747.934",
    }
    known = figures.positive_known
    assert (known.invoices, known.customers, known.revenue) == (18_532, 4_338, "8911407.904")
    assert await _exact(tenant_warehouse, "toString(sum(revenue)), sum(length(items.price))") == (
        "9747747.934",
        541_909,
    )
    again = await world.run(file, (MAPS / "online_retail.toml").read_text(encoding="utf-8"))
    assert (again.events_written, again.events_duplicate, again.events_differing) == (0, 25_900, 0)


async def test_cdnow_imports_with_another_map(
    world: World,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
    key_ring: KeyRing,
    shared_data: Path,
) -> None:
    file = shared_data / "data" / "cdnow" / "CDNOW_master.txt.gz"

    job = await imported(world, warehouse, key_ring, file, "cdnow.toml")

    assert (job.status, job.rows_total, job.rows_rejected) == (ImportStatus.COMPLETED, 69_659, 0)
    columns = "count(), uniqExact(person), uniqExact(order_id), toString(sum(revenue))"
    assert await _exact(tenant_warehouse, columns) == (69_659, 23_570, 69_659, "2500315.63")
    # Amounts are those of whole lines: shared out over the CDs they still sum to the cent.
    items = "toString(sum(arraySum((p, q) -> p * q, items.price, items.quantity)))"
    assert (await _exact(tenant_warehouse, items))[0].rstrip("0") == "2500315.63"


async def _exact(gate: TenantWarehouse, columns: str) -> tuple[Any, ...]:
    rows = await gate.query(f"SELECT {columns} FROM events WHERE tenant_id = {{tenant:UInt32}}")
    return tuple(rows[0])
