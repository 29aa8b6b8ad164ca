"""A brand whose people were made by hand of three kinds, for every study."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from integration.segments.world import Brand, build_brand, happened
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import OnProgress, T, WorkPool
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.people.contracts import Identifier

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Noon in Shanghai.
DAY = timedelta(days=1)
OFTEN, MUCH, GONE = "often", "much", "gone"
EACH = 70


def bought(user: str, number: int, at: datetime, price: float) -> IntakeEvent:
    """Make an order of one line."""
    amount = f"{price:.2f}"
    return happened(
        "Order Completed",
        user,
        at,
        message_id=f"order:{user}:{number}",
        properties={
            "order_id": f"{user}-{number}",
            "revenue": amount,
            "products": [{"sku": "tea", "price": amount, "quantity": "1", "category": "茶"}],
        },
    )


def lives() -> list[IntakeEvent]:
    """Let 70 people buy often, 70 spend much at once, and 70 leave long ago."""
    random = np.random.default_rng(17)
    events: list[IntakeEvent] = []
    for one in range(EACH):
        for number in range(6):
            back = 12.0 * number + random.uniform(0.5, 3.0)
            events.append(bought(f"{OFTEN}-{one}", number, NOW - back * DAY, 40 + random.uniform(-5, 5)))
        for number in range(2):
            back = 40.0 * number + random.uniform(25.0, 31.0)
            events.append(bought(f"{MUCH}-{one}", number, NOW - back * DAY, 1500 + random.uniform(-90, 90)))
        back = random.uniform(280.0, 330.0)
        events.append(bought(f"{GONE}-{one}", 0, NOW - back * DAY, 30 + random.uniform(-3, 3)))
        events.append(happened("Product Viewed", f"{GONE}-{one}", NOW - (back + 1.0) * DAY))
    return events


class Here(WorkPool):
    """Runs work in a thread: another process, which `test_work_pool` has, would load its libraries again."""

    async def run(self, work: Callable[..., T], *arguments: Any, on_progress: OnProgress | None = None) -> T:
        """Return what the work returns."""
        return await self.run_small(work, *arguments)


async def open_shop(
    database: Database, warehouse: Warehouse, key_ring: KeyRing, events: list[IntakeEvent], tenant: int
) -> Brand:
    """Put events into a brand of its own, whose facts really reach the log."""
    clock = FixedClock(NOW)
    uows = UnitOfWorkFactory(database, clock)
    log = Log()
    uows.write_facts_with(Intake(log, Collector(log, database.connect_system, clock), key_ring).write_facts)
    async with uows.system(TenantId(tenant)) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, 'study', 'Study', 'Asia/Shanghai', 'CNY', :now)",
            {"tenant": tenant, "now": clock.now()},
        )
    brand = build_brand(
        tenant=TenantId(tenant),
        uows=uows,
        clock=clock,
        database=database,
        warehouse=warehouse,
        keys=key_ring,
    )
    await brand.tell(*events)
    return brand


def on_device(name: str, device: str, at: datetime, **more: Any) -> IntakeEvent:
    """Make an event of somebody known by a device alone."""
    event = happened(name, device, at, **more)
    event.identifiers = (FactIdentifier(namespace="device", scope="", value=device),)
    return event


async def joined(brand: Brand, user: str, device: str) -> None:
    """State that a device is a user's."""
    async with brand.uows.system(brand.tenant) as uow:
        await brand.people.link(uow, *_both(user, device), actor="test", reason="their telephone")
    await brand.drain()


async def parted(brand: Brand, user: str, device: str) -> None:
    """Take ``joined`` back."""
    async with brand.uows.system(brand.tenant) as uow:
        await brand.people.unlink(uow, *_both(user, device), actor="test", reason="another telephone")
    await brand.drain()


def _both(user: str, device: str) -> tuple[Identifier, Identifier]:
    return Identifier("user_id", "", user), Identifier("device", "", device)


async def behind(api: Any, path: str, body: dict[str, Any]) -> tuple[set[str], dict[str, Any]]:
    """Return the user ids behind a figure, and the last page."""
    found: set[str] = set()
    cursor = ""
    while True:
        status, page = await api.call(
            "POST", path, body, limit="150", **({"cursor": cursor} if cursor else {})
        )
        assert status == 200, page
        found |= {row["id"] for row in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["total"] == len(found)
            return found, page
