"""Counting events by source, name and hour, batch after batch of what the warehouse holds.

Nothing is added to the way of an event: a loop asks the warehouse for sums of the batches stored since the
last time, and adds them in one transaction with its cursor, so each event is counted once. A question reads
one column of the history, so the pauses between them grow with how long they take.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId

_log = get_logger("events.tally")

PAIRS_MAX: Final = 2_000  # Names by source of a brand; a write key in a web page may send any name.
SUMS_MAX: Final = 20_000  # Of one question.
HOURS_KEPT: Final = timedelta(days=32)
_EVERY_S: Final = 3.0
_REST_TIMES: Final = 20  # A pause is so many times as long as the question took: five per cent at the most.

_SUMS: Final = """
SELECT source, name, any(kind), if(received_at < {since:DateTime64(3)}, toDateTime(0, 'UTC'),
    toStartOfHour(received_at)) AS hour, count() AS events, min(received_at), max(received_at),
    sum(count()) OVER () AS total
FROM events
WHERE tenant_id = {tenant:UInt32} AND batch_id > {after:UInt64} AND batch_id <= {upto:UInt64}
GROUP BY source, name, hour ORDER BY events DESC, source, name, hour LIMIT {most:UInt32}
"""


@dataclass(frozen=True, slots=True)
class _Sum:
    source: str
    name: str
    kind: str
    hour: datetime
    events: int
    first_at: datetime
    last_at: datetime


class Tally:
    """Keeps the counts of every event name."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse) -> None:
        self._uows = uows
        self._warehouse = warehouse

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Count until ``stopping`` is set; what cannot be counted now is counted later."""
        while not stopping.is_set():
            began_s = time.monotonic()
            try:
                await self.run_once(tenant_id)
            except Unavailable as error:
                _log.warning("tally.waits", error=error.code)
            await wait(stopping, max(_EVERY_S, _REST_TIMES * (time.monotonic() - began_s)))

    async def run_once(self, tenant_id: TenantId) -> int:
        """Count what was stored since the last time; return how many events that were.

        Raises:
            WarehouseUnavailable: nothing was counted; call again later.
        """
        async with self._uows.system(tenant_id) as uow:
            after, upto = await _range(uow)
            since = _hour_of(uow.clock.now() - HOURS_KEPT)
        if upto <= after:
            return 0
        rows = await self._warehouse.for_tenant(tenant_id).query(
            _SUMS, {"after": after, "upto": upto, "since": since, "most": SUMS_MAX}
        )
        sums, total = [_Sum(*row[:7]) for row in rows], int(rows[0][7]) if rows else 0
        async with self._uows.system(tenant_id) as uow:
            if not await _advance(uow, after=after, upto=upto, events=total):
                return 0  # Another process has counted them.
            await _add(uow, _with_rest(sums, total))
            await uow.execute(
                "DELETE FROM event_hour WHERE tenant_id = :tenant AND hour < :since",
                {"tenant": tenant_id, "since": since},
            )
        return total


async def _range(uow: UnitOfWork) -> tuple[int, int]:
    """Return up to which batch events are counted, and up to which they are stored."""
    found = await uow.execute(
        "SELECT (SELECT batch_id FROM event_counted WHERE tenant_id = :tenant) AS counted, "
        "(SELECT batch_id FROM log_cursor WHERE tenant_id = :tenant AND consumer = 'store') AS stored",
        {"tenant": uow.tenant_id},
    )
    row = found.one()
    return row.counted or 0, row.stored or 0


async def _advance(uow: UnitOfWork, *, after: int, upto: int, events: int) -> bool:
    moved = await uow.execute(
        """
        INSERT INTO event_counted AS c (tenant_id, batch_id, events, counted_at)
        VALUES (:tenant, :upto, :events, :now)
        ON CONFLICT (tenant_id) DO UPDATE SET batch_id = excluded.batch_id,
            events = c.events + excluded.events, counted_at = excluded.counted_at
        WHERE c.batch_id = :after
        """,
        {
            "tenant": uow.tenant_id,
            "after": after,
            "upto": upto,
            "events": events,
            "now": uow.clock.now(),
        },
    )
    return bool(moved.rowcount)


def _with_rest(sums: Sequence[_Sum], total: int) -> list[_Sum]:
    """Add what the question's limit cut off, as events without a name."""
    rest = total - sum(one.events for one in sums)
    if not rest:
        return list(sums)
    first, last = min(one.first_at for one in sums), max(one.last_at for one in sums)
    return [*sums, _Sum("", "", "track", _hour_of(last), rest, first, last)]


async def _add(uow: UnitOfWork, sums: Sequence[_Sum]) -> None:
    known = {
        (row.source, row.name)
        for row in await uow.execute(
            "SELECT source, name FROM event_seen WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
        )
    }
    merged: dict[tuple[str, str], list[_Sum]] = {}
    for one in sums:
        pair = (one.source, one.name)
        if pair not in known:
            if len(known) >= PAIRS_MAX:
                pair = ("", "")
            known.add(pair)
        merged.setdefault(pair, []).append(one)
    pairs = sorted(merged.items())
    await _execute(uow, _ADD_SEEN, [_seen_row(pair, group) for pair, group in pairs])
    await _execute(uow, _ADD_HOURS, [row for pair, group in pairs for row in _hour_rows(pair, group)])


_ADD_SEEN: Final = """
INSERT INTO event_seen AS s (tenant_id, source, name, kind, events, first_at, last_at)
SELECT %(tenant)s, * FROM unnest(%(source)s::text[], %(name)s::text[], %(kind)s::text[], %(events)s::bigint[],
    %(first_at)s::timestamptz[], %(last_at)s::timestamptz[])
ON CONFLICT (tenant_id, source, name) DO UPDATE SET events = s.events + excluded.events,
    first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at)
"""
_ADD_HOURS: Final = """
INSERT INTO event_hour AS h (tenant_id, source, name, hour, events)
SELECT %(tenant)s, * FROM unnest(%(source)s::text[], %(name)s::text[], %(hour)s::timestamptz[],
    %(events)s::bigint[])
ON CONFLICT (tenant_id, hour, source, name) DO UPDATE SET events = h.events + excluded.events
"""


async def _execute(uow: UnitOfWork, statement: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    await (await uow.raw()).execute(statement, {"tenant": uow.tenant_id, **columns})


def _seen_row(pair: tuple[str, str], group: Sequence[_Sum]) -> dict[str, Any]:
    return {
        "source": pair[0],
        "name": pair[1],
        "kind": group[0].kind,
        "events": sum(one.events for one in group),
        "first_at": min(one.first_at for one in group),
        "last_at": max(one.last_at for one in group),
    }


def _hour_rows(pair: tuple[str, str], group: Sequence[_Sum]) -> list[dict[str, Any]]:
    by_hour: dict[datetime, int] = {}
    for one in group:
        if one.hour.year > 1970:  # Older than what is kept by hour.
            by_hour[one.hour] = by_hour.get(one.hour, 0) + one.events
    return [
        {"source": pair[0], "name": pair[1], "hour": hour, "events": events}
        for hour, events in sorted(by_hour.items())
    ]


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
