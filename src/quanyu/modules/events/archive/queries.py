"""Every statement of the archive. Places in the log are (xid, position)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import psycopg

from quanyu.modules.events.archive.contracts import ArchivedDay, ArchivePart, day_bounds
from quanyu.modules.events.archive.schema import SELECTED

Connection = psycopg.AsyncConnection[Any]
Place = tuple[int, int]  # (xid, position)
START: Final[Place] = (0, 0)
DROP_LOCK: Final = 7106  # Held shared by whoever reads all of the log: ``drop_log_partition`` takes it.

_PART: Final = (
    "tenant_id, day, part, file, events, bytes, sha256, from_xid::text::bigint, from_position, "
    "to_xid::text::bigint, to_position, from_batch, to_batch, written_at, dropped_at"
)


async def list_days(connection: Connection, *, before: date) -> list[date]:
    """Return the days before ``before`` that the log did not let go of yet, oldest first."""
    cursor = await connection.execute(
        """
        SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'log_event'::regclass AND c.relname ~ '^log_event_[0-9]{8}$'
        UNION SELECT day FROM log_archive WHERE dropped_at IS NULL
        """
    )
    days = {day for (day,) in await cursor.fetchall()}
    return sorted(day for day in days | await _strays(connection, before) if day < before)


async def _strays(connection: Connection, before: date) -> set[date]:
    """Return the days of events that lie in the default partition, which is normally empty."""
    cursor = await connection.execute(
        "SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM log_event_default "
        "WHERE received_at < %s LIMIT 1000",
        (day_bounds(before)[0],),
    )
    return {day for (day,) in await cursor.fetchall()}


async def list_brands(connection: Connection, day: date) -> list[int]:
    """Return the brands that have events of this day in the log."""
    since, until = day_bounds(day)
    cursor = await connection.execute(
        """
        WITH RECURSIVE brands AS (
            (SELECT tenant_id FROM log_event WHERE received_at >= %(since)s AND received_at < %(until)s
             ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT l.tenant_id FROM log_event l WHERE l.tenant_id > b.tenant_id
                        AND l.received_at >= %(since)s AND l.received_at < %(until)s
                    ORDER BY l.tenant_id LIMIT 1)
            FROM brands b WHERE b.tenant_id IS NOT NULL
        )
        SELECT tenant_id FROM brands WHERE tenant_id IS NOT NULL
        """,
        {"since": since, "until": until},
    )
    return [tenant_id for (tenant_id,) in await cursor.fetchall()]


async def last_place(connection: Connection, tenant_id: int, day: date) -> Place | None:
    """Return where the brand's last event of the day lies; ``None`` when there is none."""
    since, until = day_bounds(day)
    cursor = await connection.execute(
        "SELECT xid::text::bigint, position FROM log_event WHERE tenant_id = %s AND received_at >= %s "
        "AND received_at < %s ORDER BY xid DESC, position DESC LIMIT 1",
        (tenant_id, since, until),
    )
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def laggard(
    connection: Connection, tenant_id: int, last: Place, consumers: Sequence[str]
) -> str | None:
    """Return who has not passed ``last`` yet: resolve, store, or the first of ``consumers``."""
    cursor = await connection.execute(
        "SELECT consumer, batch_id, position, (xid, position) >= (%s::text::xid8, %s) FROM log_cursor "
        "WHERE tenant_id = %s",
        (str(last[0]), last[1], tenant_id),
    )
    cursors = {row[0]: row[1:] for row in await cursor.fetchall()}
    if "resolve" not in cursors or not cursors["resolve"][2]:
        return "resolve"
    cursor = await connection.execute(
        """
        SELECT b.batch_id, b.count, EXISTS (
            SELECT FROM log_batch o WHERE o.tenant_id = b.tenant_id AND o.state <> 'stored'
                AND o.batch_id <= b.batch_id
        ) FROM log_batch b
        WHERE b.tenant_id = %s AND (b.to_xid, b.to_position) >= (%s::text::xid8, %s)
        ORDER BY b.to_xid, b.to_position LIMIT 1
        """,
        (tenant_id, str(last[0]), last[1]),
    )
    batch = await cursor.fetchone()
    if batch is None or batch[2]:
        return "store"
    # A reaction's cursor counts the events it has passed inside its batch.
    passed = {name for name, at in cursors.items() if (at[0], at[1]) >= (batch[0], batch[1])}
    return next((name for name in consumers if name not in passed), None)


_CHUNK: Final = """
COPY (
    WITH stretch AS MATERIALIZED (
        SELECT * FROM log_event
        WHERE tenant_id = {tenant} AND received_at >= '{since}' AND received_at < '{until}'
            AND (xid, position) > ('{xid}'::xid8, {position})
        ORDER BY xid, position LIMIT {rows}
    ), batch AS MATERIALIZED (
        SELECT b.batch_id, b.applied_at, p.position, p.person_id
        FROM log_batch b CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
        WHERE b.tenant_id = {tenant} AND b.to_xid >= (SELECT min(xid) FROM stretch)
            AND b.from_xid <= (SELECT max(xid) FROM stretch)
    )
    SELECT {columns} FROM stretch l LEFT JOIN batch b ON b.position = l.position
    ORDER BY l.xid, l.position
) TO STDOUT (FORMAT csv)
"""


async def copy_chunk(connection: Connection, tenant_id: int, day: date, *, after: Place, rows: int) -> bytes:
    """Return up to ``rows`` events of the brand's day behind ``after``, as CSV."""
    # The planner takes an array for a few rows and would compare every row with every element.
    await connection.execute("SET LOCAL enable_nestloop = off")
    since, until = day_bounds(day)
    statement = _CHUNK.format(
        tenant=int(tenant_id),
        since=since,
        until=until,
        xid=int(after[0]),
        position=int(after[1]),
        rows=int(rows),
        columns=SELECTED,
    )
    pieces: list[bytes] = []
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        async for piece in copy:
            pieces.append(bytes(piece))
    return b"".join(pieces)


async def count_between(
    connection: Connection, tenant_id: int, day: date, *, after: Place, upto: Place
) -> int:
    """Count the brand's events of the day behind ``after`` up to and including ``upto``."""
    since, until = day_bounds(day)
    cursor = await connection.execute(
        "SELECT count(*) FROM log_event WHERE tenant_id = %s AND received_at >= %s AND received_at < %s "
        "AND (xid, position) > (%s::text::xid8, %s) AND (xid, position) <= (%s::text::xid8, %s)",
        (tenant_id, since, until, str(after[0]), after[1], str(upto[0]), upto[1]),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def add_part(connection: Connection, part: ArchivePart) -> None:
    """Write down that a part is on the disk."""
    await connection.execute(
        """
        INSERT INTO log_archive (tenant_id, day, part, file, events, bytes, sha256, from_xid, from_position,
            to_xid, to_position, from_batch, to_batch, written_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::text::xid8, %s, %s::text::xid8, %s, %s, %s, %s)
        """,
        (
            part.tenant_id,
            part.day,
            part.part,
            part.file,
            part.events,
            part.size_bytes,
            part.sha256,
            str(part.from_xid),
            part.from_position,
            str(part.to_xid),
            part.to_position,
            part.from_batch,
            part.to_batch,
            part.written_at,
        ),
    )


async def list_parts(connection: Connection, day: date, *, tenant_id: int | None = None) -> list[ArchivePart]:
    """Return the parts of a day, of one brand or of all, in order."""
    cursor = await connection.execute(
        f"SELECT {_PART} FROM log_archive WHERE day = %(day)s "  # noqa: S608 - constants only.
        "AND (tenant_id = %(tenant)s OR %(tenant)s::int IS NULL) ORDER BY tenant_id, part",
        {"day": day, "tenant": tenant_id},
    )
    return [_part(row) for row in await cursor.fetchall()]


async def forget_parts(connection: Connection, first: ArchivePart) -> None:
    """Forget a part and those behind it; only while the log still holds their events."""
    await connection.execute(
        "DELETE FROM log_archive WHERE tenant_id = %s AND day = %s AND part >= %s AND dropped_at IS NULL",
        (first.tenant_id, first.day, first.part),
    )


async def parts_of_batches(
    connection: Connection, tenant_id: int, *, first: int, last: int
) -> list[ArchivePart]:
    """Return the parts that may hold events of the batches ``first`` to ``last``, in order."""
    cursor = await connection.execute(
        f"SELECT {_PART} FROM log_archive "  # noqa: S608 - constants only.
        "WHERE tenant_id = %s AND to_batch >= %s AND from_batch <= %s ORDER BY day, part",
        (tenant_id, first, last),
    )
    return [_part(row) for row in await cursor.fetchall()]


async def next_alone(connection: Connection, tenant_id: int, *, after: str) -> tuple[str, str] | None:
    """Return the next part whose events the log let go of, as a place to go on behind, and its file."""
    cursor = await connection.execute(
        """
        SELECT place, file FROM (
            SELECT to_char(day, 'YYYY-MM-DD-') || lpad(part::text, 9, '0') AS place, file
            FROM log_archive WHERE tenant_id = %s AND dropped_at IS NOT NULL
        ) p WHERE place > %s ORDER BY place LIMIT 1
        """,
        (tenant_id, after),
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def archived_days(
    connection: Connection, tenant_id: int, *, before: date | None, rows: int
) -> list[ArchivedDay]:
    """Return what the archive holds of the days before ``before``, newest first."""
    cursor = await connection.execute(
        """
        SELECT day, count(*)::int, sum(events)::bigint, sum(bytes)::bigint, bool_and(dropped_at IS NOT NULL)
        FROM log_archive WHERE tenant_id = %(tenant)s AND (day < %(before)s OR %(before)s::date IS NULL)
        GROUP BY day ORDER BY day DESC LIMIT %(rows)s
        """,
        {"tenant": tenant_id, "before": before, "rows": rows},
    )
    return [
        ArchivedDay(day=row[0], files=row[1], events=int(row[2]), size_bytes=int(row[3]), dropped=row[4])
        for row in await cursor.fetchall()
    ]


async def drop_day(connection: Connection, day: date, *, now: datetime) -> str:
    """Let the log go of a day's partition; return ``dropped``, ``busy`` or ``unarchived``."""
    cursor = await connection.execute("SELECT drop_log_partition(%s, %s)", (day, now))
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def has_partition(connection: Connection, day: date) -> bool:
    """Whether the day has a partition of its own, rather than a share of the default one."""
    cursor = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"log_event_{day:%Y%m%d}",))
    row = await cursor.fetchone()
    return bool(row and row[0])


async def delete_strays(connection: Connection, tenant_id: int, day: date, *, upto: Place, rows: int) -> int:
    """Delete archived events of a day that lie in the default partition; return how many."""
    since, until = day_bounds(day)
    cursor = await connection.execute(
        """
        DELETE FROM log_event WHERE tenant_id = %(tenant)s AND received_at >= %(since)s
            AND received_at < %(until)s AND (xid, position) <= (
                SELECT xid, position FROM (
                    SELECT xid, position FROM log_event WHERE tenant_id = %(tenant)s
                        AND received_at >= %(since)s AND received_at < %(until)s
                        AND (xid, position) <= (%(xid)s::text::xid8, %(position)s)
                    ORDER BY xid, position LIMIT %(rows)s
                ) first ORDER BY xid DESC, position DESC LIMIT 1
            )
        """,
        {
            "tenant": tenant_id,
            "since": since,
            "until": until,
            "xid": str(upto[0]),
            "position": upto[1],
            "rows": rows,
        },
    )
    return cursor.rowcount


async def mark_dropped(connection: Connection, day: date, *, now: datetime) -> None:
    """Write down that the archive alone holds a day."""
    await connection.execute(
        "UPDATE log_archive SET dropped_at = %s WHERE day = %s AND dropped_at IS NULL", (now, day)
    )


def _part(row: Any) -> ArchivePart:
    return ArchivePart(
        tenant_id=row[0],
        day=row[1],
        part=row[2],
        file=row[3],
        events=row[4],
        size_bytes=row[5],
        sha256=bytes(row[6]),
        from_xid=row[7],
        from_position=row[8],
        to_xid=row[9],
        to_position=row[10],
        from_batch=row[11],
        to_batch=row[12],
        written_at=row[13],
        dropped_at=row[14],
    )
