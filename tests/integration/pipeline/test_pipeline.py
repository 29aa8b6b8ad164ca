"""Resolve, store, react on the real engines: every accepted event once, whatever breaks in between."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.pipeline.passing import Passing
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.runner import OPEN_MAX, Pipeline
from quanyu.flows.pipeline.store import Store
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse, WarehouseUnavailable
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.events.reader import lock_cursor
from quanyu.modules.events.service import Log
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver

AT = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


class NothingFollows:
    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        """Only people themselves are under test here."""


async def no_merges(uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, PersonId]:
    return {}


@pytest.fixture
def intake(database: Database, clock: FixedClock, key_ring: KeyRing) -> Intake:
    log = Log()
    return Intake(log, Collector(log, database.connect_system, clock), key_ring)


@pytest.fixture
def resolve(uows: UnitOfWorkFactory, key_ring: KeyRing) -> Resolve:
    return Resolve(uows, Resolver(key_ring), NothingFollows())


@pytest.fixture
def store(uows: UnitOfWorkFactory, warehouse: Warehouse) -> Store:
    return Store(uows, warehouse, ProfileCopier(uows, warehouse))


def viewed(number: int, *, user: str = "", **more: Any) -> IntakeEvent:
    who = (FactIdentifier(namespace="user_id", scope="", value=user),) if user else ()
    return IntakeEvent(
        kind="track",
        name="Product Viewed",
        source="web",
        message_id=f"v{number}",
        occurred_at=AT + timedelta(seconds=number),
        identifiers=who,
        properties={"product_id": f"p{number}", "tricky": "tab\t\\back\nline \u0000"},
        **more,
    )


async def put(
    intake: Intake, uows: UnitOfWorkFactory, tenant: TenantId, events: Sequence[IntakeEvent]
) -> None:
    async with uows.system(tenant) as uow:
        await intake.append(uow, events)


class SlowWarehouse:
    """The real warehouse, each insert of which takes its time."""

    def __init__(self, warehouse: Warehouse, seconds: float) -> None:
        self._warehouse = warehouse
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    async def insert_tsv(self, *args: Any, **more: Any) -> None:
        await asyncio.sleep(self._seconds)
        await self._warehouse.insert_tsv(*args, **more)


class TooMuchAtOnce:
    """What follows a merge takes so long that the server ends the transaction; later it does not."""

    def __init__(self, times: int) -> None:
        self._times = times

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        if self._times:
            self._times -= 1
            raise psycopg.errors.TransactionTimeout("terminating connection due to transaction timeout")


async def drain(tenant: TenantId, *steps: Resolve | Store | React) -> None:
    for step in steps:
        while await step.run_once(tenant):
            pass


async def test_a_batch_that_takes_too_long_is_tried_again_in_smaller_ones(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    await put(intake, uows, tenant_id, [viewed(number, user=f"u{number}") for number in range(900)])
    resolve = Resolve(uows, Resolver(key_ring), TooMuchAtOnce(times=1), batch_max=800)

    with pytest.raises(psycopg.errors.TransactionTimeout):
        await resolve.run_once(tenant_id)
    sizes = [await resolve.run_once(tenant_id) for _ in range(4)]

    assert sizes[0] == 200
    assert (sum(sizes), sizes[-1]) == (900, 0)


async def test_an_event_arrives_in_the_warehouse_as_it_was_stated(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    resolve: Resolve,
    store: Store,
    tenant_warehouse: TenantWarehouse,
) -> None:
    order = IntakeEvent(
        kind="track",
        name="Order Completed",
        source="shop",
        message_id="o1",
        occurred_at=AT,
        identifiers=(FactIdentifier(namespace="user_id", scope="", value="u1"),),
        properties={
            "order_id": "A-1",
            "revenue": "19.905",
            "currency": "CNY",
            "note": '引号" 反斜杠\\ 制表\t',
            "products": [{"sku": "s1", "name": "龙井", "price": 9.9525, "quantity": 2}],
        },
        context={"channel": "official_account", "campaign": "春茶"},
    )
    await put(intake, uows, tenant_id, [order, viewed(1)])
    await drain(tenant_id, resolve, store)

    rows = await tenant_warehouse.query(
        "SELECT name, person > 0, order_id, toString(revenue), channel, campaign, items.name, "
        "arrayMap(p -> toString(p), items.price), properties.note.:String, properties.tricky.:String "
        "FROM events WHERE tenant_id = {tenant:UInt32} ORDER BY name"
    )
    assert rows == [
        (
            "Order Completed",
            1,
            "A-1",
            "19.905",
            "official_account",
            "春茶",
            ["龙井"],
            ["9.9525"],
            order.properties["note"],
            None,
        ),
        ("Product Viewed", 0, "", None, "", "", [], [], None, "tab\t\\back\nline \u0000"),
    ]


async def test_a_slow_warehouse_gets_fewer_larger_batches(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    resolve: Resolve,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
) -> None:
    """Events that trickle in while an insert takes long do not become a tail of small batches."""
    slow = SlowWarehouse(warehouse, seconds=0.5)
    store = Store(uows, slow, ProfileCopier(uows, warehouse))  # type: ignore[arg-type]
    pipeline = Pipeline(resolve, store, [], Passing(uows, [], BatchNames()))
    pipeline.start(tenant_id)
    for number in range(60):
        await put(intake, uows, tenant_id, [viewed(number)])
        pipeline.wake(tenant_id)
        await asyncio.sleep(0.02)
        assert await store.count_open(tenant_id, up_to=100) <= OPEN_MAX

    async def stored() -> int:
        rows = await tenant_warehouse.query("SELECT count() FROM events WHERE tenant_id = {tenant:UInt32}")
        return int(rows[0][0])

    async with asyncio.timeout(60):
        while await stored() < 60:  # noqa: ASYNC110 - the pipeline tells nobody.
            await asyncio.sleep(0.05)
    await pipeline.stop()
    assert await stored() == 60


async def test_storing_resumes_after_any_crash(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    resolve: Resolve,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
) -> None:
    """A crash after the insert, or in the middle of one, neither loses nor doubles a row."""
    copier = ProfileCopier(uows, warehouse)
    await put(intake, uows, tenant_id, [viewed(number, user=f"u{number % 7}") for number in range(50)])
    await drain(tenant_id, resolve, Store(uows, warehouse, copier))
    for where in ("AND position % 2 = 0", ""):  # Half the rows are there; then all of them are.
        if where:
            await tenant_warehouse.command(f"DELETE FROM events WHERE tenant_id = {{tenant:UInt32}} {where}")
        async with uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_batch SET state = 'resolved' WHERE tenant_id = :t", {"t": tenant_id}
            )
        await drain(tenant_id, Store(uows, warehouse, copier))
        rows = await tenant_warehouse.query(
            "SELECT count(), uniqExact(position) FROM events WHERE tenant_id = {tenant:UInt32}"
        )
        assert rows == [(50, 50)]


@pytest.mark.parametrize("is_merged", [False, True])
async def test_a_broken_batch_is_taken_away_and_its_neighbours_stay(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    resolve: Resolve,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
    is_merged: bool,
) -> None:
    """Rows of a broken insert go, whether they have parts of their own or were merged with others'."""
    copier = ProfileCopier(uows, warehouse)
    for first in (0, 30):
        await put(intake, uows, tenant_id, [viewed(number) for number in range(first, first + 30)])
        await drain(tenant_id, resolve, Store(uows, warehouse, copier))
    await tenant_warehouse.command(
        "DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND position % 2 = 0 AND batch_id = "
        "(SELECT max(batch_id) FROM events WHERE tenant_id = {tenant:UInt32})"
    )
    if is_merged:
        await warehouse.command("OPTIMIZE TABLE events FINAL")
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "UPDATE log_batch SET state = 'resolved' WHERE tenant_id = :t AND batch_id = "
            "(SELECT max(batch_id) FROM log_batch WHERE tenant_id = :t)",
            {"t": tenant_id},
        )

    await drain(tenant_id, Store(uows, warehouse, copier))

    rows = await tenant_warehouse.query(
        "SELECT count(), uniqExact(position), uniqExact(batch_id) FROM events "
        "WHERE tenant_id = {tenant:UInt32}"
    )
    assert rows == [(60, 60, 2)]


class _Recorder:
    """A subscriber that notes what it applied, and fails where told."""

    def __init__(
        self,
        name: str = "recorder",
        *,
        after: Sequence[str] = (),
        poison: str = "",
        error: Exception | None = None,
        unavailable: int = 0,
    ) -> None:
        self.name = name
        self.after = after
        self.poison = poison
        self.error = error or ZeroDivisionError()
        self.unavailable = unavailable
        self.applied: list[str] = []

    def wants(self, event_name: str) -> bool:
        return event_name == "Product Viewed"

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> Any:
        if self.unavailable:
            self.unavailable -= 1
            raise WarehouseUnavailable("down")
        return len(events)

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        assert prepared == len(events)
        if any(event.message_id == self.poison for event in events):
            raise self.error
        self.applied += [event.message_id for event in events]


async def _reacted(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant: TenantId,
    resolve: Resolve,
    store: Store,
    recorder: _Recorder,
) -> React:
    other = IntakeEvent(kind="track", name="Other", source="web", message_id="x", occurred_at=AT)
    await put(intake, uows, tenant, [viewed(0), other, *(viewed(number) for number in range(1, 9))])
    await drain(tenant, resolve, store)
    return React(uows, recorder, no_merges, BatchNames())


async def test_a_subscriber_sees_what_it_wants_once_and_in_order(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    recorder = _Recorder()
    react = await _reacted(intake, uows, tenant_id, resolve, store, recorder)
    await drain(tenant_id, react)
    assert recorder.applied == [f"v{number}" for number in range(9)]
    await put(intake, uows, tenant_id, [viewed(9)])
    await drain(tenant_id, resolve, store, react)
    assert recorder.applied[9:] == ["v9"]


async def test_a_subscriber_waits_for_those_it_builds_on(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    first, second = _Recorder("first"), _Recorder("second", after=("first",))
    ahead = await _reacted(intake, uows, tenant_id, resolve, store, first)
    behind = React(uows, second, no_merges, BatchNames())
    assert await behind.run_once(tenant_id) == 0
    await drain(tenant_id, ahead, behind)
    assert second.applied == first.applied == [f"v{number}" for number in range(9)]


async def test_a_poisonous_event_is_put_aside_alone(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    recorder = _Recorder(poison="v5")
    await drain(tenant_id, await _reacted(intake, uows, tenant_id, resolve, store, recorder))
    assert sorted(recorder.applied) == [f"v{number}" for number in range(9) if number != 5]
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT subscriber, error FROM dead_letter WHERE tenant_id = :t", {"t": tenant_id}
        )
        assert [tuple(row) for row in rows] == [("recorder", "ZeroDivisionError")]


async def test_a_missing_warehouse_is_waited_for_and_buries_nothing(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    recorder = _Recorder(unavailable=1)
    react = await _reacted(intake, uows, tenant_id, resolve, store, recorder)
    with pytest.raises(WarehouseUnavailable):
        await react.run_once(tenant_id)
    await drain(tenant_id, react)
    assert len(recorder.applied) == 9


async def test_a_deadlock_is_tried_again_and_buries_nothing(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    recorder = _Recorder(poison="v5", error=psycopg.errors.DeadlockDetected("caught between two others"))
    react = await _reacted(intake, uows, tenant_id, resolve, store, recorder)
    with pytest.raises(psycopg.errors.DeadlockDetected):
        await react.run_once(tenant_id)
    recorder.poison = ""
    await drain(tenant_id, react)
    assert recorder.applied == [f"v{number}" for number in range(9)]


async def test_a_long_history_is_cut_into_insertable_batches(
    intake: Intake,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    resolve: Resolve,
    store: Store,
    warehouse: Warehouse,
    tenant_warehouse: TenantWarehouse,
) -> None:
    events = [viewed(number) for number in range(240)]
    for number, event in enumerate(events):
        event.occurred_at = datetime(2000 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    await put(intake, uows, tenant_id, events)
    await drain(tenant_id, resolve, store)
    rows = await tenant_warehouse.query(
        "SELECT count(), uniqExact(batch_id) FROM events WHERE tenant_id = {tenant:UInt32}"
    )
    assert rows == [(240, 3)]
    # A delete writes every part of the table anew, whichever it asks for: later tests would wait for them.
    await warehouse.command("TRUNCATE TABLE events")


class _Choosy(_Recorder):
    """A subscriber of other events than the rest."""

    def __init__(self, name: str, wanted: str, *, after: Sequence[str] = ()) -> None:
        super().__init__(name, after=after)
        self.wanted = wanted

    def wants(self, event_name: str) -> bool:
        return event_name == self.wanted


async def _cursors(uows: UnitOfWorkFactory, tenant_id: TenantId) -> dict[str, tuple[int, int, int]]:
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT consumer, batch_id, position, events FROM log_cursor "
            "WHERE tenant_id = :t AND consumer LIKE 'react:%'",
            {"t": tenant_id},
        )
        return {row.consumer.partition(":")[2]: (row.batch_id, row.position, row.events) for row in rows}


async def test_batches_nobody_wants_are_passed_together(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    """Whoever wants something stays, and who waits for them; each cursor says what it would have alone."""
    names = BatchNames()
    viewer, idler, other = _Recorder("viewer"), _Choosy("idler", "Never"), _Choosy("other", "Other")
    waiting = _Choosy("waiting", "Never", after=["viewer"])
    alone = [React(uows, one, no_merges, names) for one in (viewer, idler, other, waiting)]
    passing = Passing(uows, alone, names)
    assert await passing.run_once(tenant_id) == [
        "viewer",
        "idler",
        "other",
        "waiting",
    ]  # All of them are new.
    await drain(tenant_id, *alone)

    for first in (0, 10):
        await put(intake, uows, tenant_id, [viewed(number) for number in range(first, first + 10)])
        await drain(tenant_id, resolve, store)
    assert await passing.run_once(tenant_id) == ["viewer", "waiting"]
    standing = await _cursors(uows, tenant_id)
    assert standing["idler"] == standing["other"] == (2, 10, 20)
    assert standing["viewer"] == standing["waiting"] == (0, 0, 0)

    plain = IntakeEvent(kind="track", name="Other", source="web", message_id="x", occurred_at=AT)
    await put(intake, uows, tenant_id, [plain])
    await drain(tenant_id, resolve, store)
    assert await passing.run_once(tenant_id) == ["viewer", "other", "waiting"]
    assert await passing.run_once(tenant_id) == ["viewer", "other", "waiting"]

    await drain(tenant_id, *alone)
    assert (len(viewer.applied), other.applied, idler.applied, waiting.applied) == (20, ["x"], [], [])
    assert set((await _cursors(uows, tenant_id)).values()) == {(3, 1, 21)}
    assert await passing.run_once(tenant_id) == []


async def test_whoever_is_at_work_is_left_alone(
    intake: Intake, uows: UnitOfWorkFactory, tenant_id: TenantId, resolve: Resolve, store: Store
) -> None:
    names = BatchNames()
    reactions = [React(uows, _Choosy(name, "Never"), no_merges, names) for name in ("one", "two")]
    await drain(tenant_id, *reactions)
    await put(intake, uows, tenant_id, [viewed(1)])
    await drain(tenant_id, resolve, store)

    async with uows.system(tenant_id) as uow:
        await lock_cursor(await uow.raw(), tenant_id, "react:one", now=AT)
        assert await Passing(uows, reactions, names).run_once(tenant_id) == ["one"]
    assert await Passing(uows, reactions, names).run_once(tenant_id) == ["one"]  # It is behind the other now.
    await drain(tenant_id, *reactions)
    assert set((await _cursors(uows, tenant_id)).values()) == {(1, 1, 1)}
