"""React: hand stored events to each subscriber, with its own cursor and its own transaction.

An event that a subscriber cannot take is found by bisection and put aside for that subscriber only;
everybody else, and that subscriber's other events, go on.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import msgspec
import psycopg

from quanyu.flows.pipeline.archived import read_events
from quanyu.flows.pipeline.metrics import DEAD_LETTERS, REACTED
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.events.reader import Cursor, lock_cursor, move_cursor

_log = get_logger("pipeline.react")

_BATCHES_REMEMBERED: Final = 256
_SLICE_MAX: Final = 2_000  # Events a subscriber takes in one transaction of at most five seconds.


class Reacts(Protocol):
    """Something that acts on what happened. Handlers are idempotent: they may see an event again."""

    @property
    def name(self) -> str:
        """The cursor's name; changing it starts the subscriber over."""
        ...

    @property
    def after(self) -> Sequence[str]:
        """Subscribers that must have seen an event first, because this one acts on what they write."""
        ...

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> Any:
        """Ask the warehouse or the network what ``apply`` will need; no transaction is open."""
        ...

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Act inside the transaction that also moves the cursor."""
        ...


class WantsNames(Reacts, Protocol):
    """A subscriber that always wants the same events."""

    def wants(self, event_name: str) -> bool:
        """Whether events of this name concern it."""
        ...


@runtime_checkable
class ChoosesNames(Reacts, Protocol):
    """A subscriber whose interests lie in tables, such as journeys people drew."""

    async def choose(self, uow: UnitOfWork, names: Sequence[str]) -> Collection[str]:
        """Return which of these event names concern it now."""
        ...


Subscriber = WantsNames | ChoosesNames
# Who each person is known as today; ids it leaves out stand for themselves.
Canonical = Callable[[UnitOfWork, Sequence[PersonId]], Awaitable[Mapping[PersonId, PersonId]]]


@dataclass(frozen=True, slots=True)
class NextBatch:
    """A stored batch that somebody has yet to pass."""

    batch_id: int
    count: int
    is_archived: bool


@dataclass(frozen=True, slots=True)
class _InArchive:
    """The next batch is to be read from the archive first."""

    batch_id: int


class React:
    """Drives one subscriber over the stored batches of a brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        subscriber: Subscriber,
        canonical: Canonical,
        names: "BatchNames",
        archive: LogArchive | None = None,
    ) -> None:
        self._uows = uows
        self._subscriber = subscriber
        self._canonical = canonical
        self._names = names
        self._archive = archive
        self._fetched: tuple[tuple[TenantId, int], dict[int, Any]] | None = None

    @property
    def name(self) -> str:
        """The subscriber's name."""
        return self._subscriber.name

    @property
    def after(self) -> Sequence[str]:
        """The subscribers it waits for."""
        return self._subscriber.after

    async def run_once(self, tenant_id: TenantId) -> int:
        """Handle the next slice; return how many events were passed, 0 when caught up.

        Raises:
            ArchiveFileMissing, ArchiveDamaged: events of an old batch cannot be read; none is skipped.
        """
        async with self._uows.system(tenant_id) as uow:
            loaded = await self._next_slice(uow)
            if isinstance(loaded, tuple) and not loaded[0]:
                # Nothing to prepare and nothing to do: past it in the same transaction.
                await move_cursor(await uow.raw(), tenant_id, self.consumer, loaded[1], now=uow.clock.now())
        if loaded is None:
            return 0
        if isinstance(loaded, _InArchive):
            # Outside the transaction: reading a file may take longer than one lasts.
            await self._fetch(tenant_id, loaded.batch_id)
            return await self.run_once(tenant_id)
        events, upto, passed = loaded
        if events:
            await self._handle(tenant_id, events, upto)
        REACTED.labels(self._subscriber.name).inc(passed)
        return passed

    async def _fetch(self, tenant_id: TenantId, batch_id: int) -> None:
        """Keep a batch's archived events, by position, until another batch's are needed."""
        assert self._archive is not None
        rows = await read_events(self._archive, self._uows, tenant_id, batch_id)
        self._fetched = (tenant_id, batch_id), {row[0]: row for row in rows}

    async def _handle(self, tenant_id: TenantId, events: Sequence[LogEvent], upto: Cursor) -> None:
        try:
            await self._apply(tenant_id, events, upto)
        except Exception as error:
            if passes(error):
                raise  # Nothing is wrong with the events: the same slice again, later.
            await self._isolate(tenant_id, events, upto, error, batch_id=upto.batch_id)

    async def _apply(self, tenant_id: TenantId, events: Sequence[LogEvent], upto: Cursor | None) -> None:
        prepared = await self._subscriber.prepare(tenant_id, events) if events else None
        async with self._uows.system(tenant_id) as uow:
            if events:
                await self._subscriber.apply(uow, events, prepared)
            if upto is not None:
                await move_cursor(await uow.raw(), tenant_id, self.consumer, upto, now=uow.clock.now())

    async def _isolate(
        self,
        tenant_id: TenantId,
        events: Sequence[LogEvent],
        upto: Cursor | None,
        error: Exception,
        *,
        batch_id: int,
    ) -> None:
        """Halve until the poisonous event stands alone, then put it aside; ``upto`` moves at the end."""
        if len(events) <= 1:
            await self._bury(tenant_id, events, upto, error, batch_id=batch_id)
            return
        middle = len(events) // 2
        for half, cursor in ((events[:middle], None), (events[middle:], upto)):
            try:
                await self._apply(tenant_id, half, cursor)
            except Exception as half_error:
                if passes(half_error):
                    raise
                await self._isolate(tenant_id, half, cursor, half_error, batch_id=batch_id)

    async def _bury(
        self,
        tenant_id: TenantId,
        events: Sequence[LogEvent],
        upto: Cursor | None,
        error: Exception,
        *,
        batch_id: int,
    ) -> None:
        _log.error("pipeline.dead_letter", subscriber=self._subscriber.name, exc_info=error)
        async with self._uows.system(tenant_id) as uow:
            for event in events:
                await uow.execute(
                    """
                    INSERT INTO dead_letter (tenant_id, subscriber, position, batch_id, error, failed_at)
                    VALUES (:tenant, :subscriber, :position, :batch, :error, :now)
                    ON CONFLICT (tenant_id, subscriber, position) DO UPDATE
                    SET error = excluded.error, failed_at = excluded.failed_at, replayed_at = NULL
                    """,
                    {
                        "tenant": tenant_id,
                        "subscriber": self._subscriber.name,
                        "position": event.position,
                        "batch": batch_id,
                        "error": type(error).__name__,
                        "now": uow.clock.now(),
                    },
                )
                DEAD_LETTERS.labels(self._subscriber.name).inc()
            if upto is not None:
                await move_cursor(await uow.raw(), tenant_id, self.consumer, upto, now=uow.clock.now())

    @property
    def consumer(self) -> str:
        """The name of its cursor."""
        return f"react:{self._subscriber.name}"

    async def _next_slice(self, uow: UnitOfWork) -> "tuple[list[LogEvent], Cursor, int] | _InArchive | None":
        """Load what the subscriber wants of the next stretch of one stored batch."""
        connection = await uow.raw()
        at = await lock_cursor(connection, uow.tenant_id, self.consumer, now=uow.clock.now())
        # ``position`` counts the events done inside the current batch; a new batch starts at zero.
        batch = await next_batch(connection, uow.tenant_id, at.batch_id, at.position)
        if batch is None:
            return None
        batch_id, count, is_archived = batch.batch_id, batch.count, batch.is_archived
        archived: Mapping[int, Any] = {}
        if not is_archived:
            self._fetched = None
        if is_archived and self._archive is not None:
            if self._fetched is None or self._fetched[0] != (uow.tenant_id, batch_id):
                return _InArchive(batch_id)
            archived = self._fetched[1]
        count = await self._allowed(uow, batch_id, count)
        start = at.position if batch_id == at.batch_id else 0
        if start >= count:
            return None
        names = await self._names.of(connection, uow.tenant_id, batch_id)
        wanted = await self.wanted(uow, sorted({*names, *(row[3] for row in archived.values())}))
        if not wanted:
            # Nothing of this batch concerns the subscriber: passed in one step.
            return [], Cursor(at.epoch, 0, count, batch_id, at.events + count - start), count - start
        end = min(count, start + _SLICE_MAX)
        stretch = {"tenant": uow.tenant_id, "batch": batch_id, "start": start, "end": end, "names": wanted}
        events = await self._load(uow, stretch, archived)
        return events, Cursor(at.epoch, 0, end, batch_id, at.events + end - start), end - start

    async def _allowed(self, uow: UnitOfWork, batch_id: int, count: int) -> int:
        """How many events of the batch everybody this subscriber waits for has passed."""
        if not self._subscriber.after:
            return count
        consumers = [f"react:{name}" for name in self._subscriber.after]
        rows = await uow.execute(
            "SELECT batch_id, position FROM log_cursor WHERE tenant_id = :tenant AND consumer = ANY(:names)",
            {"tenant": uow.tenant_id, "names": consumers},
        )
        standing = [tuple(row) for row in rows]
        if len(standing) < len(consumers):
            return 0
        slowest_batch, position = min(standing)
        if slowest_batch > batch_id:
            return count
        return min(count, position) if slowest_batch == batch_id else 0

    async def _load(
        self, uow: UnitOfWork, stretch: dict[str, Any], archived: Mapping[int, Any]
    ) -> list[LogEvent]:
        connection = await uow.raw()
        # The planner takes an array for a few rows and would compare every row with every element.
        await connection.execute("SET LOCAL enable_nestloop = off")
        rows = await (await connection.execute(_EVENTS, stretch)).fetchall()
        await connection.execute("SET LOCAL enable_nestloop = on")
        if archived:
            rows = await _with_archived(connection, stretch, rows, archived)
        people = {PersonId(row[1]) for row in rows if row[1] is not None}
        canonical = await self._canonical(uow, sorted(people)) if people else {}
        return [event_of(row, canonical) for row in rows]

    async def wanted(self, uow: UnitOfWork, names: Sequence[str]) -> list[str]:
        """Return which of these event names concern the subscriber now."""
        if isinstance(self._subscriber, ChoosesNames):
            return list(await self._subscriber.choose(uow, names))
        return [name for name in names if self._subscriber.wants(name)]


def passes(error: Exception) -> bool:
    """Whether trying again later may help: a lost connection, a deadlock, a full disk; not a time-out."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return False
    return isinstance(cause, Unavailable | psycopg.OperationalError)


class BatchNames:
    """The event names of each batch, remembered: every subscriber asks, and batches never change."""

    def __init__(self) -> None:
        self._known: dict[tuple[TenantId, int], list[str]] = {}

    async def of(
        self, connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, batch_id: int
    ) -> list[str]:
        """Return the names of those events of a batch that the log holds."""
        key = (tenant_id, batch_id)
        if key not in self._known:
            cursor = await connection.execute(_NAMES, {"tenant": tenant_id, "batch": batch_id})
            if len(self._known) >= _BATCHES_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = [name for (name,) in await cursor.fetchall()]
        return self._known[key]


# A subscriber that is new, or that starts over, reads batches the log let go of long ago.
_BATCH: Final = """
SELECT batch_id, count, EXISTS (
    SELECT FROM log_archive a WHERE a.tenant_id = log_batch.tenant_id AND a.to_batch >= log_batch.batch_id
        AND a.from_batch <= log_batch.batch_id
) FROM log_batch
WHERE tenant_id = %(tenant)s AND state = 'stored'
    AND (batch_id > %(batch)s OR (batch_id = %(batch)s AND count > %(done)s))
ORDER BY batch_id LIMIT 1
"""


async def next_batch(
    connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, batch_id: int, position: int
) -> NextBatch | None:
    """Return the first stored batch that is not passed whole by whoever stands at ``position`` of a batch."""
    cursor = await connection.execute(_BATCH, {"tenant": tenant_id, "batch": batch_id, "done": position})
    row = await cursor.fetchone()
    return None if row is None else NextBatch(*row)


RANGE: Final = """
FROM log_batch b
JOIN log_event l ON l.tenant_id = b.tenant_id AND l.xid BETWEEN b.from_xid AND b.to_xid
    AND l.received_at BETWEEN b.received_from AND b.received_to
"""
_NAMES: Final = f"""
SELECT DISTINCT l.name {RANGE} WHERE b.tenant_id = %(tenant)s AND b.batch_id = %(batch)s
"""
# Of a range ``l`` with the people ``p`` its events were resolved to; ``event_of`` reads them.
EVENT_COLUMNS: Final = """
l.position, p.person_id, l.kind, l.name, l.occurred_at, l.received_at, l.source, l.message_id,
    l.properties::text, l.context::text, l.order_id, l.revenue, l.currency, l.quantity
"""
_EVENTS: Final = f"""
SELECT {EVENT_COLUMNS} {RANGE}
JOIN unnest(b.positions[%(start)s + 1:%(end)s], b.person_ids[%(start)s + 1:%(end)s])
    AS p (position, person_id) ON p.position = l.position
WHERE b.tenant_id = %(tenant)s AND b.batch_id = %(batch)s AND l.name = ANY(%(names)s)
ORDER BY l.xid, l.position
"""


_POSITIONS: Final = """
SELECT positions[%(start)s + 1:%(end)s] FROM log_batch
WHERE tenant_id = %(tenant)s AND batch_id = %(batch)s
"""


async def _with_archived(
    connection: psycopg.AsyncConnection[Any],
    stretch: dict[str, Any],
    held: Sequence[Any],
    archived: Mapping[int, Any],
) -> list[Any]:
    """Add the stretch's archived events to those the log still holds; in the order accepted."""
    row = await (await connection.execute(_POSITIONS, stretch)).fetchone()
    assert row is not None
    names, rows = set(stretch["names"]), {one[0]: one for one in held}
    for position in row[0]:
        if position in archived and archived[position][3] in names:
            rows.setdefault(position, archived[position])
    return [rows[position] for position in row[0] if position in rows]


def event_of(row: Any, canonical: Mapping[PersonId, PersonId]) -> LogEvent:
    """Read a row of ``EVENT_COLUMNS``, under the person its person is known as today."""
    return LogEvent(
        position=row[0],
        person_id=None if row[1] is None else canonical.get(row[1], PersonId(row[1])),
        kind=row[2],
        name=row[3],
        occurred_at=row[4],
        received_at=row[5],
        source=row[6],
        message_id=row[7],
        properties=msgspec.json.decode(row[8]),
        context=msgspec.json.decode(row[9]),
        order_id=row[10],
        revenue=row[11],
        currency=row[12],
        quantity=row[13],
        stamped_id=None if row[1] is None else PersonId(row[1]),
    )
