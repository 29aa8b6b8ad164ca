"""Replay: rebuild a brand's history in the warehouse from archive and log.

Everything the log ever stored is inserted anew, through the code that stores, into a table beside the real
one. Nobody sees it until it is whole; figures, segments and journeys go on meanwhile with the old rows and
with new events. Then old rows and new ones are exchanged while questions wait. A replay may be stopped,
or its process killed, anywhere: it goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from prometheus_client import Counter

from quanyu.flows.pipeline.resolve import MONTHS_MAX
from quanyu.flows.pipeline.store import COLUMNS, copy_whole_batches
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.errors import Conflict, NotFound
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.events.archive.reader import LogArchive

_log = get_logger("pipeline.replay")

REPLAYED: Final = Counter("quanyu_events_replayed_total", "Events inserted anew by a replay")
ROWS_MAX: Final = 20_000  # Of one insert.
BATCHES_MAX: Final = 2_000
_OCCURRED_AT: Final = COLUMNS.index("occurred_at")
_LONG: Final = QueryLimits(time_s=600.0)


class ReplayState(StrEnum):
    """Where a replay stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    EXCHANGING = "exchanging"  # Old rows for new ones; takes seconds and is not stopped.
    DONE = "done"
    FAILED = "failed"


class NoReplay(NotFound):
    """This brand's history was never replayed."""

    code = "pipeline.no_replay"


class ReplayNotStoppable(Conflict):
    """The replay is not at a point where it can be stopped."""

    code = "pipeline.replay_not_stoppable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStatus:
    """How far a brand's replay is, in events."""

    id: int
    state: ReplayState
    upto_batch: int
    done_batch: int
    events_total: int
    events_done: int
    retired: int  # Of those, events that are kept no longer.
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class StoredAgain(Protocol):
    """Lets go of old events that were let go of before (retention's part of a replay)."""

    async def drop_beside(self, tenant_id: TenantId, table: str) -> None:
        """Drop in a table beside the history what the history had let go of."""
        ...

    async def count_to_drop(self, tenant_id: TenantId, table: str) -> int:
        """Return how many events ``drop_beside`` would drop."""
        ...


class Replays:
    """Start, stop, look at and do replays. The warehouse has one writer of each brand's replay at a time."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        archive: LogArchive,
        again: StoredAgain | None = None,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._archive = archive
        self._again = again

    # --- asked for ----------------------------------------------------------------------------------------

    async def start(self, tenant_id: TenantId) -> ReplayStatus:
        """Begin a replay of everything stored so far, or go on with one that was stopped or failed.

        Idempotent while one runs.
        """
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            await uow.execute(
                """
                INSERT INTO log_replay
                    (tenant_id, id, state, upto_batch, events_total, started_at, updated_at)
                SELECT :tenant, :id, 'running', coalesce(max(batch_id), 0), coalesce(sum(count), 0),
                    :now, :now
                FROM log_batch WHERE tenant_id = :tenant AND state = 'stored' AND batch_id < coalesce(
                    (SELECT min(batch_id) FROM log_batch WHERE tenant_id = :tenant AND state <> 'stored'),
                    9223372036854775807)
                ON CONFLICT (tenant_id) DO UPDATE SET id = excluded.id, state = 'running',
                    upto_batch = excluded.upto_batch, events_total = excluded.events_total, done_batch = 0,
                    events_done = 0, retired = 0, error = NULL, started_at = :now, updated_at = :now,
                    finished_at = NULL
                WHERE log_replay.state IN ('done', 'failed')
                """,
                {"tenant": tenant_id, "id": new_id(), "now": now},
            )
            await self._move(uow, from_=[ReplayState.STOPPED], to=ReplayState.RUNNING)
            return await _status(uow)

    async def stop(self, tenant_id: TenantId) -> ReplayStatus:
        """Stop a replay behind the insert under way; ``start`` goes on with it.

        Raises:
            NoReplay: there is none.
            ReplayNotStoppable: it exchanges rows already, which takes seconds, or has ended.
        """
        async with self._uows.system(tenant_id) as uow:
            await self._move(uow, from_=[ReplayState.RUNNING], to=ReplayState.STOPPED)
            status = await _status(uow)
        if status.state is not ReplayState.STOPPED:
            raise ReplayNotStoppable(
                f"the replay is {status.state} and cannot be stopped",
                message_zh=f"重放处于 {status.state} 状态，无法停止",
            )
        return status

    async def status(self, tenant_id: TenantId) -> ReplayStatus:
        """Return how far the latest replay is.

        Raises:
            NoReplay: there is none.
        """
        async with self._uows.system(tenant_id) as uow:
            return await _status(uow)

    async def list_running(self) -> Sequence[TenantId]:
        """Return the brands whose replay has something to do."""
        async with self._uows.system(TenantId(0)) as uow:
            rows = await uow.execute(
                "SELECT tenant_id FROM log_replay WHERE state IN ('running', 'exchanging') ORDER BY tenant_id"
            )
            return [TenantId(row[0]) for row in rows]

    # --- done ---------------------------------------------------------------------------------------------

    async def run_once(self, tenant_id: TenantId) -> bool:
        """Do the next step of a running replay: one insert, or the exchange; tell whether there was one.

        Raises:
            WarehouseUnavailable, LogIncomplete, ArchiveFileMissing: nothing is lost; call again later.
        """
        status = await self.status(tenant_id)
        if status.state is ReplayState.EXCHANGING:
            await self._exchange(tenant_id, status)
            return True
        if status.state is not ReplayState.RUNNING:
            return False
        if not await self._has_table(tenant_id, status):
            await self._begin(tenant_id)
            return True
        if status.done_batch < status.upto_batch:
            await self._insert_next(tenant_id, status)
            return True
        await self._check(tenant_id, status)
        return True

    async def _begin(self, tenant_id: TenantId) -> None:
        """Make the table beside the real one, under a name never used before; throw older ones away."""
        await drop_tables(self._warehouse, tenant_id)
        number = new_id()
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_replay SET id = :id, done_batch = 0, events_done = 0, retired = 0, "
                "state = 'running' WHERE tenant_id = :tenant AND state IN ('running', 'exchanging')",
                {"id": number, "tenant": tenant_id},
            )
        await self._warehouse.command(f"CREATE TABLE {_table(tenant_id, number)} AS events")

    async def _has_table(self, tenant_id: TenantId, status: ReplayStatus) -> bool:
        """Whether the table is there and has the columns and indexes that ``events`` has today."""
        rows = await self._warehouse.query(
            "SELECT groupArray((name, type)) FROM (SELECT table, name, type FROM ("
            "SELECT database, table, name, type, position FROM system.columns UNION ALL "
            "SELECT database, table, name, type_full, 0 FROM system.data_skipping_indices) "
            "WHERE database = currentDatabase() AND table IN ('events', {table:String}) "
            "ORDER BY table, position, name) GROUP BY table",
            {"table": _table(tenant_id, status.id)},
        )
        return len(rows) == 2 and rows[0] == rows[1]

    async def _insert_next(self, tenant_id: TenantId, status: ReplayStatus) -> None:
        last, size, payload = await self._read_next(tenant_id, status)
        # A repeated insert carries the same token, so what went in before an answer was lost goes in once.
        token = f"replay:{status.id}:{status.done_batch + 1}"
        await self._warehouse.insert_tsv(
            _table(tenant_id, status.id), COLUMNS, payload, deduplication_token=token
        )
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_replay SET done_batch = :last, events_done = events_done + :size, "
                "retired = retired + :retired, updated_at = :now "
                "WHERE tenant_id = :tenant AND id = :id AND done_batch = :done",
                {
                    "last": last,
                    "size": size,
                    "retired": size - payload.count(b"\n"),
                    "now": uow.clock.now(),
                    "tenant": tenant_id,
                    "id": status.id,
                    "done": status.done_batch,
                },
            )
        REPLAYED.inc(size)

    async def _read_next(self, tenant_id: TenantId, status: ReplayStatus) -> tuple[int, int, bytes]:
        """Return the last batch of the next insert, its number of rows, and the rows."""
        async with self._uows.system(tenant_id) as uow:
            batches = await _next_batches(uow, status)
        while True:
            first, last = batches[0][0], batches[-1][0]
            payload = await copy_whole_batches(self._uows, self._archive, tenant_id, first=first, last=last)
            if len(batches) == 1 or _months(payload) <= MONTHS_MAX:
                return last, sum(count for _, count in batches), payload
            batches = batches[: (len(batches) + 1) // 2]  # An insert spans at most so many months.

    async def _check(self, tenant_id: TenantId, status: ReplayStatus) -> None:
        """Go on to the exchange when every row is there that should be."""
        table = _table(tenant_id, status.id)
        held = int((await self._warehouse.query(f"SELECT count() FROM {table}"))[0][0])  # noqa: S608
        expected = status.events_total - status.retired
        dropped = 0 if self._again is None else await self._again.count_to_drop(tenant_id, table)
        async with self._uows.system(tenant_id) as uow:
            await self._move(uow, from_=[ReplayState.RUNNING], to=ReplayState.EXCHANGING)
            await uow.execute(
                "UPDATE log_replay SET retired = retired + :dropped WHERE tenant_id = :tenant AND id = :id",
                {"dropped": dropped, "tenant": tenant_id, "id": status.id},
            )
        if held != expected:
            await self._end(tenant_id, ReplayState.FAILED, error=f"{held} of {expected} rows")

    async def _exchange(self, tenant_id: TenantId, status: ReplayStatus) -> None:
        """Put the new rows in the place of the old ones; done again from the start when it was cut short."""
        if not await self._has_table(tenant_id, status):
            await self._begin(tenant_id)
            return
        table, gate = _table(tenant_id, status.id), self._warehouse.for_tenant(tenant_id)
        if self._again is not None:
            await self._again.drop_beside(tenant_id, table)
        held = int((await self._warehouse.query(f"SELECT count() FROM {table}"))[0][0])  # noqa: S608
        if held != (expected := status.events_total - status.retired):
            await self._end(tenant_id, ReplayState.FAILED, error=f"{held} of {expected} rows")
            return
        parts = await self._warehouse.query(
            "SELECT DISTINCT partition_id FROM system.parts WHERE active "
            "AND database = currentDatabase() AND table = {table:String}",
            {"table": table},
        )
        async with self._warehouse.exchanging():
            await gate.command(
                "DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND batch_id <= {upto:UInt64}",
                {"upto": status.upto_batch},
                limits=_LONG,
            )
            for (partition,) in parts:
                await self._warehouse.command(
                    f"ALTER TABLE events ATTACH PARTITION ID '{partition}' FROM {table}", limits=_LONG
                )
        await self._end(tenant_id, ReplayState.DONE)
        await drop_tables(self._warehouse, tenant_id)

    async def _end(self, tenant_id: TenantId, state: ReplayState, *, error: str | None = None) -> None:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            await uow.execute(
                "UPDATE log_replay SET state = :state, error = :error, updated_at = :now, finished_at = :now "
                "WHERE tenant_id = :tenant AND state = 'exchanging'",
                {"state": str(state), "error": error, "now": now, "tenant": tenant_id},
            )
            # What is left of each batch is noted anew, and what became due meanwhile goes.
            await uow.execute(
                "UPDATE event_retention_run SET is_due = true WHERE tenant_id = :tenant",
                {"tenant": tenant_id},
            )
        if error is not None:
            _log.error("replay.failed", tenant=tenant_id, error=error)
        else:
            _log.info("replay.done", tenant=tenant_id)

    async def _move(self, uow: UnitOfWork, *, from_: Sequence[ReplayState], to: ReplayState) -> None:
        await uow.execute(
            "UPDATE log_replay SET state = :to, updated_at = :now "
            "WHERE tenant_id = :tenant AND state = ANY(:from)",
            {"to": str(to), "now": uow.clock.now(), "tenant": uow.tenant_id, "from": list(map(str, from_))},
        )


def _table(tenant_id: TenantId, number: int) -> str:
    return f"events_replay_{int(tenant_id)}_{number}"


async def drop_tables(warehouse: Warehouse, tenant_id: TenantId | None = None) -> None:
    """Drop the tables of a brand's replays, or of everybody's."""
    prefix = "events_replay_" if tenant_id is None else f"events_replay_{int(tenant_id)}_"
    found = await warehouse.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() "
        "AND startsWith(name, {prefix:String})",
        {"prefix": prefix},
    )
    for (table,) in found:
        await warehouse.command(f"DROP TABLE IF EXISTS {table} SYNC")


async def _next_batches(uow: UnitOfWork, status: ReplayStatus) -> list[tuple[int, int]]:
    """Return (batch, count) of the next insert: as many batches as fit, at least one."""
    rows = await uow.execute(
        "SELECT batch_id, count FROM log_batch WHERE tenant_id = :tenant AND batch_id > :done "
        "AND batch_id <= :upto ORDER BY batch_id LIMIT :most",
        {
            "tenant": uow.tenant_id,
            "done": status.done_batch,
            "upto": status.upto_batch,
            "most": BATCHES_MAX,
        },
    )
    chosen: list[tuple[int, int]] = []
    size = 0
    for batch_id, count in rows:
        if chosen and size + count > ROWS_MAX:
            break
        chosen.append((batch_id, count))
        size += count
    return chosen


def _months(payload: bytes) -> int:
    return len({line.split(b"\t", _OCCURRED_AT + 1)[_OCCURRED_AT][:7] for line in payload.splitlines()})


async def _status(uow: UnitOfWork) -> ReplayStatus:
    rows = await uow.execute(
        "SELECT id, state, upto_batch, done_batch, events_total, events_done, retired, error, started_at, "
        "finished_at FROM log_replay WHERE tenant_id = :tenant",
        {"tenant": uow.tenant_id},
    )
    row = rows.first()
    if row is None:
        raise NoReplay("nothing was replayed yet", message_zh="还没有重放过")
    return ReplayStatus(**{**row._mapping, "state": ReplayState(row.state)})
