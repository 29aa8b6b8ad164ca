"""What people no longer want: each opt-out as it was said, and what counts for a person today.

``message_optout_said`` keeps an opt-out under the id it was said for, for good; ``message_optout`` holds the
strictest of all that are one person today. So people who come apart have theirs again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.contracts import OptOutScope

Connection = psycopg.AsyncConnection[Any]


async def opt_out(
    connection: Connection,
    tenant_id: TenantId,
    person_id: PersonId,
    scope: OptOutScope,
    *,
    members: Sequence[PersonId],
    now: datetime,
) -> None:
    """Write what a person no longer wants, for each of the ids they are made of: should these come apart,
    nobody can tell who of them said it, so it goes on counting for all.
    """
    await connection.execute(
        """
        INSERT INTO message_optout_said (tenant_id, origin_id, person_id, scope, since)
        SELECT %(tenant)s, origin_id, %(person)s, %(scope)s, %(now)s
        FROM unnest(%(origins)b::int[]) AS o (origin_id) ORDER BY origin_id
        ON CONFLICT (tenant_id, origin_id) DO UPDATE SET
            scope = excluded.scope, person_id = excluded.person_id
        """,
        {
            "tenant": tenant_id,
            "person": person_id,
            "scope": str(scope),
            "now": now,
            "origins": sorted({person_id, *members}),
        },
    )
    await _sum_up(connection, tenant_id, [person_id])


async def opt_in(connection: Connection, tenant_id: TenantId, person_id: PersonId) -> None:
    """Forget that a person had opted out, whoever of them said it."""
    await connection.execute(
        "DELETE FROM message_optout_said WHERE tenant_id = %s AND person_id = %s", (tenant_id, person_id)
    )
    await _sum_up(connection, tenant_id, [person_id])


async def follow_merges(
    connection: Connection, tenant_id: TenantId, moves: Mapping[PersonId, PersonId]
) -> None:
    """Let opt-outs follow people who turned out to be somebody else; of two, the stricter counts."""
    await connection.execute(
        """
        UPDATE message_optout_said o SET person_id = m.new
        FROM unnest(%(old)b::int[], %(new)b::int[]) AS m (old, new)
        WHERE o.tenant_id = %(tenant)s AND o.person_id = m.old
        """,
        {"tenant": tenant_id, "old": list(moves), "new": list(moves.values())},
    )
    await _sum_up(connection, tenant_id, {*moves, *moves.values()})


async def follow_splits(
    connection: Connection, tenant_id: TenantId, splits: Sequence[tuple[int, int, int]]
) -> int:
    """Give (person id, from, to) who came apart the opt-outs that were said for them; return to how many."""
    cursor = await connection.execute(
        """
        UPDATE message_optout_said o SET person_id = s.new
        FROM unnest(%(own)b::int[], %(old)b::int[], %(new)b::int[]) AS s (own, old, new)
        WHERE o.tenant_id = %(tenant)s AND o.origin_id = s.own AND o.person_id = s.old
        RETURNING s.new
        """,
        {
            "tenant": tenant_id,
            "own": [own for own, _, _ in splits],
            "old": [old for _, old, _ in splits],
            "new": [new for _, _, new in splits],
        },
    )
    given = {row[0] for row in await cursor.fetchall()}
    await _sum_up(connection, tenant_id, {person for _, *ends in splits for person in ends})
    return len(given)


async def find_optouts(
    connection: Connection, tenant_id: TenantId, person_ids: Sequence[PersonId]
) -> Mapping[PersonId, OptOutScope]:
    """Return the opt-outs of those who have one."""
    cursor = await connection.execute(
        "SELECT person_id, scope FROM message_optout WHERE tenant_id = %s AND person_id = ANY(%s)",
        (tenant_id, list(person_ids)),
    )
    return {PersonId(person_id): OptOutScope(scope) for person_id, scope in await cursor.fetchall()}


async def _sum_up(connection: Connection, tenant_id: TenantId, person_ids: Iterable[int]) -> None:
    """Write anew what counts for these people."""
    people = sorted(set(person_ids))
    await connection.execute(
        """
        DELETE FROM message_optout o WHERE o.tenant_id = %(tenant)s AND o.person_id = ANY(%(people)b)
            AND NOT EXISTS (SELECT FROM message_optout_said s
                WHERE s.tenant_id = o.tenant_id AND s.person_id = o.person_id)
        """,
        {"tenant": tenant_id, "people": people},
    )
    await connection.execute(
        """
        INSERT INTO message_optout AS o (tenant_id, person_id, scope, since)
        SELECT tenant_id, person_id, min(scope), min(since) FROM message_optout_said
        WHERE tenant_id = %(tenant)s AND person_id = ANY(%(people)b)
        GROUP BY tenant_id, person_id ORDER BY person_id
        ON CONFLICT (tenant_id, person_id) DO UPDATE SET scope = excluded.scope, since = excluded.since
        """,  # 'all' sorts before 'marketing', so the least is the stricter.
        {"tenant": tenant_id, "people": people},
    )
