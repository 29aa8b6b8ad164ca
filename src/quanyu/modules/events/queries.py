"""Every statement of the log."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import LogRecord
from quanyu.modules.events.copy_text import COLUMNS


async def claim_keys(
    connection: psycopg.AsyncConnection[Any], tenant_id: TenantId, keys: Sequence[tuple[bytes, bytes]]
) -> list[tuple[int, bytes]]:
    """Insert (key, body hash) pairs; return (place, stored body hash) of those that were there already."""
    if not keys:
        return []
    cursor = await connection.execute(
        """
        WITH offered AS (
            SELECT key, body_hash, place
            FROM unnest(%(keys)s::uuid[], %(hashes)s::uuid[]) WITH ORDINALITY AS o (key, body_hash, place)
        ), added AS (
            INSERT INTO event_key (tenant_id, key, body_hash)
            SELECT %(tenant)s, key, body_hash FROM offered ORDER BY key
            ON CONFLICT DO NOTHING
            RETURNING key
        )
        SELECT (place - 1)::int, key FROM offered WHERE key NOT IN (SELECT key FROM added)
        """,
        {
            "tenant": tenant_id,
            "keys": _uuid_array([key for key, _ in keys]),
            "hashes": _uuid_array([body_hash for _, body_hash in keys]),
        },
    )
    known = await cursor.fetchall()
    if not known:
        return []
    # A second statement, because only a new snapshot sees what a concurrent writer has just committed.
    cursor = await connection.execute(
        "SELECT key, body_hash FROM event_key WHERE tenant_id = %s AND key = ANY(%s)",
        (tenant_id, [key for _, key in known]),
    )
    stored = {key: body_hash.bytes for key, body_hash in await cursor.fetchall()}
    return [(place, stored[key]) for place, key in known]


async def copy_into_log(connection: psycopg.AsyncConnection[Any], lines: bytes) -> None:
    """COPY prepared lines into the log."""
    async with connection.cursor() as cursor, cursor.copy(f"COPY log_event ({COLUMNS}) FROM STDIN") as copy:
        await copy.write(lines)


async def partition_exists(connection: psycopg.AsyncConnection[Any], day: date) -> bool:
    """Whether the log has a partition for ``day`` (UTC)."""
    cursor = await connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"log_event_{day:%Y%m%d}",))
    row = await cursor.fetchone()
    return bool(row and row[0])


async def ensure_partition(connection: psycopg.AsyncConnection[Any], day: date) -> bool:
    """Make the log's partition for ``day`` (UTC) if it is missing; tell whether it is there now.

    Waits for others for less than a second. Without it, events of that day go to the default partition.
    """
    cursor = await connection.execute("SELECT ensure_log_partition(%s)", (day,))
    row = await cursor.fetchone()
    return bool(row and row[0])


async def keep_conflict(
    connection: psycopg.AsyncConnection[Any],
    tenant_id: TenantId,
    key: bytes,
    record: LogRecord,
    seen_at: datetime,
) -> None:
    """Keep the name of an event that came again with another body."""
    await connection.execute(
        """
        INSERT INTO event_conflict (tenant_id, key, body_hash, source, message_id, name, seen_at)
        VALUES (%s, %s::uuid, %s::uuid, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, key, body_hash) DO UPDATE SET times = event_conflict.times + 1
        """,
        (
            tenant_id,
            key.hex(),
            record.body_hash.hex(),
            record.source,
            record.message_id,
            record.name,
            seen_at,
        ),
    )


async def keep_aside(
    connection: psycopg.AsyncConnection[Any],
    tenant_id: TenantId,
    records: Sequence[LogRecord],
    received_at: datetime,
) -> None:
    """Keep events beside the log, in the transaction that accepts them."""
    rows = [(record, record.aside) for record in records if record.aside is not None]
    await connection.execute(
        """
        INSERT INTO event_quarantine (tenant_id, received_at, source, message_id, kind, name, occurred_at,
            violations, sealed)
        SELECT %(tenant)s, %(received_at)s, * FROM unnest(%(source)s::text[], %(message_id)s::text[],
            %(kind)s::text[], %(name)s::text[], %(occurred_at)s::timestamptz[],
            %(violations)s::text[]::json[], %(sealed)s::bytea[])
        """,
        {
            "tenant": tenant_id,
            "received_at": received_at,
            "source": [record.source.replace("\0", "") for record, _ in rows],
            "message_id": [record.message_id.replace("\0", "") for record, _ in rows],
            "kind": [record.kind for record, _ in rows],
            "name": [record.name.replace("\0", "") for record, _ in rows],
            "occurred_at": [record.occurred_at for record, _ in rows],
            "violations": [aside.violations_json.decode() for _, aside in rows],
            "sealed": [aside.sealed for _, aside in rows],
        },
    )


def _uuid_array(values: Sequence[bytes]) -> str:
    # An array literal: ten times cheaper than making a UUID object of each value.
    return "{" + ",".join([value.hex() for value in values]) + "}"
