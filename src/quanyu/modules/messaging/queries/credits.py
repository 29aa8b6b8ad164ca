"""Credits in the database: taken for a whole batch by one statement, like windows.

Rows are locked in key order, after counters and windows. Only the subscriber makes rows, serially per brand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.credits import Credit, Credits

Connection = psycopg.AsyncConnection[Any]
CreditKey = tuple[int, bytes, str]  # account id, recipient token, template id


@dataclass(frozen=True, slots=True)
class TakenCredit:
    """One message of one count of a credit."""

    account_id: int
    recipient: bytes
    template_id: str
    since: datetime


_KEYS = """
    unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(templates)b::text[])
        AS k (account_id, recipient, template_id)
"""


async def peek_credits(
    connection: Connection, tenant_id: TenantId, keys: Sequence[CreditKey]
) -> Mapping[CreditKey, Credits]:
    """Return what people's credits allow; who never accepted is left out."""
    if not keys:
        return {}
    cursor = await connection.execute(
        f"""
        SELECT c.account_id, c.recipient, c.template_id, c.granted, c.used < c.granted OR c.long_term
        FROM message_credit c JOIN {_KEYS} USING (account_id, recipient, template_id)
        WHERE c.tenant_id = %(tenant)s
        """,  # noqa: S608 - made of the constant above.
        {"tenant": tenant_id, **_key_arrays(keys)},
    )
    return {
        (row[0], row[1], row[2]): _allows(granted=row[3], has_left=row[4]) for row in await cursor.fetchall()
    }


def _allows(*, granted: int, has_left: bool) -> Credits:
    if not granted:
        return Credits.MISSING
    return Credits.OPEN if has_left else Credits.SPENT


async def take_credits(
    connection: Connection, tenant_id: TenantId, keys: Sequence[CreditKey]
) -> Mapping[CreditKey, TakenCredit]:
    """Take one message from each credit that has one left. Keys must differ."""
    if not keys:
        return {}
    cursor = await connection.execute(
        f"""
        WITH held AS (
            SELECT c.account_id, c.recipient, c.template_id
            FROM message_credit c JOIN {_KEYS} USING (account_id, recipient, template_id)
            WHERE c.tenant_id = %(tenant)s AND c.granted > 0 AND (c.long_term OR c.used < c.granted)
            ORDER BY c.account_id, c.recipient, c.template_id FOR UPDATE OF c
        )
        UPDATE message_credit c SET used = c.used + 1
        FROM held h
        WHERE c.tenant_id = %(tenant)s AND c.account_id = h.account_id AND c.recipient = h.recipient
            AND c.template_id = h.template_id
        RETURNING c.account_id, c.recipient, c.template_id, c.since
        """,  # noqa: S608 - made of the constant above.
        {"tenant": tenant_id, **_key_arrays(keys)},
    )
    return {(row[0], row[1], row[2]): TakenCredit(*row) for row in await cursor.fetchall()}


async def refund_credits(connection: Connection, tenant_id: TenantId, taken: Sequence[TakenCredit]) -> None:
    """Give messages back to the counts they were taken from; a count begun anew since keeps its own."""
    if not taken:
        return
    await connection.execute(
        """
        WITH back AS (
            SELECT account_id, recipient, template_id, since, count(*)::int AS units
            FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(templates)b::text[],
                %(instants)b::timestamptz[]) AS b (account_id, recipient, template_id, since)
            GROUP BY account_id, recipient, template_id, since
        ), held AS (
            SELECT c.account_id, c.recipient, c.template_id, b.units FROM message_credit c
            JOIN back b USING (account_id, recipient, template_id, since)
            WHERE c.tenant_id = %(tenant)s
            ORDER BY c.account_id, c.recipient, c.template_id FOR UPDATE OF c
        )
        UPDATE message_credit c SET used = greatest(c.used - h.units, 0)
        FROM held h
        WHERE c.tenant_id = %(tenant)s AND c.account_id = h.account_id AND c.recipient = h.recipient
            AND c.template_id = h.template_id
        """,
        {
            "tenant": tenant_id,
            **_key_arrays([(one.account_id, one.recipient, one.template_id) for one in taken]),
            "instants": [one.since for one in taken],
        },
    )


async def empty_credits(
    connection: Connection, tenant_id: TenantId, refused: Sequence[tuple[TakenCredit, datetime]]
) -> None:
    """The platform counts nothing (43101) for (credit, instant of the call): begin anew with nothing.

    Somebody who accepted again since the call keeps what they gave.
    """
    if not refused:
        return
    await connection.execute(
        """
        WITH latest AS (
            SELECT account_id, recipient, template_id, max(at) AS at
            FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(templates)b::text[],
                %(instants)b::timestamptz[]) AS r (account_id, recipient, template_id, at)
            GROUP BY account_id, recipient, template_id
        ), held AS (
            SELECT c.account_id, c.recipient, c.template_id, l.at FROM message_credit c
            JOIN latest l USING (account_id, recipient, template_id)
            WHERE c.tenant_id = %(tenant)s AND c.updated_at <= l.at
            ORDER BY c.account_id, c.recipient, c.template_id FOR UPDATE OF c
        )
        UPDATE message_credit c SET granted = 0, used = 0, since = h.at
        FROM held h
        WHERE c.tenant_id = %(tenant)s AND c.account_id = h.account_id AND c.recipient = h.recipient
            AND c.template_id = h.template_id
        """,
        {
            "tenant": tenant_id,
            **_key_arrays([(one.account_id, one.recipient, one.template_id) for one, _ in refused]),
            "instants": [at for _, at in refused],
        },
    )


async def lock_credits(
    connection: Connection, tenant_id: TenantId, keys: Sequence[CreditKey]
) -> dict[CreditKey, Credit]:
    """Return the rows of some keys that exist, locked in key order."""
    cursor = await connection.execute(
        f"""
        SELECT c.account_id, c.recipient, c.template_id, c.granted, c.used, c.long_term, c.since,
            c.updated_at, c.position, c.person_id
        FROM message_credit c JOIN {_KEYS} USING (account_id, recipient, template_id)
        WHERE c.tenant_id = %(tenant)s
        ORDER BY c.account_id, c.recipient, c.template_id FOR UPDATE OF c
        """,  # noqa: S608 - made of the constant above.
        {"tenant": tenant_id, **_key_arrays(keys)},
    )
    return {
        (row[0], row[1], row[2]): Credit(
            granted=row[3],
            used=row[4],
            long_term=row[5],
            since=row[6],
            updated_at=row[7],
            position=row[8],
            person_id=PersonId(row[9]),
        )
        for row in await cursor.fetchall()
    }


async def save_credits(
    connection: Connection, tenant_id: TenantId, credits: Mapping[CreditKey, Credit]
) -> None:
    """Write rows this transaction has locked, or that do not exist yet."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            """
            INSERT INTO message_credit (tenant_id, account_id, recipient, template_id, person_id,
                granted, used, long_term, since, updated_at, position)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (tenant_id, account_id, recipient, template_id) DO UPDATE SET
                person_id = excluded.person_id, granted = excluded.granted,
                used = excluded.used, long_term = excluded.long_term,
                since = excluded.since, updated_at = excluded.updated_at, position = excluded.position
            """,
            [
                (
                    *(tenant_id, *key, c.person_id, c.granted, c.used, c.long_term),
                    *(c.since, c.updated_at, c.position),
                )
                for key, c in sorted(credits.items())
            ],
        )


async def sent_elsewhere(
    connection: Connection, tenant_id: TenantId, sent: Sequence[tuple[int, bytes, int, str, str]]
) -> set[tuple[int, str]]:
    """Return (account, msgid) of those (account, recipient, person, template, msgid) other software sent.

    While a message of ours to the same person may be the one meant, nothing is said.
    """
    if not sent:
        return set()
    cursor = await connection.execute(
        """
        SELECT k.account_id, k.msgid
        FROM unnest(%(accounts)b::bigint[], %(recipients)b::bytea[], %(persons)b::int[],
            %(templates)b::text[], %(msgids)b::text[])
            AS k (account_id, recipient, person_id, template_id, msgid)
        WHERE NOT EXISTS (
            SELECT FROM message_intent i
            WHERE i.tenant_id = %(tenant)s AND i.account_id = k.account_id AND i.msgid = k.msgid
        ) AND NOT EXISTS (
            SELECT FROM message_intent i
            WHERE i.tenant_id = %(tenant)s AND i.person_id = k.person_id AND i.recipient = k.recipient
                AND i.template_id = k.template_id AND i.msgid IS NULL
                AND i.state IN ('handed', 'unknown', 'accepted')
        )
        """,
        {
            "tenant": tenant_id,
            "accounts": [one[0] for one in sent],
            "recipients": [one[1] for one in sent],
            "persons": [one[2] for one in sent],
            "templates": [one[3] for one in sent],
            "msgids": [one[4] for one in sent],
        },
    )
    return {(account_id, msgid) for account_id, msgid in await cursor.fetchall()}


def _key_arrays(keys: Sequence[CreditKey]) -> dict[str, Any]:
    return {
        "accounts": [account_id for account_id, _, _ in keys],
        "recipients": [recipient for _, recipient, _ in keys],
        "templates": [template_id for _, _, template_id in keys],
    }
