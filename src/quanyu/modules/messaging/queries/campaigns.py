"""Campaigns: pausing, slowing down and stopping them, counting what became of their messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import TenantId

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Control:
    """What somebody decided about a campaign."""

    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    rate_per_s: float | None = None


async def find_control(connection: Connection, tenant_id: TenantId, campaign: str) -> Control:
    """Return what was decided about a campaign; nothing, for most."""
    cursor = await connection.execute(
        """
        SELECT paused_at, stopped_at, rate_per_s FROM message_campaign
        WHERE tenant_id = %s AND campaign_key = %s
        """,
        (tenant_id, campaign),
    )
    row = await cursor.fetchone()
    return Control(*row) if row else Control()


async def save(
    connection: Connection, tenant_id: TenantId, campaign: str, control: Control, *, now: datetime
) -> None:
    """Write what is decided about a campaign."""
    await connection.execute(
        """
        INSERT INTO message_campaign
            (tenant_id, campaign_key, paused_at, stopped_at, rate_per_s, updated_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, campaign_key) DO UPDATE SET paused_at = excluded.paused_at,
            stopped_at = excluded.stopped_at, rate_per_s = excluded.rate_per_s,
            updated_at = excluded.updated_at
        """,
        (tenant_id, campaign, control.paused_at, control.stopped_at, control.rate_per_s, now),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a campaign's messages are in a state for a reason, and how many went out just now."""

    by_state: Mapping[tuple[str, str | None], int]
    recent: int


async def count(connection: Connection, tenant_id: TenantId, campaign: str, *, since: datetime) -> Counts:
    """Count a campaign's messages; ``since``: what counts as just now."""
    cursor = await connection.execute(
        """
        SELECT state, reason, count(*), count(*) FILTER (WHERE handed_at > %s) FROM message_intent
        WHERE tenant_id = %s AND campaign_key = %s GROUP BY state, reason
        """,
        (since, tenant_id, campaign),
    )
    rows = await cursor.fetchall()
    return Counts({(row[0], row[1]): row[2] for row in rows}, sum(row[3] for row in rows))


async def list_open(connection: Connection, tenant_id: TenantId, *, rows_max: int) -> Sequence[str]:
    """Return the campaigns that have something waiting; each is found by the index, whatever lies between."""
    cursor = await connection.execute(
        """
        WITH RECURSIVE c AS (
            (SELECT campaign_key FROM message_intent
            WHERE tenant_id = %(tenant)s AND campaign_key <> '' ORDER BY campaign_key DESC LIMIT 1)
            UNION ALL
            SELECT n.campaign_key FROM c CROSS JOIN LATERAL (
                SELECT campaign_key FROM message_intent m
                WHERE m.tenant_id = %(tenant)s AND m.campaign_key <> '' AND m.campaign_key < c.campaign_key
                ORDER BY campaign_key DESC LIMIT 1
            ) n
        )
        SELECT campaign_key FROM c WHERE EXISTS (
            SELECT FROM message_intent m
            WHERE m.tenant_id = %(tenant)s AND m.campaign_key <> '' AND m.campaign_key = c.campaign_key
                AND m.state IN ('planned', 'reserved', 'handed')
        ) LIMIT %(rows)s
        """,
        {"tenant": tenant_id, "rows": rows_max},
    )
    return [campaign for (campaign,) in await cursor.fetchall()]


async def count_open(
    connection: Connection, tenant_id: TenantId, campaign: str, *, rows_max: int, held: bool
) -> int:
    """Count what waits of a campaign, no further than ``rows_max``."""
    states = ["reserved", "handed", "planned"] if held else ["reserved", "handed"]
    cursor = await connection.execute(
        """
        SELECT count(*) FROM (
            SELECT FROM message_intent WHERE tenant_id = %s AND campaign_key = %s AND campaign_key <> ''
                AND state = ANY(%s) LIMIT %s
        ) o
        """,
        (tenant_id, campaign, states, rows_max),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def find_states(
    connection: Connection, tenant_id: TenantId, message_ids: Sequence[int]
) -> dict[int, tuple[str, str | None]]:
    """Return (state, reason) of some messages."""
    cursor = await connection.execute(
        "SELECT id, state, reason FROM message_intent WHERE tenant_id = %s AND id = ANY(%s)",
        (tenant_id, list(message_ids)),
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def count_states(
    connection: Connection, tenant_id: TenantId, message_ids: Sequence[int]
) -> dict[str, int]:
    """Count some messages by state."""
    cursor = await connection.execute(
        "SELECT state, count(*) FROM message_intent WHERE tenant_id = %s AND id = ANY(%s) GROUP BY state",
        (tenant_id, list(message_ids)),
    )
    return dict(await cursor.fetchall())
