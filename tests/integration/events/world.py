"""A brand with a log, a pipeline with one subscriber, and an archive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store, copy_whole_batch
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.archive.service import Archiver
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.events.service import Log
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver

MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
DAY = date(2026, 3, 4)
RUNNING = asyncio.Event()
TRICKY = 'tab\t\\back\nline\r\n "quoted", 引号 \u0000 \u2028 \b\f\v'


class NothingFollows:
    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        """Only the log is under test here."""


async def no_merges(uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, PersonId]:
    return {}


class Reader:
    """A subscriber that remembers what it saw, and cannot take one event."""

    after = ()

    def __init__(self, name: str, *, poison: str = "") -> None:
        self.name = name
        self.poison = poison
        self.seen: list[LogEvent] = []

    def wants(self, event_name: str) -> bool:
        return event_name != "Ignored"

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        return None

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        if any(event.message_id == self.poison for event in events):
            raise ZeroDivisionError
        self.seen += events


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand with a log, a pipeline with one subscriber, and an archive."""

    tenant_id: TenantId
    clock: FixedClock
    uows: UnitOfWorkFactory
    database: Database
    warehouse: TenantWarehouse
    intake: Intake
    resolve: Resolve
    store: Store
    reader: Reader
    archive: LogArchive

    def archiver(self, *, consumers: Sequence[str] = ("react:reader",), **settings: Any) -> Archiver:
        return Archiver(
            self.uows,
            self.database,
            ArchiveSettings(directory=self.archive.directory, **settings),
            consumers=consumers,
        )

    def react(self, reader: Reader) -> React:
        return React(self.uows, reader, no_merges, BatchNames(), self.archive)

    async def accept(self, *events: IntakeEvent) -> None:
        async with self.uows.system(self.tenant_id) as uow:
            await self.intake.append(uow, list(events))

    async def pipeline(self) -> None:
        for step in (self.resolve, self.store, self.react(self.reader)):
            while await step.run_once(self.tenant_id):
                pass

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.uows.system(self.tenant_id) as uow:
            return [tuple(row) for row in await uow.execute(sql, {"t": self.tenant_id})]

    async def in_log(self) -> int:
        return int((await self.rows("SELECT count(*) FROM log_event WHERE tenant_id = :t"))[0][0])

    @asynccontextmanager
    async def without_partition(self, day: date) -> AsyncIterator[None]:
        """Let the day begin while a backup keeps its partition from being made."""
        async with self.uows.system(self.tenant_id) as uow:
            await uow.execute(
                f"SELECT drop_log_partition('{day}', now()) "
                f"WHERE to_regclass('log_event_{day:%Y%m%d}') IS NOT NULL"
            )
            await uow.execute(f"SELECT ensure_log_partition('{day + timedelta(days=1)}')")
        async with await psycopg.AsyncConnection.connect(self.database.urls.owner) as backup:
            await backup.execute("LOCK TABLE log_event IN ACCESS SHARE MODE")
            yield

    async def payloads(self) -> list[bytes]:
        found = await self.rows("SELECT batch_id, count FROM log_batch WHERE tenant_id = :t ORDER BY 1")
        return [
            await copy_whole_batch(self.uows, self.archive, self.tenant_id, batch, size)
            for batch, size in found
        ]


async def make_brand(
    tenant_id: TenantId,
    clock: FixedClock,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    key_ring: KeyRing,
    tmp_path: Path,
) -> Brand:
    async with uows.system(tenant_id) as uow:  # The log is shared by the brands of this module.
        for day in await _days(await uow.raw()):
            await uow.execute(f"DELETE FROM log_event WHERE received_at::date = '{day}'")
        await uow.execute("DELETE FROM log_archive")
    clock.advance(MIDNIGHT - timedelta(seconds=2) - clock.now())
    log = Log()
    archive = LogArchive(tmp_path / "archive")
    return Brand(
        tenant_id=tenant_id,
        clock=clock,
        uows=uows,
        database=database,
        warehouse=warehouse.for_tenant(tenant_id),
        intake=Intake(log, Collector(log, database.connect_system, clock), key_ring),
        resolve=Resolve(uows, Resolver(key_ring), NothingFollows()),
        store=Store(uows, warehouse, ProfileCopier(uows, warehouse), archive),
        reader=Reader("reader"),
        archive=archive,
    )


async def _days(connection: psycopg.AsyncConnection[Any]) -> list[date]:
    cursor = await connection.execute("SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM log_event")
    return [day for (day,) in await cursor.fetchall()]


def order(number: int, **more: Any) -> IntakeEvent:
    return IntakeEvent(
        kind="track",
        name="Order Completed" if number % 2 else "Ignored",
        source="shop",
        message_id=f"o{number}",
        occurred_at=MIDNIGHT - timedelta(days=400, microseconds=number * 1000 + 120),
        identifiers=(FactIdentifier(namespace="user_id", scope="", value=f"u{number % 5}"),)
        if number % 3
        else (),
        properties={
            "order_id": f"A-{number}\t\\",
            "revenue": "19.9000" if number % 4 else "0",
            "currency": "CNY",
            "note": TRICKY,
            "products": [{"sku": TRICKY, "price": "9.95", "quantity": 2}] if number % 2 else [],
        },
        context={"channel": "official_account", "campaign": "春茶"},
        **more,
    )


async def two_days(brand: Brand, *, events: int = 12) -> None:
    """One batch that spans midnight, and one of the second day alone."""
    await brand.accept(*(order(number) for number in range(events)))
    brand.clock.advance(timedelta(seconds=3))
    await brand.accept(*(order(number) for number in range(events, events + 3)))
    await brand.pipeline()
    await brand.accept(order(900))
    await brand.pipeline()
    brand.clock.advance(timedelta(days=30))
