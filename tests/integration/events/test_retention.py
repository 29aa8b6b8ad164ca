"""Rules let events go from the warehouse and the archive, once, and nothing brings them back unasked."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from integration.events.world import RUNNING, Brand, Reader, order, two_days
from quanyu.app.backup.reconcile import reopen_missing
from quanyu.flows.pipeline.replay import Replays, ReplayState
from quanyu.flows.pipeline.store import Store
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.modules.events.observed.tally import Tally
from quanyu.modules.events.retention import queries
from quanyu.modules.events.retention.again import DroppedBefore
from quanyu.modules.events.retention.contracts import EventUse, Keep, RunState, RunStep, SaveKeep
from quanyu.modules.events.retention.errors import InvalidRetention, KeptForGood, RetentionInUse
from quanyu.modules.events.retention.history import EventHistory
from quanyu.modules.events.retention.service import Retention
from quanyu.modules.events.retention.worker import RetentionWorker
from quanyu.modules.people.copier import ProfileCopier

KEPT = frozenset({"people.consent_granted"})
SHORT = SaveKeep(warehouse_days=10, archive_days=30)
USE = EventUse(event="Ignored", kind="segment", id="seg_1", name="高频访客", days=90)


class Readers:
    def __init__(self, *uses: EventUse) -> None:
        self._uses = uses

    async def uses(self, uow: UnitOfWork) -> Sequence[EventUse]:
        return self._uses


class Everything(Reader):
    def wants(self, event_name: str) -> bool:
        return True


class World:
    """A brand with two days of events, of which the archive holds the first, and its retention."""

    def __init__(self, brand: Brand, warehouse: Warehouse) -> None:
        self.brand, self.warehouse = brand, warehouse
        self.again = DroppedBefore(brand.uows, warehouse, KEPT)
        self.store = Store(
            brand.uows, warehouse, ProfileCopier(brand.uows, warehouse), brand.archive, self.again
        )
        self.worker = RetentionWorker(
            brand.uows,
            brand.database,
            warehouse,
            brand.archive.directory,
            kept=KEPT,
            consumers=("react:reader",),
        )

    def rules(self, *uses: EventUse) -> Retention:
        return Retention(self.brand.uows, self.warehouse, Readers(*uses), kept=KEPT, log_days=30)

    async def save(self, keep: SaveKeep = SHORT, name: str | None = "Ignored") -> None:
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            await self.rules().save(uow, name, keep, by="林")

    async def run(self) -> bool:
        return await self.worker.run_once(self.brand.tenant_id, RUNNING)

    async def held(self) -> dict[str, tuple[int, int]]:
        """By name: how many events, and a sum of all they say."""
        rows = await self.brand.warehouse.query(
            "SELECT toString(name), count(), groupBitXor(cityHash64(message_id, person, batch_id, position, "
            "occurred_at, received_at, applied_at, toString(properties), items.sku)) FROM events "
            "WHERE tenant_id = {tenant:UInt32} GROUP BY name ORDER BY name"
        )
        return {name: (count, said) for name, count, said in rows}

    async def counts(self) -> dict[str, int]:
        return {name: count for name, (count, _) in (await self.held()).items()}

    async def replay(self) -> ReplayState:
        replays = Replays(self.brand.uows, self.warehouse, self.brand.archive, self.again)
        await replays.start(self.brand.tenant_id)
        while await replays.run_once(self.brand.tenant_id):
            pass
        return (await replays.status(self.brand.tenant_id)).state


@pytest.fixture
async def world(brand: Brand, warehouse: Warehouse) -> World:
    await two_days(brand)
    await Tally(brand.uows, warehouse).run_once(brand.tenant_id)
    await brand.archiver().run_once(RUNNING)
    assert await brand.in_log() == 4
    made = World(brand, warehouse)
    assert await made.counts() == {"Ignored": 9, "Order Completed": 7}
    return made


async def test_events_go_from_warehouse_and_archive_and_a_run_is_done_once_a_day(world: World) -> None:
    assert not await world.run()
    await world.save()
    others = (await world.held())["Order Completed"]

    assert await world.run()
    assert await world.held() == {"Order Completed": others}
    view = await world.rules().view(world.brand.tenant_id)
    assert view.run is not None
    assert (view.run.state, view.run.step, view.run.events, view.run.archived) == (
        RunState.DONE,
        RunStep.ARCHIVE,
        9,
        6,
    )
    assert (view.archive.files, view.archive.events, view.archive.retired) == (1, 12, 6)
    assert [(one.name, one.events, one.dropped) for one in view.held] == [("Order Completed", 7, 0)]
    assert view.held[0].size_bytes > 0
    assert [(one.name, one.warehouse_days, one.changed_by) for one in view.rules] == [("Ignored", 10, "林")]

    assert not await world.run()
    files = [one.name for one in world.brand.archive.directory.rglob("*.parquet")]
    world.brand.clock.advance(timedelta(days=1))
    assert await world.run()
    assert [one.name for one in world.brand.archive.directory.rglob("*.parquet")] == files


async def test_what_is_gone_is_still_known_and_not_read_by_new_subscribers(world: World) -> None:
    await world.save()
    await world.run()
    await world.brand.accept(order(2))
    assert await world.brand.in_log() == 4  # A duplicate, as it would be in ten years.

    reader = Everything("newcomer")
    react = world.brand.react(reader)
    while await react.run_once(world.brand.tenant_id):
        pass
    assert sorted(event.message_id for event in reader.seen) == sorted(
        f"o{number}" for number in (*range(1, 12, 2), 12, 13, 14, 900)
    )


async def test_a_replay_gives_the_same_figures_and_a_longer_rule_brings_back_what_is_there(
    world: World,
) -> None:
    await world.save()
    await world.run()
    before = await world.held()
    assert await world.replay() is ReplayState.DONE
    assert await world.held() == before

    await world.save(SaveKeep(warehouse_days=30, archive_days=30))
    assert await world.replay() is ReplayState.DONE
    assert await world.counts() == {"Ignored": 3, "Order Completed": 7}
    assert await world.run()  # The replay asked for it: what is left of each batch is noted anew.
    assert await world.counts() == {"Ignored": 3, "Order Completed": 7}


async def test_a_restore_gives_the_same_figures(world: World, database: Database) -> None:
    await world.save()
    await world.run()
    before, tenant = await world.held(), world.brand.tenant_id
    async with await psycopg.AsyncConnection.connect(database.urls.owner, autocommit=True) as owner:
        assert await reopen_missing(owner, world.warehouse, tenant) == 0
        await world.brand.warehouse.command("DELETE FROM events WHERE tenant_id = {tenant:UInt32}")
        assert await reopen_missing(owner, world.warehouse, tenant) == 1  # Of the other nothing was left.
        while await world.store.run_once(tenant):
            pass
        assert await world.held() == before
        assert await reopen_missing(owner, world.warehouse, tenant) == 0


async def test_nothing_goes_before_everybody_has_read_it(world: World) -> None:
    await world.save()
    tenant = world.brand.tenant_id
    async with world.brand.uows.system(tenant) as uow:
        await uow.execute(
            "UPDATE log_cursor SET batch_id = 0, position = 0 WHERE tenant_id = :t "
            "AND consumer = 'react:reader'",
            {"t": tenant},
        )
    await world.run()
    assert await world.counts() == {"Ignored": 9, "Order Completed": 7}


class _Mortal(EventHistory):
    """Dies around the deletion of a month, before or after it was done."""

    def __init__(self, warehouse: Warehouse, *, deletes: bool) -> None:
        super().__init__(warehouse)
        self._deletes = deletes

    async def drop_month(self, *arguments: Any, **named: Any) -> None:
        if self._deletes:
            await super().drop_month(*arguments, **named)
        raise WarehouseUnavailable("killed here")


@pytest.mark.parametrize("deletes", [True, False])
async def test_a_run_cut_short_goes_on_and_counts_once(
    world: World, monkeypatch: pytest.MonkeyPatch, deletes: bool
) -> None:
    await world.save()
    monkeypatch.setattr(world.worker, "_history", _Mortal(world.warehouse, deletes=deletes))
    with pytest.raises(WarehouseUnavailable):
        await world.run()
    monkeypatch.setattr(world.worker, "_history", EventHistory(world.warehouse))
    assert await world.run()
    assert await world.counts() == {"Order Completed": 7}
    async with world.brand.uows.system(world.brand.tenant_id) as uow:
        found = await queries.get_run(uow)
        assert (await queries.list_dropped(uow))["Ignored"][1] == 9
    assert found is not None
    assert (found[0].state, found[0].events, found[0].archived) == (RunState.DONE, 9, 6)


async def test_a_file_is_exchanged_whole_or_not_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.save()
    rewriting = world.worker._retiring._files
    exchange = rewriting.exchange

    async def dies(uow: UnitOfWork, *arguments: Any) -> None:
        await exchange(uow, *arguments)
        raise asyncio.CancelledError

    monkeypatch.setattr(rewriting, "exchange", dies)
    with pytest.raises(asyncio.CancelledError):
        await world.run()
    assert sum(payload.count(b"\n") for payload in await world.brand.payloads()) == 16
    monkeypatch.setattr(rewriting, "exchange", exchange)
    await world.run()
    assert sum(payload.count(b"\n") for payload in await world.brand.payloads()) == 10


async def test_a_rule_is_tried_first_and_refused_while_somebody_asks_further_back(
    world: World, uows: UnitOfWorkFactory
) -> None:
    rules, tenant = world.rules(USE), world.brand.tenant_id
    shown = await rules.preview(tenant, "Ignored", Keep(warehouse_days=10, archive_days=30))
    assert (shown.events, shown.names, shown.archive_files, shown.archive_events) == (9, ("Ignored",), 1, 12)
    assert shown.size_bytes > 0
    assert shown.uses == (USE,)
    others = await rules.preview(tenant, None, Keep(warehouse_days=10))
    assert (others.events, others.names) == (16, ("Ignored", "Order Completed"))

    async with uows.app(tenant) as uow:
        with pytest.raises(RetentionInUse, match="高频访客"):
            await rules.save(uow, "Ignored", SHORT, by="林")
        with pytest.raises(KeptForGood):
            await rules.save(uow, "people.consent_granted", SHORT, by="林")
        with pytest.raises(InvalidRetention):
            await rules.save(uow, "Ignored", SaveKeep(warehouse_days=5, archive_days=29), by="林")
        assert await queries.list_rules(uow) == {}
        await rules.save(uow, "Ignored", SHORT.model_copy(update={"despite_uses": True}), by="林")
        await rules.save(uow, None, SaveKeep(warehouse_days=3650), by="林")
        await rules.forget(uow, "Ignored")
        assert [one.name for one in (await queries.list_rules(uow)).values()] == [None]
    assert await world.counts() == {"Ignored": 9, "Order Completed": 7}
