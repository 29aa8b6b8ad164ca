"""Messages follow the people they were for: when two turn out to be one, and when they come apart again."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId

Connection = psycopg.AsyncConnection[Any]


async def follow_merges(
    connection: Connection, tenant_id: TenantId, moves: Mapping[PersonId, PersonId]
) -> dict[int, PersonId]:
    """Give messages to whom their people turned out to be, and remember for whom they were planned.

    Return whose each message that moved is now.
    """
    cursor = await connection.execute(
        """
        UPDATE message_intent i SET person_id = m.new,
            origin_person_id = coalesce(i.origin_person_id, i.person_id)
        FROM unnest(%(old)b::int[], %(new)b::int[]) AS m (old, new)
        WHERE i.tenant_id = %(tenant)s AND i.person_id = m.old
        RETURNING i.id, i.person_id
        """,
        {"tenant": tenant_id, "old": list(moves), "new": list(moves.values())},
    )
    return dict(await cursor.fetchall())


async def follow_splits(
    connection: Connection, tenant_id: TenantId, splits: Sequence[tuple[int, int, int]]
) -> dict[int, PersonId]:
    """Give (person id, from, to) who came apart the messages planned for them; return whose they are now."""
    cursor = await connection.execute(
        """
        UPDATE message_intent i SET person_id = s.new
        FROM unnest(%(own)b::int[], %(old)b::int[], %(new)b::int[]) AS s (own, old, new)
        WHERE i.tenant_id = %(tenant)s AND i.person_id = s.old AND i.origin_person_id = s.own
        RETURNING i.id, i.person_id
        """,
        {
            "tenant": tenant_id,
            "own": [own for own, _, _ in splits],
            "old": [old for _, old, _ in splits],
            "new": [new for _, _, new in splits],
        },
    )
    return dict(await cursor.fetchall())


async def follow_recipients(
    connection: Connection, tenant_id: TenantId, moves: Sequence[tuple[int, bytes, int, int]]
) -> dict[int, PersonId]:
    """Give messages to (account, recipient) of a person (from) to whose it is (to); return whose they are."""
    cursor = await connection.execute(
        """
        UPDATE message_intent i SET person_id = r.new
        FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(old)b::int[], %(new)b::int[])
            AS r (account_id, recipient, old, new)
        WHERE i.tenant_id = %(tenant)s AND i.person_id = r.old AND i.account_id = r.account_id
            AND i.recipient = r.recipient
        RETURNING i.id, i.person_id
        """,
        {
            "tenant": tenant_id,
            "accounts": [one[0] for one in moves],
            "recipients": [one[1] for one in moves],
            "old": [one[2] for one in moves],
            "new": [one[3] for one in moves],
        },
    )
    return dict(await cursor.fetchall())
