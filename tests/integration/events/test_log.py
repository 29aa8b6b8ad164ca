"""The log on a real PostgreSQL: durable, once for good, and read without skipping what commits late."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.collector import Collector, LogUnavailable, UnstorableEvent
from quanyu.modules.events.contracts import AcceptOutcome, LogRecord
from quanyu.modules.events.reader import read_horizon
from quanyu.modules.events.service import Log, body_hash

AT = datetime(2026, 3, 4, 3, 59, tzinfo=UTC)


def record(message_id: str, *, says: str = "x", source: str = "web") -> LogRecord:
    return LogRecord(
        source=source,
        message_id=message_id,
        kind="track",
        name="Product Viewed",
        occurred_at=AT,
        body_hash=body_hash(says.encode()),
        properties_json=b'{"a": "tab\\tand \\\\ and \\u0000"}',
    )


async def append(uows: UnitOfWorkFactory, tenant: TenantId, *records: LogRecord) -> list[AcceptOutcome]:
    async with uows.system(tenant) as uow:
        return await Log().append(await uow.raw(), tenant, records, received_at=uow.clock.now())


async def count(uows: UnitOfWorkFactory, tenant: TenantId, table: str = "log_event") -> int:
    async with uows.system(tenant) as uow:
        rows = await uow.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = :t", {"t": tenant})
        return int(rows.scalar_one())


async def test_a_key_is_taken_once_for_good(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    """IN-1."""
    assert await append(uows, tenant_id, record("1")) == [AcceptOutcome.ACCEPTED]
    assert await append(uows, tenant_id, record("1")) == [AcceptOutcome.DUPLICATE]
    assert await append(uows, tenant_id, record("1", says="y")) == [AcceptOutcome.DUPLICATE_DIFFERS]
    assert await append(uows, tenant_id, record("1", source="app")) == [AcceptOutcome.ACCEPTED]
    assert await count(uows, tenant_id) == 2
    assert await count(uows, tenant_id, "event_conflict") == 1


async def test_duplicates_inside_one_call_are_settled(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    outcomes = await append(uows, tenant_id, record("1"), record("2"), record("1"), record("2", says="y"))
    assert outcomes == [
        AcceptOutcome.ACCEPTED,
        AcceptOutcome.ACCEPTED,
        AcceptOutcome.DUPLICATE,
        AcceptOutcome.DUPLICATE_DIFFERS,
    ]
    assert await count(uows, tenant_id) == 2


async def test_keys_of_two_brands_are_two_keys(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    other = TenantId(tenant_id + 100_000)
    assert await append(uows, tenant_id, record("1")) == [AcceptOutcome.ACCEPTED]
    assert await append(uows, other, record("1")) == [AcceptOutcome.ACCEPTED]


async def test_a_rolled_back_call_leaves_no_key_behind(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    async def fail() -> None:
        async with uows.system(tenant_id) as uow:
            await Log().append(await uow.raw(), tenant_id, [record("1")], received_at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await append(uows, tenant_id, record("1")) == [AcceptOutcome.ACCEPTED]


async def test_what_was_written_reads_back(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    await append(uows, tenant_id, record("a\tb\\c\nd"))
    async with uows.system(tenant_id) as uow:
        row = (
            await uow.execute(
                "SELECT message_id, occurred_at, properties::text AS properties FROM log_event "
                "WHERE tenant_id = :t",
                {"t": tenant_id},
            )
        ).one()
    assert row.message_id == "a\tb\\c\nd"
    assert row.occurred_at == AT
    assert row.properties == '{"a": "tab\\tand \\\\ and \\u0000"}'


async def test_concurrent_requests_share_commits_and_lose_nothing(
    uows: UnitOfWorkFactory, tenant_id: TenantId, database: Database, clock: FixedClock
) -> None:
    async with Collector(Log(), database.connect_system, clock) as collector:
        offers = [collector.accept(tenant_id, [record(str(n)), record("shared")]) for n in range(200)]
        outcomes = await asyncio.gather(*offers)
    assert [first for first, _ in outcomes] == [AcceptOutcome.ACCEPTED] * 200
    assert sum(second is AcceptOutcome.ACCEPTED for _, second in outcomes) == 1
    assert await count(uows, tenant_id) == 201


async def test_single_requests_behind_a_commit_share_the_next_one(
    uows: UnitOfWorkFactory, tenant_id: TenantId, database: Database, clock: FixedClock
) -> None:
    async with (
        Collector(Log(), database.connect_system, clock) as collector,
        await database.connect_system() as blocker,
    ):
        await blocker.execute("LOCK TABLE event_key IN SHARE MODE")
        first = asyncio.create_task(collector.accept(tenant_id, [record("1")]))
        while not await _somebody_waits(blocker):  # noqa: ASYNC110 - the server knows.
            await asyncio.sleep(0.01)
        others = [asyncio.create_task(collector.accept(tenant_id, [record(str(n))])) for n in (2, 3, 4)]
        await asyncio.sleep(0)
        await blocker.rollback()
        await asyncio.gather(first, *others)
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT count(*) FROM log_event WHERE tenant_id = :t GROUP BY xid ORDER BY xid", {"t": tenant_id}
        )
        assert [row[0] for row in rows] == [1, 3]


async def _somebody_waits(connection: psycopg.AsyncConnection[Any]) -> bool:
    cursor = await connection.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def test_a_commit_that_fails_is_told_and_safe_to_repeat(
    uows: UnitOfWorkFactory, tenant_id: TenantId, database: Database, clock: FixedClock
) -> None:
    broken = True

    async def connect() -> psycopg.AsyncConnection[Any]:
        if broken:
            raise OSError("no route to the database")
        return await database.connect_system()

    async with Collector(Log(), connect, clock) as collector:
        with pytest.raises(LogUnavailable):
            await collector.accept(tenant_id, [record("1")])
        broken = False
        assert await collector.accept(tenant_id, [record("1")]) == [AcceptOutcome.ACCEPTED]


async def test_an_event_that_cannot_be_written_fails_alone(
    uows: UnitOfWorkFactory, tenant_id: TenantId, database: Database, clock: FixedClock
) -> None:
    """Requests share a commit, but not each other's mistakes."""
    bad = record("bad")
    bad.properties_json = b'{"broken": '
    async with Collector(Log(), database.connect_system, clock) as collector:
        offers = [collector.accept(tenant_id, [one]) for one in (record("1"), bad, record("2"))]
        first, refused, second = await asyncio.gather(*offers, return_exceptions=True)
    assert first == second == [AcceptOutcome.ACCEPTED]
    assert isinstance(refused, UnstorableEvent)
    assert await count(uows, tenant_id) == 2


async def _begin(database: Database, tenant: TenantId, message_id: str) -> psycopg.AsyncConnection[Any]:
    connection = await database.connect_system()
    await Log().append(connection, tenant, [record(message_id)], received_at=AT)
    return connection


async def test_the_horizon_stays_below_an_open_writer(database: Database, tenant_id: TenantId) -> None:
    # With the day's partition there, nobody waits to make it while the writer's time runs out.
    first = await _begin(database, tenant_id, "first")
    await first.commit()
    open_writer = await _begin(database, tenant_id, "late")
    cursor = await open_writer.execute("SELECT pg_current_xact_id()::text::bigint")
    row = await cursor.fetchone()
    assert row is not None
    later = await _begin(database, tenant_id, "early")
    await later.commit()
    reader = await database.connect_system(autocommit=True)
    assert await read_horizon(reader) == row[0]
    await open_writer.commit()
    assert await read_horizon(reader) > row[0]
    for connection in (first, open_writer, later, reader):
        await connection.close()


async def test_a_writer_of_another_database_does_not_hold_the_horizon(
    database: Database, tenant_id: TenantId, postgres: Any
) -> None:
    """A foreign transaction left open for hours must not stop the pipeline (design 3)."""
    foreign = await psycopg.AsyncConnection.connect(postgres.superuser_dsn("postgres"))
    cursor = await foreign.execute("SELECT pg_current_xact_id()::text::bigint")
    row = await cursor.fetchone()
    assert row is not None
    own = await _begin(database, tenant_id, "own")
    await own.commit()
    reader = await database.connect_system(autocommit=True)
    assert await read_horizon(reader) > row[0]
    for connection in (foreign, own, reader):
        await connection.close()


async def test_many_writers_with_late_commits_are_all_read_once(
    uows: UnitOfWorkFactory, database: Database, tenant_id: TenantId
) -> None:
    """A reader by (xid, position) below the horizon sees each row once, whatever order commits come in."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stopped = asyncio.Event()

    async def write(writer: int) -> None:
        connection = await database.connect_system()
        for step in range(20):
            async with connection.transaction():
                batch = [record(f"{writer}-{step}-{part}") for part in range(chance.randrange(1, 4))]
                written.extend(one.message_id for one in batch)
                await Log().append(connection, tenant_id, batch, received_at=AT)
                await asyncio.sleep(chance.random() * 0.02)
        await connection.close()

    written: list[str] = []
    read: list[str] = []
    reading = asyncio.create_task(_read_until(database, tenant_id, read, stopped.is_set))
    await asyncio.gather(*(write(writer) for writer in range(8)))
    stopped.set()
    await reading
    assert sorted(read) == sorted(written)


async def _read_until(
    database: Database, tenant: TenantId, read: list[str], is_done: Callable[[], bool]
) -> None:
    connection = await database.connect_system(autocommit=True)
    xid, position = 0, 0
    while True:
        finishing = is_done()
        horizon = await read_horizon(connection)
        cursor = await connection.execute(
            "SELECT xid::text::bigint, position, message_id FROM log_event WHERE tenant_id = %s "
            "AND (xid, position) > (%s::text::xid8, %s) AND xid < %s::text::xid8 ORDER BY xid, position",
            (tenant, str(xid), position, str(horizon)),
        )
        rows = await cursor.fetchall()
        read.extend(message_id for _, _, message_id in rows)
        if rows:
            xid, position, _ = rows[-1]
        if finishing:
            break
        await asyncio.sleep(0.001)
    await connection.close()


async def test_the_app_role_may_add_facts_but_not_read_the_log(
    uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    async with uows.app(tenant_id) as uow:
        await Log().append(await uow.raw(), tenant_id, [record("1")], received_at=AT)

    async def look() -> None:
        async with uows.app(tenant_id) as uow:
            await uow.execute("SELECT count(*) FROM log_event")

    with pytest.raises(ProgrammingError, match="permission denied"):
        await look()
