"""What the door keeps about replies, in the transaction that makes the callback durable."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import psycopg

from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId


class Answered(Protocol):
    """A callback row, as far as its reply goes."""

    @property
    def tenant_id(self) -> TenantId: ...
    @property
    def account_id(self) -> AccountId: ...
    @property
    def delivery(self) -> bytes: ...
    @property
    def openid_token(self) -> bytes | None: ...
    @property
    def reference(self) -> str: ...
    @property
    def late(self) -> tuple[bytes, ...]: ...


async def keep_late(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[Answered], now: datetime
) -> None:
    """Write the contents that go out after the answer."""
    parts = [
        (row, number, content) for row in rows if row.openid_token for number, content in enumerate(row.late)
    ]
    if not parts:
        return
    await connection.execute(
        _KEEP,
        {
            "tenants": [row.tenant_id for row, _, _ in parts],
            "accounts": [row.account_id for row, _, _ in parts],
            "deliveries": [row.delivery for row, _, _ in parts],
            "parts": [number for _, number, _ in parts],
            "tokens": [row.openid_token for row, _, _ in parts],
            "references": [row.reference for row, _, _ in parts],
            "contents": [content.decode() for _, _, content in parts],
            "now": now,
        },
    )


async def find_replies(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[Answered]
) -> dict[tuple[AccountId, bytes], bytes]:
    """Return what was answered the first time to those of ``rows`` that were answered; one brand's rows."""
    if not rows:
        return {}
    cursor = await connection.execute(
        _FIND,
        {
            "tenant": rows[0].tenant_id,
            "accounts": [row.account_id for row in rows],
            "deliveries": [row.delivery for row in rows],
        },
    )
    return {
        (AccountId(account), bytes(delivery)): reply.encode()
        for account, delivery, reply in await cursor.fetchall()
    }


_KEEP: Final = """
INSERT INTO late_reply (tenant_id, account_id, delivery, part, openid_token, reference, content, state,
    due_at, created_at, updated_at)
SELECT n.*, 'waiting', %(now)s, %(now)s, %(now)s FROM unnest(
    %(tenants)s::int[], %(accounts)s::bigint[], %(deliveries)s::bytea[], %(parts)s::int[],
    %(tokens)s::bytea[], %(references)s::text[], %(contents)s::jsonb[]
) AS n
ON CONFLICT DO NOTHING
"""
_FIND: Final = """
SELECT r.account_id, r.delivery, r.reply::text FROM raw_callback r
JOIN unnest(%(accounts)s::bigint[], %(deliveries)s::bytea[]) AS k (account_id, delivery)
    ON k.account_id = r.account_id AND k.delivery = r.delivery
WHERE r.tenant_id = %(tenant)s AND r.reply IS NOT NULL
"""
