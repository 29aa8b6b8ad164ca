"""Store: put each resolved batch into the warehouse, exactly the rows of its range.

A batch is closed only after the warehouse has it. After a crash, a time-out or a restore the first
open batch may or may not be there: it is compared by count, and if it differs it is deleted by
``batch_id`` and inserted again. Only the first can be in doubt, because batches go in one by one.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import psycopg

from quanyu.flows.pipeline.archived import missing_lines
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse, WarehouseRefused
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.reader import LogArchive

COLUMNS: Final = (
    "tenant_id",
    "person",
    "name",
    "kind",
    "occurred_at",
    "received_at",
    "applied_at",
    "position",
    "batch_id",
    "source",
    "message_id",
    "order_id",
    "revenue",
    "currency",
    "quantity",
    "context_json",
    "items_json",
    "properties",
)
_NO_SUCH_PART: Final = 232  # NO_SUCH_DATA_PART of ClickHouse's numbering.
# PostgreSQL's COPY text is ClickHouse's TSV, so a batch moves without passing through Python values.
_COPY_OUT: Final = """
COPY (
    SELECT l.tenant_id, coalesce(p.person_id, 0), l.name, l.kind, l.occurred_at, l.received_at,
        b.applied_at, l.position, b.batch_id, l.source, l.message_id, l.order_id, l.revenue, l.currency,
        l.quantity, l.context, coalesce(l.items::text, '[]'), l.properties
    FROM log_batch b
    JOIN log_event l ON l.tenant_id = b.tenant_id AND l.xid BETWEEN b.from_xid AND b.to_xid
        AND l.received_at BETWEEN b.received_from AND b.received_to
    JOIN unnest(b.positions, b.person_ids) AS p (position, person_id) ON p.position = l.position
    WHERE b.tenant_id = {tenant} AND b.batch_id = {batch}
    ORDER BY l.xid, l.position
) TO STDOUT
"""

# The same for a run of batches: where it lies in the log is known beforehand, so no row is compared twice.
_COPY_RANGE: Final = """
COPY (
    SELECT l.tenant_id, coalesce(b.person_id, 0), l.name, l.kind, l.occurred_at, l.received_at,
        b.applied_at, l.position, b.batch_id, l.source, l.message_id, l.order_id, l.revenue, l.currency,
        l.quantity, l.context, coalesce(l.items::text, '[]'), l.properties
    FROM log_event l
    JOIN (
        SELECT b.batch_id, b.applied_at, p.position, p.person_id
        FROM log_batch b CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
        WHERE b.tenant_id = {tenant} AND b.batch_id BETWEEN {first} AND {last}
    ) b ON b.position = l.position
    WHERE l.tenant_id = {tenant} AND l.xid BETWEEN '{from_xid}'::xid8 AND '{to_xid}'::xid8
        AND l.received_at BETWEEN '{since}' AND '{until}'
    ORDER BY l.xid, l.position
) TO STDOUT
"""
_BOUNDS: Final = """
SELECT min(from_xid)::text, max(to_xid)::text, min(received_from), max(received_to), sum(count)::bigint
FROM log_batch WHERE tenant_id = %s AND batch_id BETWEEN %s AND %s
"""


class ProfileCopies(Protocol):
    """Copies changed profiles and merges into the warehouse (the people module's part of storing)."""

    async def copy_changes(self, tenant_id: TenantId) -> int:
        """Copy what changed since the last call; return how many profiles."""
        ...


class StoredAgain(Protocol):
    """Lets go of old events that were let go of before (retention's part of storing)."""

    async def drop_of_batch(self, tenant_id: TenantId, batch_id: int, count: int) -> None:
        """Drop what of a batch, stored anew, was gone before."""
        ...


@dataclass(frozen=True, slots=True)
class _Batch:
    """A resolved batch on its way into the warehouse."""

    batch_id: int
    size: int
    rows: int  # Fewer than its size where the archive let go of events.
    epoch: int
    attempt: int
    payload: bytes


class Store:
    """Moves resolved batches into the warehouse, in order."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        profiles: ProfileCopies,
        archive: LogArchive | None = None,
        again: StoredAgain | None = None,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._profiles = profiles
        self._archive = archive
        self._again = again
        self._settled: set[TenantId] = set()

    async def run_once(self, tenant_id: TenantId) -> int:
        """Store the first open batch; return how many events it held, 0 when there is none.

        Raises:
            WarehouseUnavailable: nothing is lost; call again later.
            LogIncomplete, ArchiveFileMissing, ArchiveDamaged: events of an old batch cannot be read.
        """
        batch = await self._next_batch(tenant_id)
        # After the batch was chosen: whoever reacts to it must find the merges it brought.
        await self._profiles.copy_changes(tenant_id)
        if batch is None:
            return 0
        try:
            await self._insert(tenant_id, batch)
            if batch.attempt and self._again is not None:  # It was stored before, and lost or restored.
                await self._again.drop_of_batch(tenant_id, batch.batch_id, batch.size)
        except BaseException:
            # It may have gone in before the answer was lost: look before the next try.
            self._settled.discard(tenant_id)
            raise
        await self._close(tenant_id, batch.batch_id, batch.size)
        return batch.size

    async def count_open(self, tenant_id: TenantId, *, up_to: int) -> int:
        """Return how many resolved batches wait to be stored, counting no further than ``up_to``."""
        async with self._uows.system(tenant_id) as uow:
            found = await uow.execute(
                "SELECT count(*) FROM (SELECT FROM log_batch WHERE tenant_id = :tenant "
                "AND state = 'resolved' LIMIT :up_to) AS waiting",
                {"tenant": tenant_id, "up_to": up_to},
            )
            return int(found.scalar_one())

    async def _next_batch(self, tenant_id: TenantId) -> _Batch | None:
        async with self._uows.system(tenant_id) as uow:
            found = await uow.execute(
                "SELECT batch_id, count, epoch, attempt FROM log_batch "
                "WHERE tenant_id = :tenant AND state = 'resolved' ORDER BY batch_id LIMIT 1",
                {"tenant": tenant_id},
            )
            row = found.first()
            if row is None:
                return None
            batch_id, size, epoch, attempt = row
        payload = await copy_whole_batch(self._uows, self._archive, tenant_id, batch_id, size)
        return _Batch(batch_id, size, payload.count(b"\n"), epoch, attempt, payload)

    async def _insert(self, tenant_id: TenantId, batch: _Batch) -> None:
        attempt = batch.attempt
        if tenant_id not in self._settled:
            held = await self._held(tenant_id, batch.batch_id)
            if held == batch.rows:
                self._settled.add(tenant_id)
                return
            if held:
                attempt = await self._clear(tenant_id, batch)
        # The same token while nothing was deleted: an insert whose answer was lost may still be under way.
        token = f"{tenant_id}:{batch.epoch}:{batch.batch_id}:{attempt}"
        await self._warehouse.insert_tsv("events", COLUMNS, batch.payload, deduplication_token=token)
        self._settled.add(tenant_id)

    async def _clear(self, tenant_id: TenantId, batch: _Batch) -> int:
        """Delete what a broken insert left and return the number of the next attempt.

        The engine remembers tokens longer than rows, so the number rises, durably, before the rows go:
        the old token would drop the batch without a word.
        """
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_batch SET attempt = :next WHERE tenant_id = :tenant AND batch_id = :batch",
                {"next": batch.attempt + 1, "tenant": tenant_id, "batch": batch.batch_id},
            )
        await self._delete(tenant_id, batch.batch_id)
        return batch.attempt + 1

    async def _held(self, tenant_id: TenantId, batch_id: int) -> int:
        """How many rows of the batch the warehouse has."""
        rows = await self._warehouse.for_tenant(tenant_id).query(
            "SELECT count() FROM events WHERE tenant_id = {tenant:UInt32} AND batch_id = {batch:UInt64}",
            {"batch": batch_id},
        )
        return int(rows[0][0])

    async def _delete(self, tenant_id: TenantId, batch_id: int) -> None:
        """Delete the rows of a batch.

        A DELETE writes every part of the history anew, which takes long when there are years of it. What an
        insert left a moment ago is mostly in parts of its own: those are dropped whole.
        """
        await self._drop_own_parts(tenant_id, batch_id)
        if await self._held(tenant_id, batch_id):
            await self._warehouse.for_tenant(tenant_id).command(
                "DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND batch_id = {batch:UInt64}",
                {"batch": batch_id},
            )

    async def _drop_own_parts(self, tenant_id: TenantId, batch_id: int) -> None:
        """Drop the parts that hold nothing but the batch."""
        own = await self._warehouse.for_tenant(tenant_id).query(
            "SELECT _part FROM events WHERE _part IN (SELECT DISTINCT _part FROM events "
            "WHERE tenant_id = {tenant:UInt32} AND batch_id = {batch:UInt64}) GROUP BY _part "
            "HAVING min(tenant_id = {tenant:UInt32} AND batch_id = {batch:UInt64})",
            {"batch": batch_id},
        )
        for (part,) in own:
            try:
                await self._warehouse.command("ALTER TABLE events DROP PART {part:String}", {"part": part})
            except WarehouseRefused as refused:
                if refused.error_code != _NO_SUCH_PART:  # Merged meanwhile; its rows are deleted instead.
                    raise

    async def _close(self, tenant_id: TenantId, batch_id: int, count: int) -> None:
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_batch SET state = 'stored' WHERE tenant_id = :tenant AND batch_id = :batch",
                {"tenant": tenant_id, "batch": batch_id},
            )
            await uow.execute(
                """
                INSERT INTO log_cursor (tenant_id, consumer, batch_id, events, updated_at)
                VALUES (:tenant, 'store', :batch, :count, :now)
                ON CONFLICT (tenant_id, consumer) DO UPDATE SET batch_id = excluded.batch_id,
                    events = log_cursor.events + excluded.events, updated_at = excluded.updated_at
                """,
                {"tenant": tenant_id, "batch": batch_id, "count": count, "now": uow.clock.now()},
            )


async def copy_whole_batch(
    uows: UnitOfWorkFactory, archive: LogArchive | None, tenant_id: TenantId, batch_id: int, size: int
) -> bytes:
    """Return all rows of a batch as ``copy_batch`` does, those from the archive that the log let go of.

    Raises:
        LogIncomplete, ArchiveFileMissing, ArchiveDamaged: rows cannot be found; none is skipped.
    """
    async with uows.system(tenant_id) as uow:
        payload = await copy_batch(await uow.raw(), tenant_id, batch_id)
    if payload.count(b"\n") == size:  # COPY writes line ends inside values as two characters.
        return payload
    return payload + await missing_lines(
        archive, uows, tenant_id, first=batch_id, last=batch_id, found=payload, expected=size
    )


async def copy_batch(connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, batch_id: int) -> bytes:
    """Return the rows of a batch as the warehouse takes them: TSV of ``COLUMNS``."""
    return await _copy_out(connection, _COPY_OUT.format(tenant=int(tenant_id), batch=int(batch_id)))


async def copy_whole_batches(
    uows: UnitOfWorkFactory, archive: LogArchive | None, tenant_id: TenantId, *, first: int, last: int
) -> bytes:
    """Return all rows of the batches ``first`` to ``last`` as ``copy_whole_batch`` does.

    Raises:
        LogIncomplete, ArchiveFileMissing, ArchiveDamaged: rows cannot be found; none is skipped.
    """
    async with uows.system(tenant_id) as uow:
        connection = await uow.raw()
        bounds = await (await connection.execute(_BOUNDS, (tenant_id, first, last))).fetchone()
        assert bounds is not None
        from_xid, to_xid, since, until, size = bounds
        statement = _COPY_RANGE.format(
            tenant=int(tenant_id),
            first=int(first),
            last=int(last),
            from_xid=int(from_xid),
            to_xid=int(to_xid),
            since=since.isoformat(),
            until=until.isoformat(),
        )
        payload = await _copy_out(connection, statement)
    if payload.count(b"\n") == size:
        return payload
    return payload + await missing_lines(
        archive, uows, tenant_id, first=first, last=last, found=payload, expected=size
    )


async def _copy_out(connection: psycopg.AsyncConnection[Any], statement: str) -> bytes:
    # The planner takes an array for a few rows and would compare every row with every element.
    await connection.execute("SET LOCAL enable_nestloop = off")
    chunks: list[bytes] = []
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        async for chunk in copy:
            chunks.append(bytes(chunk))
    return b"".join(chunks)
