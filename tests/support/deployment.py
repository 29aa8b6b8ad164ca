"""A small deployment in a process of its own: a process holds one chDB engine, a restored one needs another.

Run as a program: ``fill DATA BACKUP``, ``restore DATA BACKUP``, ``read DATA``, ``go_on DATA``,
``erase DATA BACKUP``, ``reopen DATA``; each prints one line of JSON. ``go_on`` accepts one more event and
then reads; ``erase`` erases u1 and makes a backup; ``reopen`` starts as the platform does and then reads.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from quanyu.app.backup import BackupSources, Progress, create_backup, restore_backup
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.flows.rights import register
from quanyu.flows.rights.again import ErasuresAgain
from quanyu.flows.rights.erasure import Erasure
from quanyu.flows.rights.remembered import ErasureRegister
from quanyu.flows.rights.tombstones import Tombstones
from quanyu.infra.crypto import KeyRing, open_key_ring
from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Address, Warehouse, WarehouseSettings
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.archive.redaction import ArchiveRedaction
from quanyu.modules.events.archive.service import Archiver
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.reader import note_epoch
from quanyu.modules.events.service import Log
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.sealing import token_of

TENANT = TenantId(7)
AT = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LATER = AT + timedelta(days=31)  # The log has let go of what came at AT.


@dataclass(frozen=True, slots=True)
class Deployment:
    """Both engines with log and pipeline, nothing else."""

    data: DataDirectory
    server: EmbeddedPostgres
    warehouse: Warehouse
    uows: UnitOfWorkFactory
    intake: Intake
    clock: FixedClock
    archiver: Archiver
    key_ring: KeyRing
    steps: tuple[Resolve, Store]
    erasure: Erasure
    again: ErasuresAgain

    async def accept(self, events: Sequence[IntakeEvent]) -> None:
        async with self.uows.system(TENANT) as uow:
            await self.intake.append(uow, events)

    async def drain(self) -> None:
        for step in self.steps:
            while await step.run_once(TENANT):
                pass

    async def figures(self) -> dict[str, Any]:
        """Everything that must be the same after a restore."""
        gate = self.warehouse.for_tenant(TENANT)
        events = await gate.query(
            "SELECT count(), toString(sum(revenue)), uniqExact(message_id), "
            "toString(sum(arraySum(items.price))), uniqExact(person), "
            "uniqExact(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)) "
            "FROM events WHERE tenant_id = {tenant:UInt32}"
        )
        profiles = await gate.query(
            "SELECT person, toString(attributes), deleted FROM profiles FINAL "
            "WHERE tenant_id = {tenant:UInt32} ORDER BY person"
        )
        async with self.uows.system(TENANT) as uow:
            accepted = (await uow.execute("SELECT count(*) FROM log_event")).scalar_one()
            archived = (
                await uow.execute(
                    "SELECT coalesce(sum(events), 0) FROM log_archive WHERE dropped_at IS NOT NULL"
                )
            ).scalar_one()
            held = (await uow.execute("SELECT tenant_id, reason, made_at::text FROM message_hold")).all()
            people = (await uow.execute("SELECT id, canonical_id FROM person ORDER BY id")).all()
            identities = (await uow.execute("SELECT sealed FROM identity")).scalars().all()
            epoch = (await uow.execute("SELECT max(epoch) FROM log_epoch")).scalar_one()
        return {
            "events": [list(row) for row in events],
            "profiles": [list(row) for row in profiles],
            "accepted": accepted,
            "archived": int(archived),
            "held": [list(row) for row in held],
            "people": [list(row) for row in people],
            "identifiers": sorted(self.key_ring.open(sealed).decode() for sealed in identities),
            "epoch": epoch,
        }


class NothingFollows:
    """Without journeys and channels nothing hangs on people that a merge would move."""

    async def follow(self, uow: UnitOfWork, merges: Sequence[Any], departures: Sequence[Any]) -> None:
        return None


class AheadWarehouse(Warehouse):
    """Stores what it is told to just before its backup is written: the moment between the two engines."""

    before_backup: Any = None

    async def run_without_database(self, sql: str) -> list[tuple[Any, ...]]:
        if sql.startswith("BACKUP") and self.before_backup is not None:
            await self.before_backup()
        return await Warehouse.run_without_database(self, sql)


@asynccontextmanager
async def deployed(root: Path, *, at: datetime = LATER) -> AsyncIterator[Deployment]:
    data = DataDirectory(root)
    data.prepare()
    key_ring = open_key_ring(data)
    with EmbeddedPostgres(root) as server:
        urls = DatabaseUrls(
            owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP)
        )
        migrate_postgres(urls.owner)
        settings = WarehouseSettings(
            Address.parse(f"chdb://{data.warehouse}"), backup_directory=data.warehouse_backups
        )
        warehouse = AheadWarehouse(settings)
        await migrate_warehouse(warehouse)
        database, clock = Database(urls), FixedClock(at)
        uows = UnitOfWorkFactory(database, clock)
        log = Log()
        intake = Intake(log, Collector(log, database.connect_system, clock), key_ring)
        uows.write_facts_with(intake.write_facts)
        steps = (
            Resolve(uows, Resolver(key_ring), NothingFollows(), forgets=Tombstones()),
            Store(uows, warehouse, ProfileCopier(uows, warehouse), LogArchive(data.archive)),
        )
        archiver = Archiver(uows, database, ArchiveSettings(directory=data.archive), consumers=())
        redaction = ArchiveRedaction(uows, database, data.archive)
        remembered = ErasureRegister(data.erasures, key_ring)
        erasure = Erasure(uows, warehouse, redaction, intake, key_ring, remembered, data.imports)
        again = ErasuresAgain(uows, erasure, remembered)
        yield Deployment(
            data, server, warehouse, uows, intake, clock, archiver, key_ring, steps, erasure, again
        )
        await warehouse.close()
        await database.close()


def order(number: int, user: str, *, anonymous: str = "") -> IntakeEvent:
    return IntakeEvent(
        kind="track",
        name="Order Completed",
        source="shop",
        message_id=f"o{number}",
        occurred_at=AT + timedelta(seconds=number),
        identifiers=[
            FactIdentifier(namespace=namespace, scope="", value=value)
            for namespace, value in (("user_id", user), ("anonymous_id", anonymous))
            if value
        ],
        properties={
            "order_id": f"A-{number}",
            "revenue": "10.0001",
            "currency": "CNY",
            "products": [{"sku": "tea", "price": "5.00005", "quantity": "2"}],
            "note": "制表\t反斜杠\\",
        },
    )


def member(number: int, *, user: str, phone: str) -> IntakeEvent:
    return IntakeEvent(
        kind="identify",
        name="identify",
        source="shop",
        message_id=f"m{number}",
        occurred_at=AT,
        identifiers=[FactIdentifier(namespace="user_id", scope="", value=user)],
        traits={"phone": phone, "level": "gold"},
    )


async def fill(root: Path, target: Path) -> dict[str, Any]:
    """Fill a deployment and back it up while the warehouse runs ahead and five events still wait."""
    async with deployed(root, at=AT) as here:
        async with here.uows.system(TENANT) as uow:
            await uow.execute(
                "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (7, 'tea', 'Tea', :now)",
                {"now": AT},
            )
            await note_epoch(await uow.raw(), now=AT)
        await here.accept([order(number, f"u{number % 10}") for number in range(100)])
        await here.accept([member(1, user="u1", phone="13800138000"), order(110, "", anonymous="a1")])
        await here.drain()
        await here.accept([order(111, "u5", anonymous="a1")])  # Who a1 was is known now: a merge.
        await here.drain()
        here.clock.advance(LATER - AT)
        await here.archiver.run_once(asyncio.Event())
        await here.accept([order(number, "late") for number in range(100, 105)])

        async def run_ahead() -> None:
            await here.accept([order(number, f"new{number}") for number in range(200, 220)])
            await here.drain()

        assert isinstance(here.warehouse, AheadWarehouse)
        here.warehouse.before_backup = run_ahead
        manifest = await create_backup(_sources(here), target, now=LATER, include_master_key=True)
        return {"cursors": [asdict(cursor) for cursor in manifest.cursors], "files": sorted(manifest.files)}


async def back_up_again(root: Path, target: Path) -> dict[str, Any]:
    async with deployed(root) as here:
        manifest = await create_backup(_sources(here), target, now=LATER)
        return {"files": sorted(manifest.files)}


def _sources(here: Deployment) -> BackupSources:
    return BackupSources(
        data=here.data,
        archive=here.data.archive,
        owner_dsn=here.server.dsn(Role.OWNER),
        warehouse=here.warehouse,
        master_key_fingerprint=here.key_ring.fingerprint,
    )


async def restore(root: Path, source: Path) -> dict[str, Any]:
    report = await restore_backup(source, DataDirectory(root), now=LATER, progress=_die_when_told)
    return {**asdict(report), "replaced": str(report.replaced)}


def _die_when_told(progress: Progress) -> None:
    """Die by SIGKILL at the step that ``DIE_AT`` names."""
    if os.environ.get("DIE_AT") == progress.step:
        os.kill(os.getpid(), signal.SIGKILL)


async def read(root: Path) -> dict[str, Any]:
    async with deployed(root) as here:
        await here.drain()
        return await here.figures()


async def go_on(root: Path) -> dict[str, Any]:
    async with deployed(root) as here:
        await here.accept([order(300, "u3")])
        await here.drain()
        return await here.figures()


async def erase(root: Path, target: Path) -> dict[str, Any]:
    """Erase u1, whose phone is known, and make a backup that no longer holds them."""
    async with deployed(root) as here:
        await here.drain()
        token = token_of(here.key_ring, FactIdentifier(namespace="user_id", scope="", value="u1"))
        async with here.uows.system(TENANT) as uow:
            rows = await uow.execute(
                "SELECT canonical_id FROM identity WHERE token = :token", {"token": token}
            )
            person = int(rows.scalar_one())
            values = {
                "id": 1, "person_id": person, "kind": "erasure", "state": "confirmed", "verified_how": "x",
                "opened_by": 1, "opened_by_name": "x", "received_at": LATER, "due_on": LATER.date(),
                "starts_at": LATER,
            }  # fmt: skip
            await register.add(uow, values)
        assert await here.erasure.run_once(TENANT) == 1
        manifest = await create_backup(_sources(here), target, now=LATER)
        return {"person": person, "files": sorted(manifest.files)}


async def reopen(root: Path) -> dict[str, Any]:
    async with deployed(root) as here:
        erased = await here.again.catch_up([TENANT])
        before = await here.figures()
        await here.drain()
        figures = await here.figures()
        twice = await here.again.catch_up([TENANT])
        async with here.uows.system(TENANT) as uow:
            rows = await uow.execute("SELECT state, steps FROM rights_request")
            requests = [[row.state, row.steps] for row in rows]
        return {**figures, "before": before, "erased": erased, "twice": twice, "requests": requests}


if __name__ == "__main__":
    actions = {
        "fill": fill,
        "back_up_again": back_up_again,
        "restore": restore,
        "read": read,
        "go_on": go_on,
        "erase": erase,
        "reopen": reopen,
    }
    action: Any = actions[sys.argv[1]]
    print(json.dumps(asyncio.run(action(*map(Path, sys.argv[2:])))))
