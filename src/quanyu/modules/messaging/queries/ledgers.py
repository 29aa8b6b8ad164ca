"""Send windows: taken for a whole batch by one statement, so that no two workers overshoot.

Rows are locked in key order; counters before windows, everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.rules import Windows

Connection = psycopg.AsyncConnection[Any]
WindowKey = tuple[int, bytes]  # account id, recipient token


@dataclass(frozen=True, slots=True)
class TakenWindow:
    """One message of one opening of a window."""

    account_id: int
    recipient: bytes
    kind: str
    opened_at: datetime


async def peek_windows(
    connection: Connection, tenant_id: TenantId, keys: Sequence[WindowKey], *, now: datetime
) -> Mapping[WindowKey, Windows]:
    """Return what each recipient's windows allow at ``now``; those without any are left out."""
    if not keys:
        return {}
    cursor = await connection.execute(
        """
        SELECT w.account_id, w.recipient, bool_or(w.used < w.granted)
        FROM message_window w
        JOIN unnest(%(accounts)b::bigint[], %(recipients)b::bytea[]) AS k (account_id, recipient)
            USING (account_id, recipient)
        WHERE w.tenant_id = %(tenant)s AND w.expires_at > %(now)s
        GROUP BY w.account_id, w.recipient
        """,
        {"tenant": tenant_id, "now": now, **_key_arrays(keys)},
    )
    return {
        (account_id, recipient): Windows.OPEN if has_budget else Windows.SPENT
        for account_id, recipient, has_budget in await cursor.fetchall()
    }


async def take_windows(
    connection: Connection, tenant_id: TenantId, keys: Sequence[WindowKey], *, now: datetime
) -> Mapping[WindowKey, TakenWindow]:
    """Take one message from the window of each recipient that ends first and has one left. Keys must differ.

    The platform charges in the same order (observed behaviour of short windows inside a long one).
    """
    if not keys:
        return {}
    cursor = await connection.execute(
        """
        WITH held AS (
            SELECT w.* FROM message_window w
            JOIN unnest(%(accounts)b::bigint[], %(recipients)b::bytea[]) AS k (account_id, recipient)
                USING (account_id, recipient)
            WHERE w.tenant_id = %(tenant)s AND w.expires_at > %(now)s
            ORDER BY w.account_id, w.recipient, w.kind
            FOR UPDATE OF w
        ), payer AS (
            SELECT DISTINCT ON (account_id, recipient) account_id, recipient, kind
            FROM held WHERE used < granted
            ORDER BY account_id, recipient, expires_at, kind
        )
        UPDATE message_window w SET used = w.used + 1
        FROM payer p
        WHERE w.tenant_id = %(tenant)s AND w.account_id = p.account_id AND w.recipient = p.recipient
            AND w.kind = p.kind AND w.used < w.granted
        RETURNING w.account_id, w.recipient, w.kind, w.opened_at
        """,
        {"tenant": tenant_id, "now": now, **_key_arrays(keys)},
    )
    return {(row[0], row[1]): TakenWindow(*row) for row in await cursor.fetchall()}


async def charge_windows(
    connection: Connection, tenant_id: TenantId, charges: Mapping[WindowKey, datetime]
) -> None:
    """Count one message each that went out beside us at an instant, in the window that ended first.

    A window opened since has its own budget, so it is left alone.
    """
    if not charges:
        return
    await connection.execute(
        """
        WITH held AS (
            SELECT w.* FROM message_window w
            JOIN unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(instants)b::timestamptz[])
                AS k (account_id, recipient, at) USING (account_id, recipient)
            WHERE w.tenant_id = %(tenant)s AND w.opened_at <= k.at AND w.expires_at > k.at
            ORDER BY w.account_id, w.recipient, w.kind
            FOR UPDATE OF w
        ), payer AS (
            SELECT DISTINCT ON (account_id, recipient) account_id, recipient, kind
            FROM held WHERE used < granted
            ORDER BY account_id, recipient, expires_at, kind
        )
        UPDATE message_window w SET used = w.used + 1
        FROM payer p
        WHERE w.tenant_id = %(tenant)s AND w.account_id = p.account_id AND w.recipient = p.recipient
            AND w.kind = p.kind AND w.used < w.granted
        """,
        {"tenant": tenant_id, **_key_arrays(list(charges)), "instants": list(charges.values())},
    )


async def refund_windows(connection: Connection, tenant_id: TenantId, taken: Sequence[TakenWindow]) -> None:
    """Give messages back to the openings they were taken from; an opening renewed since keeps its count."""
    if not taken:
        return
    await connection.execute(
        """
        WITH back AS (
            SELECT account_id, recipient, kind, opened_at, count(*)::int AS units
            FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(kinds)b::text[],
                %(openings)b::timestamptz[]) AS b (account_id, recipient, kind, opened_at)
            GROUP BY account_id, recipient, kind, opened_at
        ), held AS (
            SELECT w.account_id, w.recipient, w.kind, b.units FROM message_window w
            JOIN back b USING (account_id, recipient, kind, opened_at)
            WHERE w.tenant_id = %(tenant)s
            ORDER BY w.account_id, w.recipient, w.kind FOR UPDATE OF w
        )
        UPDATE message_window w SET used = greatest(w.used - h.units, 0)
        FROM held h
        WHERE w.tenant_id = %(tenant)s AND w.account_id = h.account_id AND w.recipient = h.recipient
            AND w.kind = h.kind
        """,
        {
            "tenant": tenant_id,
            **_key_arrays([(window.account_id, window.recipient) for window in taken]),
            "kinds": [window.kind for window in taken],
            "openings": [window.opened_at for window in taken],
        },
    )


@dataclass(frozen=True, slots=True)
class WindowOpening:
    """Something a person did that lets the account write to them."""

    account_id: int
    recipient: bytes
    person_id: PersonId
    kind: str
    opened_at: datetime
    expires_at: datetime
    granted: int


async def open_windows(
    connection: Connection, tenant_id: TenantId, openings: Sequence[WindowOpening]
) -> None:
    """Open or renew windows; an opening older than the one known changes nothing, so repeating is safe.

    Messages on their way or handed over since the action already count against the new budget: the
    platform counts them there, however late we hear of the action. Keys must differ.
    """
    if not openings:
        return
    await connection.execute(
        """
        INSERT INTO message_window AS w
            (tenant_id, account_id, recipient, kind, opened_at, expires_at, granted, used)
        SELECT %(tenant)s, o.account_id, o.recipient, o.kind, o.opened_at, o.expires_at, o.granted,
            least(o.granted, (
                SELECT count(*) FROM message_intent i
                WHERE i.tenant_id = %(tenant)s AND i.person_id = o.person_id AND i.recipient = o.recipient
                    AND i.window_kind = o.kind
                    AND (i.state = 'reserved'
                        OR i.state IN ('handed', 'accepted', 'unknown') AND i.handed_at >= o.opened_at)
            ))
        FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(persons)b::int[], %(kinds)b::text[],
            %(openings)b::timestamptz[], %(expiries)b::timestamptz[], %(grants)b::int[])
            AS o (account_id, recipient, person_id, kind, opened_at, expires_at, granted)
        ORDER BY o.account_id, o.recipient, o.kind
        ON CONFLICT (tenant_id, account_id, recipient, kind) DO UPDATE SET
            opened_at = excluded.opened_at, expires_at = excluded.expires_at,
            granted = excluded.granted, used = excluded.used
        WHERE w.opened_at < excluded.opened_at
        """,
        {
            "tenant": tenant_id,
            **_key_arrays([(opening.account_id, opening.recipient) for opening in openings]),
            "persons": [opening.person_id for opening in openings],
            "kinds": [opening.kind for opening in openings],
            "openings": [opening.opened_at for opening in openings],
            "expiries": [opening.expires_at for opening in openings],
            "grants": [opening.granted for opening in openings],
        },
    )


async def close_windows(
    connection: Connection, tenant_id: TenantId, closings: Sequence[tuple[int, bytes, datetime]]
) -> None:
    """End the windows a recipient had open at an instant; later ones stay."""
    await _settle_windows(
        connection, tenant_id, closings, "expires_at = greatest(w.opened_at, least(w.expires_at, h.at))"
    )


async def spend_windows(
    connection: Connection, tenant_id: TenantId, spent: Sequence[tuple[int, bytes, datetime]]
) -> None:
    """Mark the windows a recipient had open at an instant as used up; later ones stay."""
    await _settle_windows(connection, tenant_id, spent, "used = w.granted")


async def _settle_windows(
    connection: Connection, tenant_id: TenantId, rows: Sequence[tuple[int, bytes, datetime]], change: str
) -> None:
    if not rows:
        return
    await connection.execute(
        f"""
        WITH latest AS (
            SELECT account_id, recipient, max(at) AS at
            FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(instants)b::timestamptz[])
                AS r (account_id, recipient, at)
            GROUP BY account_id, recipient
        ), held AS (
            SELECT w.account_id, w.recipient, w.kind, l.at FROM message_window w
            JOIN latest l USING (account_id, recipient)
            WHERE w.tenant_id = %(tenant)s AND w.opened_at <= l.at
            ORDER BY w.account_id, w.recipient, w.kind FOR UPDATE OF w
        )
        UPDATE message_window w SET {change}
        FROM held h
        WHERE w.tenant_id = %(tenant)s AND w.account_id = h.account_id AND w.recipient = h.recipient
            AND w.kind = h.kind
        """,  # noqa: S608 - the change is one of two literals.
        {
            "tenant": tenant_id,
            **_key_arrays([(account_id, recipient) for account_id, recipient, _ in rows]),
            "instants": [at for _, _, at in rows],
        },
    )


async def purge(connection: Connection, tenant_id: TenantId, *, before: datetime, rows_max: int) -> int:
    """Delete some counters and windows that ended before ``before``; return how many."""
    deleted = 0
    for table in ("person_message_counter", "message_window"):
        cursor = await connection.execute(
            f"""
            WITH ended AS MATERIALIZED (
                SELECT ctid FROM {table} WHERE tenant_id = %s AND expires_at < %s
                LIMIT %s FOR UPDATE SKIP LOCKED
            )
            DELETE FROM {table} USING ended WHERE {table}.ctid = ended.ctid
            """,  # noqa: S608 - the names are the two literals above.
            (tenant_id, before, rows_max),
        )
        deleted += cursor.rowcount
    return deleted


def _key_arrays(keys: Sequence[WindowKey]) -> dict[str, Any]:
    return {
        "accounts": [account_id for account_id, _ in keys],
        "recipients": [recipient for _, recipient in keys],
    }
