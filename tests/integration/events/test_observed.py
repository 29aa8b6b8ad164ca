"""The event catalogue: counted from the warehouse batch by batch, each event once."""

from datetime import timedelta

import pytest

from integration.segments.world import Brand, build_brand, happened
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.events.observed import tally as tally_module
from quanyu.modules.events.observed.service import Observed, UnseenEvent
from quanyu.modules.events.observed.tally import Tally
from quanyu.modules.people.traits import may_be_shown
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
def tally(uows: UnitOfWorkFactory, warehouse: Warehouse) -> Tally:
    return Tally(uows, warehouse)


@pytest.fixture
def observed(uows: UnitOfWorkFactory, warehouse: Warehouse) -> Observed:
    return Observed(uows, warehouse, Tenants(), may_be_shown)


async def figures(brand: Brand, observed: Observed) -> dict[str, tuple[int, int, int]]:
    async with brand.uows.app(brand.tenant) as uow:
        found = await observed.catalogue(uow)
    return {one.name: (one.events, one.today, one.days_30) for one in found.items}


async def test_every_event_is_counted_once_by_source_and_day(
    brand: Brand, tally: Tally, observed: Observed
) -> None:
    at = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", at, message_id="1", properties={"color": "红", "phone": "13812345678"}),
        happened("Viewed", "b", at, message_id="2", properties={"color": "绿"}),
        happened("", "b", at, message_id="3", kind="identify", traits={"city": "杭州"}),
    )
    assert await tally.run_once(brand.tenant) == 3
    assert await tally.run_once(brand.tenant) == 0
    assert await figures(brand, observed) == {"Viewed": (2, 2, 2), "": (1, 1, 1)}

    brand.clock.advance(timedelta(days=1))
    await brand.tell(happened("Viewed", "a", at - timedelta(days=400), message_id="4"))
    assert await tally.run_once(brand.tenant) == 1
    assert (await figures(brand, observed))["Viewed"] == (3, 1, 3)

    detail = await observed.detail(brand.tenant, "Viewed")
    assert [(day.day.isoformat(), day.events) for day in detail.days[-3:]] == [
        ("2026-03-03", 0), ("2026-03-04", 2), ("2026-03-05", 1),
    ]  # fmt: skip
    assert [(one.key, one.present, one.examples) for one in detail.properties] == [("color", 2, ("红", "绿"))]
    assert detail.looked_at == 3
    assert [one.person_id for one in detail.samples] == [
        encode_id("per", await brand.person(user)) for user in ("a", "b", "a")
    ]
    assert detail.event.sources[0].source == "shop"


async def test_two_processes_count_a_batch_once(
    brand: Brand, tally: Tally, observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    look = tally_module._range

    async def and_another_counts(uow: object) -> tuple[int, int]:
        found = await look(uow)  # type: ignore[arg-type]
        monkeypatch.setattr(tally_module, "_range", look)
        await tally.run_once(brand.tenant)
        return found

    monkeypatch.setattr(tally_module, "_range", and_another_counts)

    assert await tally.run_once(brand.tenant) == 0
    assert await figures(brand, observed) == {"Viewed": (1, 1, 1)}


async def test_a_flood_of_names_is_counted_without_them(
    brand: Brand, tally: Tally, observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally_module, "PAIRS_MAX", 3)
    monkeypatch.setattr(tally_module, "SUMS_MAX", 5)
    at = brand.clock.now()
    await brand.tell(*(happened(f"name {number}", "a", at) for number in range(8)))

    await tally.run_once(brand.tenant)

    found = await figures(brand, observed)
    assert found == {"name 0": (1, 1, 1), "name 1": (1, 1, 1), "name 2": (1, 1, 1), "": (5, 5, 5)}


async def test_a_name_nobody_sent_is_not_found(brand: Brand, observed: Observed) -> None:
    with pytest.raises(UnseenEvent):
        await observed.detail(brand.tenant, "Never")
