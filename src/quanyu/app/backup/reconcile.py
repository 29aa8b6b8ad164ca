"""Making both engines agree after a restore: PostgreSQL decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.flows.pipeline.replay import drop_tables
from quanyu.infra.warehouse import Warehouse

# The cursor may stand on an older batch that was stored anew; the newest stored one counts.
_STORED_UPTO = """
    SELECT c.tenant_id, greatest(c.batch_id, coalesce(max(b.batch_id), 0))
    FROM log_cursor c LEFT JOIN log_batch b ON b.tenant_id = c.tenant_id AND b.state = 'stored'
    WHERE c.consumer = 'store' GROUP BY c.tenant_id, c.batch_id
"""
Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was done to make them agree."""

    brands: int
    rows_cut: int
    batches_reopened: int
    archived_days: int


async def reconcile(connection: Connection, warehouse: Warehouse) -> Reconciled:
    """Cut the warehouse to PostgreSQL's store cursors; have what it lacks stored again. Idempotent."""
    brands = await _rows(connection, "SELECT tenant_id FROM brand")
    cursors = dict(await _rows(connection, _STORED_UPTO))
    before = await _count(warehouse)
    await _cut(warehouse, cursors)
    reopened = 0
    for tenant_id in cursors:
        reopened += await reopen_missing(connection, warehouse, tenant_id)
    await _forget_replays(connection, warehouse)
    await _copy_people_anew(connection, warehouse)
    await _compare_segments_anew(connection)
    await connection.commit()
    ((days,),) = await _rows(
        connection, "SELECT count(DISTINCT day) FROM log_archive WHERE dropped_at IS NOT NULL"
    )
    return Reconciled(len(brands), before - await _count(warehouse), reopened, days)


async def hold_sending(connection: Connection, *, now: datetime, made_at: str) -> None:
    """Hold every brand's messages: those sent after the backup are not in it, and would go out again.

    What waits in the backup counts as planned before the hold, whatever clock planned it.
    """
    await connection.execute(
        """
        INSERT INTO message_hold (tenant_id, reason, since, made_at)
        SELECT b.tenant_id, 'restored', greatest(%(now)s, (
            SELECT max(i.planned_at) FROM message_intent i WHERE i.tenant_id = b.tenant_id
        )), %(made)s FROM brand b
        ON CONFLICT (tenant_id) DO UPDATE SET reason = excluded.reason, since = excluded.since,
            made_at = excluded.made_at, released_at = NULL
        """,
        {"now": now, "made": datetime.fromisoformat(made_at)},
    )


async def _cut(warehouse: Warehouse, cursors: Mapping[int, int]) -> None:
    """Delete rows past each brand's cursor, and those of brands that did not exist yet."""
    for tenant_id, batch_id in cursors.items():
        await warehouse.command(
            "DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND batch_id > {batch:UInt64}",
            {"tenant": tenant_id, "batch": batch_id},
        )
    await warehouse.command(
        "DELETE FROM events WHERE NOT has({known:Array(UInt32)}, tenant_id)", {"known": list(cursors)}
    )


async def reopen_missing(connection: Connection, warehouse: Warehouse, tenant_id: int) -> int:
    """Open again every stored batch whose rows the warehouse does not hold in full."""
    expected = await _rows(
        connection,
        "SELECT batch_id, count, dropped FROM log_batch WHERE tenant_id = %s AND state = 'stored'",
        tenant_id,
    )
    held: dict[int, int] = dict(
        await warehouse.query(
            "SELECT batch_id, count() FROM events WHERE tenant_id = {tenant:UInt32} GROUP BY batch_id",
            {"tenant": tenant_id},
        )
    )
    missing = [batch_id for batch_id, count, gone in expected if held.get(batch_id, 0) != count - gone]
    if missing:
        await warehouse.command(
            "DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND has({batches:Array(UInt64)}, batch_id)",
            {"tenant": tenant_id, "batches": missing},
        )
        await connection.execute(
            "UPDATE log_batch SET state = 'resolved', attempt = attempt + 1, dropped = 0 "
            "WHERE tenant_id = %s AND batch_id = ANY(%s)",
            [tenant_id, missing],
        )
        again = sum(count for batch_id, count, _ in expected if batch_id in set(missing))
        await connection.execute(
            "UPDATE log_cursor SET events = events - %s WHERE tenant_id = %s AND consumer = 'store'",
            [again, tenant_id],
        )
    return len(missing)


async def _forget_replays(connection: Connection, warehouse: Warehouse) -> None:
    """Throw half-done replays away: the two engines stood at different points of them."""
    await drop_tables(warehouse)
    await connection.execute("DELETE FROM log_replay")


async def _copy_people_anew(connection: Connection, warehouse: Warehouse) -> None:
    """Empty the warehouse's copies of people and note everybody as changed: the copier brings them back."""
    for table in ("person_alias", "profiles"):
        await warehouse.command(f"TRUNCATE TABLE {table}")
    await warehouse.reload_people()
    await connection.execute(
        "INSERT INTO person_change (tenant_id, person_id, profile, remapped) "
        "SELECT tenant_id, id, true, canonical_id <> id FROM person"
    )


async def _compare_segments_anew(connection: Connection) -> None:
    """Have every segment's memberships in the warehouse compared with PostgreSQL's before the next use."""
    await connection.execute("UPDATE segment SET mirrored = -1")


async def _count(warehouse: Warehouse) -> int:
    return int((await warehouse.query("SELECT count() FROM events"))[0][0])


async def _rows(connection: Connection, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return await (await connection.execute(sql, list(parameters))).fetchall()
