"""Resolve: find whose each new event is, in the order accepted, and fix the range as a batch."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from quanyu.flows.pipeline.metrics import HORIZON_AGE, RESOLVED
from quanyu.flows.pipeline.pace import Pace
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.reader import (
    BATCH_MAX,
    Cursor,
    current_epoch,
    lock_cursor,
    move_cursor,
    read_horizon,
)
from quanyu.modules.people.contracts import Departure, Merge, ResolveRow
from quanyu.modules.people.resolver import Resolver

_log = get_logger("pipeline.resolve")

# Our own roles end their transactions after five seconds; whatever holds the log longer is somebody else's.
HORIZON_ALARM_S: Final = 30.0
MONTHS_MAX: Final = 90  # The warehouse takes at most 100 partitions in one insert; a partition is a month.

_FEW_MONTHS: Final = timedelta(days=28 * (MONTHS_MAX - 2))
# The fields of ``ResolveRow`` in their order, then what the batch itself needs.
_READ: Final = """
SELECT position, kind, occurred_at, source, tokens, identifiers::text, sealed,
    CASE WHEN kind = 'identify' THEN properties::text END, person_id, xid::text::bigint, received_at
FROM log_event
WHERE tenant_id = %(tenant)s AND (xid, position) > (%(xid)s::text::xid8, %(position)s)
    AND xid < %(horizon)s::text::xid8
ORDER BY xid, position
LIMIT %(limit)s
"""
_FIELDS: Final = len(ResolveRow._fields)
_OLDEST_HELD: Final = """
SELECT received_at FROM log_event WHERE tenant_id = %(tenant)s AND xid >= %(horizon)s::text::xid8
ORDER BY xid, position LIMIT 1
"""


class FollowsMerges(Protocol):
    """Moves what hangs on people who turned out to be others, or came apart."""

    async def follow(
        self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]
    ) -> object:
        """Move it, in the same transaction."""
        ...


class Forgets(Protocol):
    """Knows who was erased."""

    async def strip(self, uow: UnitOfWork, rows: Sequence[ResolveRow]) -> list[ResolveRow]:
        """Return the rows, those of people erased since as nobody's."""
        ...


class Resolve:
    """The resolve step of one brand after another; serial per brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        resolver: Resolver,
        merging: FollowsMerges,
        *,
        batch_max: int = BATCH_MAX,
        forgets: Forgets | None = None,
    ) -> None:
        self._forgets = forgets
        self._uows = uows
        self._resolver = resolver
        self._merging = merging
        self._paces: defaultdict[TenantId, Pace] = defaultdict(lambda: Pace(batch_max))

    async def run_once(self, tenant_id: TenantId) -> int:
        """Resolve the next batch; return how many events it held, 0 when caught up."""
        async with self._uows.system(tenant_id) as uow:
            horizon = await read_horizon(await uow.raw())
        pace = self._paces[tenant_id]
        began = time.monotonic()
        try:
            async with self._uows.system(tenant_id) as uow:
                count = await self._resolve(uow, horizon, pace.size)
        except Exception:
            pace.failed()
            raise
        pace.took(count, time.monotonic() - began)
        RESOLVED.inc(count)
        return count

    async def _resolve(self, uow: UnitOfWork, horizon: int, limit: int) -> int:
        connection = await uow.raw()
        at = await lock_cursor(connection, uow.tenant_id, "resolve", now=uow.clock.now())
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(
                _READ,
                {
                    "tenant": uow.tenant_id,
                    "xid": str(at.xid),
                    "position": at.position,
                    "horizon": str(horizon),
                    "limit": limit,
                },
            )
            rows = within_months(await cursor.fetchall())
        if not rows:
            await self._note_held(uow, horizon)
            return 0
        asked = [ResolveRow._make(row[:_FIELDS]) for row in rows]
        # New people cost more than known ones, and a transaction has five seconds.
        rows = rows[: self._resolver.affordable(uow.tenant_id, asked)]
        asked = asked[: len(rows)]
        if self._forgets is not None:
            asked = await self._forgets.strip(uow, asked)
        result = await self._resolver.resolve(uow, asked)
        await self._merging.follow(uow, result.merges, result.departures)
        await _write_batch(uow, at, rows, result.person_ids)
        return len(rows)

    async def _note_held(self, uow: UnitOfWork, horizon: int) -> None:
        """Measure for how many real seconds the oldest event waits behind an open transaction."""
        connection = await uow.raw()
        cursor = await connection.execute(_OLDEST_HELD, {"tenant": uow.tenant_id, "horizon": str(horizon)})
        row = await cursor.fetchone()
        age_s = uow.clock.real_seconds(uow.clock.now() - row[0]) if row else 0.0
        HORIZON_AGE.labels(str(uow.tenant_id)).set(max(0.0, age_s))
        if age_s > HORIZON_ALARM_S:
            _log.warning("pipeline.horizon_held", tenant=uow.tenant_id, age_s=round(age_s, 1))


def within_months(rows: Sequence[Any]) -> Sequence[Any]:
    """Cut a batch before it spans more months than one insert may."""
    times: list[datetime] = [row[2] for row in rows]
    if not rows or max(times) - min(times) < _FEW_MONTHS:
        return rows
    months: set[tuple[int, int]] = set()
    for index, occurred_at in enumerate(times):
        months.add((occurred_at.year, occurred_at.month))
        if len(months) > MONTHS_MAX:
            return rows[:index]
    return rows


async def _write_batch(
    uow: UnitOfWork, at: Cursor, rows: Sequence[Any], person_ids: Sequence[int | None]
) -> None:
    connection = await uow.raw()
    now = uow.clock.now()
    epoch = await current_epoch(connection, uow.tenant_id)
    received = [row[-1] for row in rows]
    from_xid, to_xid = rows[0][-2], rows[-1][-2]
    await connection.execute(
        """
        INSERT INTO log_batch (tenant_id, batch_id, epoch, from_xid, from_position, to_xid, to_position,
            received_from, received_to, count, positions, person_ids, applied_at, state)
        VALUES (%s, %s, %s, %s::text::xid8, %s, %s::text::xid8, %s, %s, %s, %s,
            %s::bigint[], %s::int[], %s, 'resolved')
        """,
        (
            uow.tenant_id,
            at.batch_id + 1,
            epoch,
            str(from_xid),
            rows[0][0],
            str(to_xid),
            rows[-1][0],
            min(received),
            max(received),
            len(rows),
            _array([row[0] for row in rows]),
            _array(person_ids),
            now,
        ),
    )
    upto = Cursor(epoch, to_xid, rows[-1][0], at.batch_id + 1, at.events + len(rows))
    await move_cursor(connection, uow.tenant_id, "resolve", upto, now=now)


def _array(values: Sequence[int | None]) -> str:
    # An array literal: ten times cheaper than adapting thousands of integers one by one.
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"
