"""Archiving: days that every reader has passed become Parquet files, and the log lets go of them.

A day goes in steps, each of which may be cut short and is done again: a file is written whole, flushed, read
back and named; a row in PostgreSQL says that it is there; when the rows cover the day and every file is
what it was, one transaction drops the day and says so. Until that commit the log holds everything,
after it the archive does. Files are never changed, except that an erasure writes them
anew (`redaction.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final

from prometheus_client import Counter, Gauge

from quanyu.infra.postgres import Database
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive import files, queries
from quanyu.modules.events.archive.catalogue import is_whole
from quanyu.modules.events.archive.contracts import ArchivePart, ArchiveSettings, Held
from quanyu.modules.events.archive.errors import ArchiveDamaged
from quanyu.modules.events.archive.queries import START, Place
from quanyu.modules.events.archive.schema import Table, table_of
from quanyu.modules.events.queries import ensure_partition

_log = get_logger("events.archive")

ARCHIVED: Final = Counter("quanyu_log_archived_events_total", "Events written to the archive")
DROPPED_DAYS: Final = Counter("quanyu_log_dropped_days_total", "Days the log let go of")
WAITING_DAYS: Final = Gauge("quanyu_log_waiting_days", "Days that are old enough to go and have not gone")

AHEAD_DAYS: Final = 3  # A backup that runs for two days does not hold up the day after.
_FIRST_ROWS: Final = 1_000  # How wide events are is learned from the first ones.
_STRAY_ROWS: Final = 5_000
_LOCK: Final = 7107
_NO_TENANT: Final = TenantId(0)


class DayState(StrEnum):
    """What came of a look at a day."""

    DROPPED = "dropped"
    HELD = "held"  # Somebody has not read it yet.
    BUSY = "busy"  # Archived, but the log is being read as a whole: dropped at another look.
    STOPPED = "stopped"


class _Stopped(Exception):
    """The platform is stopping; what was finished stays."""


class Archiver:
    """Writes days to the archive and drops them. One at a time per deployment."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        database: Database,
        settings: ArchiveSettings,
        *,
        consumers: Sequence[str],
    ) -> None:
        self._uows = uows
        self._database = database
        self._settings = settings
        self._consumers = consumers

    async def run_once(self, stopping: asyncio.Event) -> dict[date, DayState]:
        """Prepare the days to come, and look at every day that is old enough, oldest first.

        Returns what came of each; nothing when another process is at it.
        """
        today = self._uows.clock.now().astimezone(UTC).date()
        await self._prepare_days(today)
        async with self._alone() as is_alone:
            if not is_alone:
                return {}
            async with self._uows.system(_NO_TENANT) as uow:
                days = await queries.list_days(
                    await uow.raw(), before=today - timedelta(days=self._settings.keep_days)
                )
            if days:
                await asyncio.to_thread(files.sweep, self._settings.directory)
            WAITING_DAYS.set(len(days))
            states: dict[date, DayState] = {}
            for day in days:
                if stopping.is_set():
                    break
                states[day] = await self._look_at(day, stopping)
                if states[day] is DayState.DROPPED:
                    WAITING_DAYS.dec()
            return states

    async def _prepare_days(self, today: date) -> None:
        for ahead in range(AHEAD_DAYS + 1):
            day = today + timedelta(days=ahead)
            async with self._uows.system(_NO_TENANT) as uow:
                if not await ensure_partition(await uow.raw(), day):
                    _log.warning("events.partition_delayed", day=day.isoformat())

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Hold the archive's lock for as long as the block lasts; PostgreSQL frees it should we die."""
        connection = await self._database.connect_system(autocommit=True)
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, 0)", (_LOCK,))
            row = await cursor.fetchone()
            yield bool(row and row[0])
        finally:
            await connection.close()

    async def _look_at(self, day: date, stopping: asyncio.Event) -> DayState:
        held = await self.held_by(day)
        if held is not None:
            _log.info("archive.held", day=day.isoformat(), tenant=held.tenant_id, consumer=held.consumer)
            return DayState.HELD
        async with self._uows.system(_NO_TENANT) as uow:
            brands = await queries.list_brands(await uow.raw(), day)
        try:
            for tenant_id in brands:
                await self._write_day(TenantId(tenant_id), day, stopping)
            if not await self._verify(day, stopping):
                return DayState.BUSY  # Something is written anew at the next look.
            return await self._let_go(day, brands)
        except _Stopped:
            return DayState.STOPPED

    async def held_by(self, day: date) -> Held | None:
        """Return who has not read all of a day yet."""
        async with self._uows.system(_NO_TENANT) as uow:
            connection = await uow.raw()
            for tenant_id in await queries.list_brands(connection, day):
                last = await queries.last_place(connection, tenant_id, day)
                if last is None:
                    continue
                consumer = await queries.laggard(connection, tenant_id, last, self._consumers)
                if consumer is not None:
                    return Held(tenant_id, consumer)
        return None

    # --- writing ------------------------------------------------------------------------------------------

    async def _write_day(self, tenant_id: TenantId, day: date, stopping: asyncio.Event) -> None:
        """Write what of the brand's day is not in a file yet."""
        async with self._uows.system(tenant_id) as uow:
            written = await queries.list_parts(await uow.raw(), day, tenant_id=tenant_id)
        after: Place = (written[-1].to_xid, written[-1].to_position) if written else START
        number = written[-1].part + 1 if written else 1
        while True:
            part = await self._write_part(tenant_id, day, number=number, after=after, stopping=stopping)
            if part is None:
                return
            after, number = (part.to_xid, part.to_position), number + 1

    async def _write_part(
        self, tenant_id: TenantId, day: date, *, number: int, after: Place, stopping: asyncio.Event
    ) -> ArchivePart | None:
        """Write the next file of a day and its row; ``None`` when nothing is left."""
        stretch = _Stretch(after)
        file: files.PartFile | None = None
        try:
            rows = min(_FIRST_ROWS, self._settings.chunk_rows)
            while stretch.events < self._settings.part_rows:
                if stopping.is_set():
                    raise _Stopped
                chunk = await self._read_chunk(tenant_id, day, after=stretch.upto, rows=rows)
                if not chunk:
                    break
                table = await asyncio.to_thread(table_of, chunk)
                stretch.add(table)
                if file is None:
                    make = partial(files.PartFile, self._settings.directory, tenant_id, day, number)
                    file = await asyncio.to_thread(make)
                await asyncio.to_thread(file.append, table)
                if file.size_bytes >= self._settings.part_bytes:
                    break
                rows = self._next_rows(len(chunk), table.num_rows)
            if file is None:
                return None
            written = await asyncio.to_thread(file.finish)
        except BaseException:
            if file is not None:
                file.discard()
            raise
        return await self._note_part(tenant_id, day, number, stretch, written)

    async def _read_chunk(self, tenant_id: TenantId, day: date, *, after: Place, rows: int) -> bytes:
        async with self._uows.system(tenant_id) as uow:
            return await queries.copy_chunk(await uow.raw(), tenant_id, day, after=after, rows=rows)

    def _next_rows(self, size: int, rows: int) -> int:
        """Ask for as many events as fit the memory, judging by the last ones."""
        fitting = self._settings.chunk_bytes * rows // max(size, 1)
        return max(1, min(fitting, self._settings.chunk_rows, 4 * max(rows, _FIRST_ROWS)))

    async def _note_part(
        self, tenant_id: TenantId, day: date, number: int, stretch: "_Stretch", written: files.WrittenFile
    ) -> ArchivePart:
        part = ArchivePart(
            tenant_id=tenant_id,
            day=day,
            part=number,
            file=written.name,
            events=written.events,
            size_bytes=written.size_bytes,
            sha256=written.sha256,
            from_xid=stretch.first[0],
            from_position=stretch.first[1],
            to_xid=stretch.upto[0],
            to_position=stretch.upto[1],
            from_batch=stretch.from_batch,
            to_batch=stretch.to_batch,
            written_at=self._uows.clock.now(),
            dropped_at=None,
        )
        async with self._uows.system(tenant_id) as uow:
            connection = await uow.raw()
            held = await queries.count_between(
                connection, tenant_id, day, after=stretch.after, upto=stretch.upto
            )
            if held != part.events:
                raise ArchiveDamaged(
                    f"{part.file} holds {part.events} events, the log {held}: nothing is dropped.",
                    message_zh=f"{part.file} 含 {part.events} 个事件，日志中有 {held} 个：不会删除任何数据。",
                )
            await queries.add_part(connection, part)
        ARCHIVED.inc(part.events)
        _log.info(
            "archive.written", tenant=tenant_id, file=part.file, events=part.events, bytes=part.size_bytes
        )
        return part

    # --- dropping -----------------------------------------------------------------------------------------

    async def _verify(self, day: date, stopping: asyncio.Event) -> bool:
        """Compare every file of the day with its row; have what differs written anew while the log has it."""
        async with self._uows.system(_NO_TENANT) as uow:
            parts = await queries.list_parts(await uow.raw(), day)
        for part in parts:
            if stopping.is_set():
                raise _Stopped
            if part.dropped_at is None and not await is_whole(self._settings, part):
                _log.error("archive.file_differs", file=part.file)
                await self._write_anew(part)
                return False
        return True

    async def _write_anew(self, part: ArchivePart) -> None:
        first: Place = (part.from_xid, part.from_position - 1)
        async with self._uows.system(TenantId(part.tenant_id)) as uow:
            connection = await uow.raw()
            held = await queries.count_between(
                connection, part.tenant_id, part.day, after=first, upto=(part.to_xid, part.to_position)
            )
            if held == part.events:
                await queries.forget_parts(connection, part)

    async def _let_go(self, day: date, brands: Sequence[int]) -> DayState:
        async with self._uows.system(_NO_TENANT) as uow:
            has_partition = await queries.has_partition(await uow.raw(), day)
        if has_partition:
            async with self._uows.system(_NO_TENANT) as uow:
                answer = await queries.drop_day(await uow.raw(), day, now=uow.clock.now())
            if answer != "dropped":
                _log.info("archive.drop_delayed", day=day.isoformat(), reason=answer)
                return DayState.BUSY
        else:
            for tenant_id in brands:
                await self._delete_strays(tenant_id, day)
            async with self._uows.system(_NO_TENANT) as uow:
                await queries.mark_dropped(await uow.raw(), day, now=uow.clock.now())
        DROPPED_DAYS.inc()
        _log.info("archive.dropped", day=day.isoformat())
        return DayState.DROPPED

    async def _delete_strays(self, tenant_id: int, day: date) -> None:
        """Delete a day's archived events from the default partition, some at a time."""
        async with self._uows.system(TenantId(tenant_id)) as uow:
            parts = await queries.list_parts(await uow.raw(), day, tenant_id=tenant_id)
        upto: Place = (parts[-1].to_xid, parts[-1].to_position)
        deleted = 1
        while deleted:
            async with self._uows.system(TenantId(tenant_id)) as uow:
                deleted = await queries.delete_strays(
                    await uow.raw(), tenant_id, day, upto=upto, rows=_STRAY_ROWS
                )


class _Stretch:
    """What a part covers so far."""

    def __init__(self, after: Place) -> None:
        self.after = after
        self.upto = after
        self.first: Place = after
        self.from_batch = 0
        self.to_batch = 0
        self.events = 0

    def add(self, table: Table) -> None:
        """Take in the next chunk.

        Raises:
            ArchiveDamaged: an event belongs to no batch, so nobody would find it again.
        """
        batches = table.column("batch_id")
        if batches.null_count:
            raise ArchiveDamaged("the log holds events that no batch names: nothing is archived")
        if not self.events:
            self.first = _place(table, 0)
            self.from_batch = batches[0].as_py()
        self.upto = _place(table, -1)
        self.to_batch = batches[-1].as_py()
        self.events += table.num_rows


def _place(table: Any, index: int) -> Place:
    return table.column("xid")[index].as_py(), table.column("position")[index].as_py()
