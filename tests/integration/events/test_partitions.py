"""Each UTC day has its partition in time, whatever the zone of a session; a missing one stops nobody."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from integration.events.world import DAY, MIDNIGHT, RUNNING, Brand, order
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.service import DayState
from quanyu.modules.events.contracts import AcceptOutcome, LogRecord
from quanyu.modules.events.queries import ensure_partition, partition_exists
from quanyu.modules.events.service import Log, body_hash


def record(message_id: str) -> LogRecord:
    return LogRecord(
        source="web",
        message_id=message_id,
        kind="track",
        name="Viewed",
        occurred_at=MIDNIGHT,
        body_hash=body_hash(b"x"),
    )


async def places(uows: UnitOfWorkFactory, tenant: TenantId) -> dict[str, str]:
    async with uows.system(tenant) as uow:
        rows = await uow.execute(
            "SELECT message_id, tableoid::regclass::text FROM log_event WHERE tenant_id = :t", {"t": tenant}
        )
        return {row[0]: row[1] for row in rows}


# With and without summer time (Europe changes on 2026-03-29), east and west, and half an hour off.
@pytest.mark.parametrize(
    "zone",
    ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"],
)
@pytest.mark.parametrize(
    "day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)]
)
async def test_midnight_is_utc_whatever_the_session_thinks(
    uows: UnitOfWorkFactory, tenant_id: TenantId, zone: str, day: date
) -> None:
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
    log = Log()
    async with uows.system(tenant_id) as uow:
        await uow.execute(f"SET LOCAL TIME ZONE '{zone}'")
        connection = await uow.raw()
        moments = {"before": midnight - timedelta(microseconds=1), "after": midnight}
        for name, moment in moments.items():
            await log.append(connection, tenant_id, [record(name)], received_at=moment)
        assert await partition_exists(connection, day + timedelta(days=2))  # Always one ahead.
    assert await places(uows, tenant_id) == {
        "before": f"log_event_{day:%Y%m%d}",
        "after": f"log_event_{day + timedelta(days=1):%Y%m%d}",
    }


async def test_days_ahead_are_made_without_any_event(brand: Brand) -> None:
    brand.clock.advance(timedelta(days=3650))
    await brand.archiver(keep_days=36_500).run_once(RUNNING)
    today = brand.clock.now().date()
    async with brand.uows.system(brand.tenant_id) as uow:
        connection = await uow.raw()
        made = [await partition_exists(connection, today + timedelta(days=ahead)) for ahead in range(5)]
    assert made == [True, True, True, True, False]


async def test_a_partition_that_cannot_be_made_stops_no_event(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    clock: FixedClock,
    postgres: EmbeddedPostgres,
    database_name: str,
) -> None:
    """A backup that runs across midnight reads every partition, the default one too."""
    clock.advance(timedelta(days=400))
    backup = await psycopg.AsyncConnection.connect(postgres.dsn(Role.OWNER, database_name))
    await backup.execute("LOCK TABLE log_event IN ACCESS SHARE MODE")
    log = Log()
    async with uows.system(tenant_id) as uow:
        outcomes = await log.append(await uow.raw(), tenant_id, [record("1")], received_at=clock.now())
    assert outcomes == [AcceptOutcome.ACCEPTED]
    assert await places(uows, tenant_id) == {"1": "log_event_default"}
    async with uows.app(tenant_id) as uow:  # Not tried again with every commit.
        await log.append(await uow.raw(), tenant_id, [record("2")], received_at=clock.now())
    await backup.close()

    # The rest of that day stays together; the next one is as usual.
    async with uows.system(tenant_id) as uow:
        assert not await ensure_partition(await uow.raw(), clock.now().date())
        await Log().append(await uow.raw(), tenant_id, [record("3")], received_at=clock.now())
    clock.advance(timedelta(days=1))
    async with uows.system(tenant_id) as uow:
        await Log().append(await uow.raw(), tenant_id, [record("4")], received_at=clock.now())
    assert await places(uows, tenant_id) == {
        "1": "log_event_default",
        "2": "log_event_default",
        "3": "log_event_default",
        "4": f"log_event_{clock.now():%Y%m%d}",
    }


async def test_events_of_the_default_partition_are_archived_as_well(brand: Brand) -> None:
    async with brand.without_partition(DAY):
        await brand.accept(*(order(number) for number in range(7)))
    await brand.pipeline()
    before = await brand.payloads()
    brand.clock.advance(timedelta(days=31))
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.DROPPED}
    assert await brand.in_log() == 0
    assert await brand.payloads() == before
    assert await brand.archiver().run_once(RUNNING) == {}


async def test_writers_that_meet_a_new_day_together_share_its_partition(
    uows: UnitOfWorkFactory, tenant_id: TenantId, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=800))

    async def write(number: int) -> None:
        async with uows.system(tenant_id) as uow:
            await Log().append(await uow.raw(), tenant_id, [record(str(number))], received_at=clock.now())

    await asyncio.gather(*(write(number) for number in range(6)))
    assert set((await places(uows, tenant_id)).values()) == {f"log_event_{clock.now():%Y%m%d}"}
