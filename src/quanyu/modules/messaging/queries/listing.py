"""Reading messages for people: the list, and the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.contracts import TEST_PREFIX

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages to list."""

    state: str | None = None
    channel: str | None = None
    journey_id: int | None = None
    person_id: PersonId | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class ListedIntent:
    """One row of the list."""

    id: int
    person_id: PersonId
    channel: str
    kind: str
    message_class: str
    purpose: str
    state: str
    reason: str | None
    detail: str | None
    code: int | None
    sealed: bytes | None
    planned_at: datetime
    due_at: datetime
    updated_at: datetime
    attempts: int
    journey_id: int | None
    node_id: str | None
    origin_key: str


_LISTED: Final = (
    "id, person_id, channel, kind, class, purpose, state, reason, detail, code, sealed, planned_at, due_at, "
    "updated_at, attempts, journey_id, node_id, origin_key"
)


async def list_messages(
    connection: Connection, tenant_id: TenantId, wanted: MessageFilter, *, rows_max: int
) -> list[ListedIntent]:
    """Return messages, newest first."""
    # Only the conditions in use are written, so that the planner can choose the index that serves them.
    conditions = {
        "state": "state = %(state)s",
        "channel": "channel = %(channel)s",
        "journey_id": "journey_id = %(journey_id)s",
        "person_id": "person_id = %(person_id)s",
        "before_id": "id < %(before_id)s",
    }
    used = [sql for name, sql in conditions.items() if getattr(wanted, name) is not None]
    cursor = await connection.execute(
        f"""
        SELECT {_LISTED} FROM message_intent
        WHERE {" AND ".join(["tenant_id = %(tenant)s", *used])}
        ORDER BY id DESC LIMIT %(rows)s
        """,  # noqa: S608 - made of the constants above.
        {
            "tenant": tenant_id,
            "state": wanted.state,
            "channel": wanted.channel,
            "journey_id": wanted.journey_id,
            "person_id": wanted.person_id,
            "before_id": wanted.before_id,
            "rows": rows_max,
        },
    )
    return [ListedIntent(*row) for row in await cursor.fetchall()]


async def find_message(
    connection: Connection, tenant_id: TenantId, message_id: int
) -> tuple[ListedIntent, Sequence[Any]] | None:
    """Return one message and its trace."""
    cursor = await connection.execute(
        f"SELECT {_LISTED}, decisions FROM message_intent WHERE tenant_id = %s AND id = %s",  # noqa: S608 - the columns above.
        (tenant_id, message_id),
    )
    row = await cursor.fetchone()
    return None if row is None else (ListedIntent(*row[:-1]), row[-1])


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages share a journey, a state and a reason."""

    journey_id: int | None
    state: str
    reason: str | None
    count: int


async def tally(
    connection: Connection, tenant_id: TenantId, *, journey_id: int | None = None, channel: str | None = None
) -> list[Tally]:
    """Count all messages, or those of one journey or one channel."""
    conditions = {"journey_id = %(journey)s": journey_id, "channel = %(channel)s": channel}
    wanted = "".join(f" AND {condition}" for condition, value in conditions.items() if value is not None)
    cursor = await connection.execute(
        f"""
        SELECT journey_id, state, reason, count(*) FROM message_intent
        WHERE tenant_id = %(tenant)s AND NOT starts_with(origin_key, %(test)s) {wanted}
        GROUP BY journey_id, state, reason
        """,  # noqa: S608 - the conditions are constants.
        {"tenant": tenant_id, "journey": journey_id, "channel": channel, "test": TEST_PREFIX},
    )
    return [Tally(*row) for row in await cursor.fetchall()]


async def tally_nodes(
    connection: Connection, tenant_id: TenantId, journey_id: int
) -> Sequence[tuple[str | None, str, str | None, int]]:
    """Count one journey's messages as (node, state, reason, count)."""
    cursor = await connection.execute(
        """
        SELECT node_id, state, reason, count(*) FROM message_intent
        WHERE tenant_id = %s AND journey_id = %s
        GROUP BY node_id, state, reason ORDER BY node_id, state, reason
        """,
        (tenant_id, journey_id),
    )
    return [(row[0], row[1], row[2], row[3]) for row in await cursor.fetchall()]
