"""The queues of campaigns: which have something due, and taking from several at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.fairness import Queue
from quanyu.modules.messaging.lanes import Stock

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class DueQueue:
    """A queue something is due in, and how fast its campaign may go at most."""

    queue: Queue
    rate_per_s: float | None


# One step of the recursion finds the next campaign by the index, however many messages lie between.
_LIST = """
WITH RECURSIVE q AS (
    (SELECT f.account_id, m.priority, m.campaign_key FROM unnest(%(accounts)s::bigint[]) AS f (account_id)
    CROSS JOIN LATERAL (
        SELECT priority, campaign_key FROM message_intent m
        WHERE m.tenant_id = %(tenant)s AND m.account_id = f.account_id AND m.state = 'reserved'
            AND m.wake_at IS NOT NULL
        ORDER BY priority, campaign_key LIMIT 1
    ) m)
    UNION ALL
    SELECT q.account_id, n.priority, n.campaign_key FROM q CROSS JOIN LATERAL (
        SELECT priority, campaign_key FROM message_intent m
        WHERE m.tenant_id = %(tenant)s AND m.account_id = q.account_id AND m.state = 'reserved'
            AND m.wake_at IS NOT NULL AND (m.priority, m.campaign_key) > (q.priority, q.campaign_key)
        ORDER BY priority, campaign_key LIMIT 1
    ) n
)
SELECT q.account_id, q.priority, q.campaign_key, c.rate_per_s
FROM q LEFT JOIN message_campaign c ON c.tenant_id = %(tenant)s AND c.campaign_key = q.campaign_key
WHERE c.paused_at IS NULL AND c.stopped_at IS NULL AND EXISTS (
    SELECT FROM message_intent m
    WHERE m.tenant_id = %(tenant)s AND m.account_id = q.account_id AND m.state = 'reserved'
        AND m.priority = q.priority AND m.campaign_key = q.campaign_key AND m.wake_at <= %(now)s
)
"""


async def list_due(
    connection: Connection, tenant_id: TenantId, accounts: Sequence[int], *, now: datetime
) -> list[DueQueue]:
    """Return the queues of these accounts that have something due and may send."""
    if not accounts:
        return []
    cursor = await connection.execute(_LIST, {"tenant": tenant_id, "accounts": list(accounts), "now": now})
    return [DueQueue(Queue(row[0], row[1], row[2]), row[3]) for row in await cursor.fetchall()]


async def lock_stocks(
    connection: Connection, tenant_id: TenantId, names: Sequence[str]
) -> dict[str, Stock | None]:
    """Lock what may be sent at once under these names, in their order; ``None``: nobody sent before."""
    await connection.execute("SET LOCAL synchronous_commit = off")  # A lease that is lost is filled again.
    await connection.execute(
        """
        INSERT INTO message_rate (tenant_id, name, tokens, filled_s)
        SELECT %s, name, -1, 0 FROM unnest(%s::text[]) AS n (name)
        WHERE NOT EXISTS (SELECT FROM message_rate r WHERE r.tenant_id = %s AND r.name = n.name)
        ORDER BY name ON CONFLICT DO NOTHING
        """,
        (tenant_id, list(names), tenant_id),
    )
    cursor = await connection.execute(
        """
        SELECT name, tokens, filled_s FROM message_rate
        WHERE tenant_id = %s AND name = ANY(%s) ORDER BY name FOR UPDATE
        """,
        (tenant_id, list(names)),
    )
    return {row[0]: Stock(row[1], row[2]) if row[2] else None for row in await cursor.fetchall()}


async def save_stocks(connection: Connection, tenant_id: TenantId, stocks: Mapping[str, Stock]) -> None:
    """Write locked stocks back."""
    await connection.execute(
        """
        UPDATE message_rate r SET tokens = s.tokens, filled_s = s.filled_s
        FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS s (name, tokens, filled_s)
        WHERE r.tenant_id = %s AND r.name = s.name
        """,
        (
            list(stocks),
            [stock.tokens for stock in stocks.values()],
            [stock.filled_s for stock in stocks.values()],
            tenant_id,
        ),
    )
