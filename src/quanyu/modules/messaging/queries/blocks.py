"""Rows of the blocklist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Block:
    """Why, by whom and until when somebody is blocked."""

    scope: str
    note: str
    actor: str
    blocked_at: datetime
    ends_at: datetime | None


async def scopes(
    connection: Connection, tenant_id: TenantId, people: Sequence[PersonId], *, now: datetime
) -> Mapping[PersonId, str]:
    """Return what those of ``people`` who are blocked do not get."""
    cursor = await connection.execute(
        "SELECT person_id, scope FROM message_block WHERE tenant_id = %s AND person_id = ANY(%s) "
        "AND (ends_at IS NULL OR ends_at > %s)",
        (tenant_id, list(people), now),
    )
    return dict(await cursor.fetchall())


async def save(connection: Connection, tenant_id: TenantId, people: Sequence[PersonId], block: Block) -> int:
    """Write the same entry for several people; return how many."""
    cursor = await connection.execute(
        """
        INSERT INTO message_block (tenant_id, person_id, scope, note, actor, blocked_at, ends_at)
        SELECT %s, person_id, %s, %s, %s, %s, %s FROM unnest(%s::int[]) AS p (person_id) ORDER BY person_id
        ON CONFLICT (tenant_id, person_id) DO UPDATE SET scope = excluded.scope, note = excluded.note,
            actor = excluded.actor, blocked_at = excluded.blocked_at, ends_at = excluded.ends_at
        """,
        (tenant_id, block.scope, block.note, block.actor, block.blocked_at, block.ends_at, list(people)),
    )
    return cursor.rowcount


async def delete(connection: Connection, tenant_id: TenantId, person_id: PersonId) -> None:
    """Take somebody off the list."""
    await connection.execute(
        "DELETE FROM message_block WHERE tenant_id = %s AND person_id = %s", (tenant_id, person_id)
    )


async def list_blocks(
    connection: Connection,
    tenant_id: TenantId,
    *,
    now: datetime,
    rows_max: int,
    before: int | None = None,
    person_id: PersonId | None = None,
) -> list[tuple[PersonId, Block]]:
    """Return entries that still hold, or one person's, the newest person ids first."""
    cursor = await connection.execute(
        """
        SELECT person_id, scope, note, actor, blocked_at, ends_at FROM message_block
        WHERE tenant_id = %(tenant)s AND (ends_at IS NULL OR ends_at > %(now)s)
            AND (%(before)s::int IS NULL OR person_id < %(before)s)
            AND (%(person)s::int IS NULL OR person_id = %(person)s)
        ORDER BY person_id DESC LIMIT %(rows)s
        """,
        {"tenant": tenant_id, "now": now, "before": before, "person": person_id, "rows": rows_max},
    )
    return [(PersonId(row[0]), Block(*row[1:])) for row in await cursor.fetchall()]


async def follow_merges(
    connection: Connection, tenant_id: TenantId, moves: Mapping[PersonId, PersonId]
) -> None:
    """Block who turned out to be one with somebody blocked; of two entries the stricter stays."""
    await _copy(connection, tenant_id, list(moves.items()))
    await connection.execute(
        "DELETE FROM message_block WHERE tenant_id = %s AND person_id = ANY(%s)", (tenant_id, list(moves))
    )


async def follow_splits(
    connection: Connection, tenant_id: TenantId, splits: Sequence[tuple[int, int]]
) -> None:
    """Keep both of (from, to) blocked who came apart: nobody said which of them was meant."""
    await _copy(connection, tenant_id, splits)


async def _copy(connection: Connection, tenant_id: TenantId, moves: Sequence[tuple[int, int]]) -> None:
    await connection.execute(
        """
        INSERT INTO message_block AS b (tenant_id, person_id, scope, note, actor, blocked_at, ends_at)
        SELECT DISTINCT ON (m.new) o.tenant_id, m.new, o.scope, o.note, o.actor, o.blocked_at, o.ends_at
        FROM message_block o
        JOIN unnest(%(old)b::int[], %(new)b::int[]) AS m (old, new) ON m.old = o.person_id
        WHERE o.tenant_id = %(tenant)s AND m.old <> m.new
        ORDER BY m.new, o.scope, o.ends_at DESC NULLS FIRST
        ON CONFLICT (tenant_id, person_id) DO UPDATE SET scope = least(b.scope, excluded.scope),
            ends_at = CASE WHEN b.ends_at IS NULL OR excluded.ends_at IS NULL THEN NULL
                ELSE greatest(b.ends_at, excluded.ends_at) END
        """,
        {
            "tenant": tenant_id,
            "old": [old for old, _ in moves],
            "new": [new for _, new in moves],
        },
    )
