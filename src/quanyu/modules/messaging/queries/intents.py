"""Intents: writing decisions, and reading them for the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.contracts import MessageClass, MessageKind
from quanyu.modules.messaging.queries.credits import TakenCredit
from quanyu.modules.messaging.queries.ledgers import TakenWindow
from quanyu.modules.messaging.traces import KEPT_MAX

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class KnownIntent:
    """What an origin key already led to."""

    id: int
    source_hash: bytes
    person_id: PersonId
    state: str
    reason: str | None
    due_at: datetime


@dataclass(slots=True, kw_only=True)
class IntentRow:
    """A decided message as it is first written."""

    id: int
    origin_key: str
    source_hash: bytes
    person_id: PersonId
    account_id: int
    channel: str
    kind: str
    message_class: str
    purpose: str
    state: str
    reason: str | None
    detail: str | None
    template_id: str | None
    recipient: bytes | None
    sealed: bytes | None
    body_hash: bytes | None
    journey_id: int | None
    node_id: str | None
    due_at: datetime
    wake_at: datetime | None
    expires_at: datetime
    window: TakenWindow | None
    credit: TakenCredit | None
    holds: tuple[str, ...]
    campaign: str
    priority: int
    decision: str = "[]"  # As ``traces.write_trace`` puts it.


async def find_by_origin(
    connection: Connection, tenant_id: TenantId, origin_keys: Sequence[str]
) -> dict[str, KnownIntent]:
    """Return the messages these origin keys already led to."""
    cursor = await connection.execute(
        """
        SELECT origin_key, id, source_hash, person_id, state, reason, due_at FROM message_intent
        WHERE tenant_id = %s AND origin_key = ANY(%s)
        """,
        (tenant_id, list(origin_keys)),
    )
    return {row[0]: KnownIntent(*row[1:]) for row in await cursor.fetchall()}


_COLUMNS: Mapping[str, str] = {
    "id": "bigint",
    "origin_key": "text",
    "source_hash": "bytea",
    "person_id": "int",
    "account_id": "bigint",
    "channel": "text",
    "kind": "text",
    "class": "text",
    "purpose": "text",
    "state": "text",
    "reason": "text",
    "detail": "text",
    "template_id": "text",
    "recipient": "bytea",
    "sealed": "bytea",
    "body_hash": "bytea",
    "journey_id": "bigint",
    "node_id": "text",
    "due_at": "timestamptz",
    "wake_at": "timestamptz",
    "expires_at": "timestamptz",
    "window_kind": "text",
    "window_opened_at": "timestamptz",
    "credit_since": "timestamptz",
    "campaign_key": "text",
    "priority": "smallint",
    "decisions": "jsonb",
    "holds": "text",
}
_HOLD_SEPARATOR = "\n"  # An array of arrays must be rectangular, so each row's holds travel as one text.

_INSERT = f"""
INSERT INTO message_intent
    (tenant_id, planned_at, updated_at, {", ".join(_COLUMNS)})
SELECT %(tenant)s, %(now)s, %(now)s,
    {", ".join(name for name in _COLUMNS if name != "holds")},
    coalesce(string_to_array(nullif(holds, ''), E'\\n'), '{{}}')
FROM unnest({", ".join(f"%({name})b::{kind}[]" for name, kind in _COLUMNS.items())})
    AS r ({", ".join(_COLUMNS)})
ORDER BY origin_key
ON CONFLICT (tenant_id, origin_key) DO NOTHING
RETURNING id
"""  # noqa: S608 - made of the column names above.


async def insert(
    connection: Connection,
    tenant_id: TenantId,
    rows: Sequence[IntentRow],
    *,
    now: datetime,
) -> set[int]:
    """Write decided messages; return the ids written: an origin key taken meanwhile is left out."""
    if not rows:
        return set()
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "now": now,
        "id": [row.id for row in rows],
        "origin_key": [row.origin_key for row in rows],
        "source_hash": [row.source_hash for row in rows],
        "person_id": [row.person_id for row in rows],
        "account_id": [row.account_id for row in rows],
        "channel": [row.channel for row in rows],
        "kind": [row.kind for row in rows],
        "class": [row.message_class for row in rows],
        "purpose": [row.purpose for row in rows],
        "state": [row.state for row in rows],
        "reason": [row.reason for row in rows],
        "detail": [row.detail for row in rows],
        "template_id": [row.template_id for row in rows],
        "recipient": [row.recipient for row in rows],
        "sealed": [row.sealed for row in rows],
        "body_hash": [row.body_hash for row in rows],
        "journey_id": [row.journey_id for row in rows],
        "node_id": [row.node_id for row in rows],
        "due_at": [row.due_at for row in rows],
        "wake_at": [row.wake_at for row in rows],
        "expires_at": [row.expires_at for row in rows],
        "window_kind": [row.window.kind if row.window else None for row in rows],
        "window_opened_at": [row.window.opened_at if row.window else None for row in rows],
        "credit_since": [row.credit.since if row.credit else None for row in rows],
        "campaign_key": [row.campaign for row in rows],
        "priority": [row.priority for row in rows],
        "decisions": [row.decision for row in rows],
        "holds": [_HOLD_SEPARATOR.join(row.holds) for row in rows],
    }
    cursor = await connection.execute(_INSERT, values)
    return {identifier for (identifier,) in await cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class HeldIntent:
    """A message that waited for quiet hours to end."""

    id: int
    origin_key: str
    person_id: PersonId
    account_id: int
    kind: MessageKind
    message_class: MessageClass
    purpose: str
    template_id: str | None
    recipient: bytes
    sealed: bytes
    body_hash: bytes
    journey_id: int | None
    node_id: str | None
    expires_at: datetime
    campaign: str


async def lock_due_held(
    connection: Connection, tenant_id: TenantId, *, now: datetime, rows_max: int
) -> list[HeldIntent]:
    """Lock some held messages whose time has come, leaving out those another worker is at."""
    cursor = await connection.execute(
        """
        SELECT id, origin_key, person_id, account_id, kind, class, purpose, template_id, recipient, sealed,
            body_hash, journey_id, node_id, expires_at, campaign_key
        FROM message_intent
        WHERE tenant_id = %s AND wake_at <= %s AND state = 'planned'
        ORDER BY wake_at LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        (tenant_id, now, rows_max),
    )
    return [_held(row) for row in await cursor.fetchall()]


def _held(row: Sequence[Any]) -> HeldIntent:
    values = list(row)
    values[4] = MessageKind(values[4])
    values[5] = MessageClass(values[5])
    return HeldIntent(*values)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """The new decision about a message that exists."""

    id: int
    state: str
    reason: str | None
    wake_at: datetime | None
    window: TakenWindow | None
    holds: tuple[str, ...]
    detail: str | None = None
    credit: TakenCredit | None = None
    decision: str = "[]"  # As ``traces.write_trace`` puts it.


async def write_decisions(
    connection: Connection, tenant_id: TenantId, rows: Sequence[DecisionRow], *, now: datetime
) -> None:
    """Write decisions about messages this transaction has locked."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE message_intent i SET
            state = r.state, reason = r.reason, detail = r.detail, wake_at = r.wake_at,
            due_at = coalesce(r.wake_at, i.due_at),
            window_kind = r.window_kind, window_opened_at = r.window_opened_at,
            credit_since = r.credit_since,
            holds = coalesce(string_to_array(nullif(r.holds, ''), E'\\n'), '{}'),
            decisions = CASE WHEN jsonb_array_length(i.decisions) < %(kept)s THEN i.decisions
                ELSE i.decisions - 0 END || r.decision,
            updated_at = %(now)s
        FROM unnest(%(ids)b::bigint[], %(states)b::text[], %(reasons)b::text[], %(wakes)b::timestamptz[],
            %(kinds)b::text[], %(openings)b::timestamptz[], %(holds)b::text[], %(details)b::text[],
            %(credits)b::timestamptz[], %(decisions)b::jsonb[])
            AS r (id, state, reason, wake_at, window_kind, window_opened_at, holds, detail, credit_since,
                decision)
        WHERE i.tenant_id = %(tenant)s AND i.id = r.id
        """,
        {
            "tenant": tenant_id,
            "now": now,
            "ids": [row.id for row in rows],
            "states": [row.state for row in rows],
            "reasons": [row.reason for row in rows],
            "wakes": [row.wake_at for row in rows],
            "kinds": [row.window.kind if row.window else None for row in rows],
            "openings": [row.window.opened_at if row.window else None for row in rows],
            "holds": [_HOLD_SEPARATOR.join(row.holds) for row in rows],
            "details": [row.detail for row in rows],
            "credits": [row.credit.since if row.credit else None for row in rows],
            "decisions": [row.decision for row in rows],
            "kept": KEPT_MAX,
        },
    )
