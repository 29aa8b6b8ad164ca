"""Replay: history rebuilt from archive and log gives the same figures, and nobody sees it half done."""

import asyncio
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.segments.world import Api, Brand, build_brand, happened, order
from quanyu.flows.pipeline import replay
from quanyu.flows.pipeline.replay import NoReplay, ReplayNotStoppable, Replays, ReplayState
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.infra.warehouse.settings import QueryLimits
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.archive.service import Archiver
from quanyu.modules.segments.tree import parse_definition

BUYERS = parse_definition(
    {"kind": "event", "name": "Order Completed", "window": {"kind": "rolling", "amount": 90, "unit": "days"}}
)
RUNNING = asyncio.Event()


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
def replays(uows: UnitOfWorkFactory, warehouse: Warehouse, tmp_path: Path) -> Replays:
    return Replays(uows, warehouse, LogArchive(tmp_path))


@pytest.fixture
async def history(
    brand: Brand, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Sixty days of orders, views and a merge; all but the last weeks in the archive. Returns the figures."""
    monkeypatch.setattr(replay, "ROWS_MAX", 10)
    for day in range(12):
        now = brand.clock.now()
        await brand.tell(
            *(
                order(f"u{(day + one) % 9}", f"o{day}-{one}", now, [("19.9", "2"), ("0.001", "3")])
                for one in range(4)
            ),
            happened("Viewed", f"u{day}", now - timedelta(days=40), properties={"note": "制表\t反斜杠\\"}),
            happened("Viewed", "u1", now, also=[("anonymous_id", "device")] if day == 6 else []),
            happened("Viewed", "late" if day % 2 else "u2", now, also=[("anonymous_id", "device")]),
        )
        brand.clock.advance(timedelta(days=5))
    await Archiver(brand.uows, database, ArchiveSettings(directory=tmp_path), consumers=()).run_once(RUNNING)
    async with brand.uows.system(brand.tenant) as uow:
        rows = await uow.execute(
            "SELECT (SELECT count(*) FROM log_event WHERE tenant_id = :t), sum(events) FILTER (WHERE "
            "dropped_at IS NOT NULL) FROM log_archive WHERE tenant_id = :t",
            {"t": brand.tenant},
        )
        in_log, archived = rows.one()
    assert (in_log > 10, archived > 40, in_log + archived) == (True, True, 84)
    known = await figures(brand)
    assert known["orders"]["all"]["invoices"] == 48
    return known


async def figures(brand: Brand) -> dict[str, Any]:
    """What the overview, segments and scores say."""
    await brand.rfm.run(brand.tenant, as_of=brand.clock.now())
    api = Api(brand)
    _, summary = await api.call("GET", "/api/v1/rfm")
    _, people = await api.call("GET", "/api/v1/rfm/people", limit="200")
    _, orders = await api.call("GET", "/api/v1/insight/orders", **{"from": "2026-01-01"})
    preview = await brand.segments.preview(brand.uows, brand.tenant, BUYERS, sample=50)
    events = await brand.gate.query(
        "SELECT name, count(), uniqExact(person), uniqExact(message_id), toString(sum(revenue)), "
        "groupBitXor(cityHash64(message_id, person, batch_id, position, occurred_at, received_at, "
        "applied_at, toString(properties), items.sku, items.price)) "
        "FROM events WHERE tenant_id = {tenant:UInt32} GROUP BY name ORDER BY name"
    )
    return {
        "rfm": {key: value for key, value in summary.items() if key != "computed_at"},
        "people": people["items"],
        "orders": orders,
        "buyers": (preview.count, sorted(row.id for row in preview.sample)),
        "events": events,
    }


async def finish(replays: Replays, tenant: TenantId) -> None:
    while await replays.run_once(tenant):
        pass


async def spoil(brand: Brand) -> None:
    """Lose some rows and invent others, as a defect might."""
    await brand.gate.command("DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND position % 3 = 0")
    await brand.gate.command(
        "INSERT INTO events (tenant_id, person, name, kind, occurred_at, position, batch_id, message_id) "
        "SELECT tenant_id, person, 'Order Completed', kind, occurred_at, position, batch_id, 'invented' "
        "FROM events WHERE tenant_id = {tenant:UInt32} AND position % 5 = 0"
    )


async def test_figures_are_the_same_after_a_replay(
    brand: Brand, replays: Replays, history: dict[str, Any], warehouse: Warehouse
) -> None:
    await spoil(brand)
    assert await figures(brand) != history
    started = await replays.start(brand.tenant)
    assert (started.state, started.events_total, started.events_done) == (ReplayState.RUNNING, 84, 0)
    await finish(replays, brand.tenant)
    done = await replays.status(brand.tenant)
    assert (done.state, done.events_done, done.error) == (ReplayState.DONE, 84, None)
    assert await figures(brand) == history
    assert await warehouse.query("SHOW TABLES LIKE 'events_replay%'") == []


async def test_a_replay_of_what_is_right_changes_nothing_and_can_be_repeated(
    brand: Brand, replays: Replays, history: dict[str, Any]
) -> None:
    for _ in range(2):
        await replays.start(brand.tenant)
        await finish(replays, brand.tenant)
        assert await figures(brand) == history


async def test_nobody_sees_a_replay_half_done_and_new_events_go_on(
    brand: Brand, replays: Replays, history: dict[str, Any]
) -> None:
    await replays.start(brand.tenant)
    for _ in range(3):
        await replays.run_once(brand.tenant)
        assert await figures(brand) == history
    await brand.tell(happened("Subscribed", "new", brand.clock.now()))
    await finish(replays, brand.tenant)
    after = await figures(brand)
    assert [row[:2] for row in after["events"]] == [
        ("Order Completed", 48),
        ("Subscribed", 1),
        ("Viewed", 36),
    ]
    assert {**after, "events": None} == {**history, "events": None}


async def test_a_stopped_replay_goes_on_where_it_was(
    brand: Brand, replays: Replays, history: dict[str, Any]
) -> None:
    with pytest.raises(NoReplay):
        await replays.status(brand.tenant)
    await replays.start(brand.tenant)
    for _ in range(4):
        await replays.run_once(brand.tenant)
    stopped = await replays.stop(brand.tenant)
    assert stopped.state is ReplayState.STOPPED
    assert 0 < stopped.events_done < 84
    assert not await replays.run_once(brand.tenant)
    assert brand.tenant not in await replays.list_running()
    went_on = await replays.start(brand.tenant)
    assert (went_on.state, went_on.events_done) == (ReplayState.RUNNING, stopped.events_done)
    await finish(replays, brand.tenant)
    assert (await replays.status(brand.tenant)).events_done == 84
    assert await figures(brand) == history
    with pytest.raises(ReplayNotStoppable):
        await replays.stop(brand.tenant)


async def test_a_replay_cut_short_anywhere_ends_whole(
    brand: Brand,
    replays: Replays,
    history: dict[str, Any],
    warehouse: Warehouse,
    uows: UnitOfWorkFactory,
    tmp_path: Path,
) -> None:
    """As if the process died right after each statement to the warehouse, again and again."""
    await spoil(brand)
    await replays.start(brand.tenant)
    deaths = 0
    while deaths < 40:
        # Two at first: one is repeated, one is new. The exchange needs more of them in one life.
        mortal = _Mortal(warehouse, 2 if deaths < 12 else deaths - 9)
        try:
            await finish(Replays(uows, mortal, LogArchive(tmp_path)), brand.tenant)
        except _Death:
            deaths += 1
            continue
        break
    assert 12 < deaths < 40
    assert (await replays.status(brand.tenant)).state is ReplayState.DONE
    assert await figures(brand) == history


async def test_a_replay_that_does_not_come_out_whole_changes_nothing(
    brand: Brand, replays: Replays, history: dict[str, Any], warehouse: Warehouse
) -> None:
    await replays.start(brand.tenant)
    while (status := await replays.status(brand.tenant)).state is not ReplayState.EXCHANGING:
        await replays.run_once(brand.tenant)
    await warehouse.command(f"TRUNCATE TABLE events_replay_{brand.tenant}_{status.id}")
    await finish(replays, brand.tenant)
    failed = await replays.status(brand.tenant)
    assert (failed.state, failed.error) == (ReplayState.FAILED, "0 of 84 rows")
    assert await figures(brand) == history
    await replays.start(brand.tenant)
    await finish(replays, brand.tenant)
    assert await figures(brand) == history


async def test_questions_wait_while_rows_are_exchanged(warehouse: Warehouse) -> None:
    async with warehouse.exchanging():
        assert await warehouse.query("SELECT 1") == [(1,)]  # Whoever exchanges may ask.
        asking = asyncio.create_task(_ask(warehouse), context=Context())
        hurried = asyncio.create_task(_ask(warehouse, QueryLimits(wait_s=0.05)), context=Context())
        with pytest.raises(WarehouseUnavailable):
            await hurried
        assert not asking.done()
    assert await asking == [(2,)]


async def _ask(warehouse: Warehouse, limits: QueryLimits | None = None) -> list[tuple[Any, ...]]:
    return await warehouse.query("SELECT 2", limits=limits)


class _Death(BaseException):
    pass


class _Mortal(Warehouse):
    """Dies after so many statements that change something."""

    def __init__(self, real: Warehouse, after: int) -> None:
        self.__dict__ = dict(real.__dict__)
        self._left = after

    async def command(self, *args: Any, **more: Any) -> None:
        await super().command(*args, **more)
        self._die()

    async def insert_tsv(self, *args: Any, **more: Any) -> None:
        await super().insert_tsv(*args, **more)
        self._die()

    def _die(self) -> None:
        self._left -= 1
        if not self._left:
            raise _Death
