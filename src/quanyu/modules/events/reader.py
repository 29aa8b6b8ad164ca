"""Reading the log in commit order, without ever skipping a row that commits late.

Sequence numbers are drawn before commit, so a reader that remembers only the highest one it saw
loses rows of transactions that were still open. The log is therefore read by (transaction id,
position), and only below the horizon: the oldest transaction of this database that may still write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from quanyu.kernel.ids import TenantId

BATCH_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a consumer stands: everything up to and including (xid, position) is done."""

    epoch: int
    xid: int
    position: int
    batch_id: int
    events: int


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A resolved range of the log, in the order accepted."""

    batch_id: int
    epoch: int
    count: int
    from_xid: int
    to_xid: int
    received_from: datetime
    received_to: datetime
    positions: Sequence[int]
    person_ids: Sequence[int | None]


async def read_horizon(connection: psycopg.AsyncConnection[Any]) -> int:
    """Return the transaction id below which every row of the log is final.

    xmax is read *first*, in a statement of its own: a transaction that starts between the two
    statements is then at or above it. Only this database's writers count, so a long transaction in
    another database of the same server does not stall us. Running transactions carry 32-bit ids, which
    are widened with the epoch of xmax.
    """
    cursor = await connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    row = await cursor.fetchone()
    assert row is not None
    xmax: int = row[0]
    cursor = await connection.execute(
        """
        SELECT backend_xid::text::bigint FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
        UNION ALL
        SELECT transaction::text::bigint FROM pg_prepared_xacts WHERE database = current_database()
        """
    )
    running = [_widen(short, xmax) for (short,) in await cursor.fetchall()]
    return min([xmax, *running])


def _widen(short_xid: int, xmax: int) -> int:
    """Give a 32-bit transaction id the epoch it had: the one that puts it at or below ``xmax``."""
    wide = (xmax & ~0xFFFFFFFF) | short_xid
    # An id drawn after xmax was read stays above it; one from before the wrap belongs an epoch lower.
    return wide - (1 << 32) if wide - xmax > 1 << 31 else wide


async def lock_cursor(
    connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, consumer: str, *, now: datetime
) -> Cursor:
    """Take ``consumer``'s cursor for this transaction, making it at the start of the log if new."""
    found = await _lock_existing(connection, tenant_id, consumer)
    if found is None:
        await connection.execute(
            "INSERT INTO log_cursor (tenant_id, consumer, updated_at) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (tenant_id, consumer, now),
        )
        found = await _lock_existing(connection, tenant_id, consumer)
    assert found is not None
    return found


async def _lock_existing(
    connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, consumer: str
) -> Cursor | None:
    cursor = await connection.execute(
        "SELECT epoch, xid::text::bigint, position, batch_id, events FROM log_cursor "
        "WHERE tenant_id = %s AND consumer = %s FOR UPDATE",
        (tenant_id, consumer),
    )
    row = await cursor.fetchone()
    return Cursor(*row) if row is not None else None


async def move_cursor(
    connection: psycopg.AsyncConnection[Any],
    tenant_id: TenantId,
    consumer: str,
    to: Cursor,
    *,
    now: datetime,
) -> None:
    """Set where ``consumer`` stands; commits with the work that was done."""
    await connection.execute(
        "UPDATE log_cursor SET epoch = %s, xid = %s::text::xid8, position = %s, batch_id = %s, events = %s, "
        "updated_at = %s WHERE tenant_id = %s AND consumer = %s",
        (to.epoch, str(to.xid), to.position, to.batch_id, to.events, now, tenant_id, consumer),
    )


async def current_epoch(connection: psycopg.AsyncConnection[Any], tenant_id: TenantId) -> int:
    """Return the epoch of the log: it rises when the log goes on in another database cluster."""
    cursor = await connection.execute(
        "SELECT coalesce(max(epoch), 1) FROM log_epoch WHERE tenant_id = %s", (tenant_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def note_epoch(connection: psycopg.AsyncConnection[Any], *, now: datetime) -> None:
    """Begin an epoch for every brand whose log was not yet in this database cluster. Idempotent."""
    await connection.execute(
        """
        INSERT INTO log_epoch (tenant_id, epoch, system_identifier, started_at)
        SELECT b.tenant_id, coalesce(max(e.epoch), 0) + 1, s.system_identifier, %s
        FROM brand b CROSS JOIN pg_control_system() s LEFT JOIN log_epoch e USING (tenant_id)
        GROUP BY b.tenant_id, s.system_identifier
        HAVING NOT coalesce(bool_or(e.system_identifier = s.system_identifier), false)
        """,
        (now,),
    )
