"""Sending: claiming messages, handing them over, and writing down what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.contracts import (
    TEST_PREFIX,
    HandedMessage,
    MessageClass,
    MessageKind,
    MessageState,
)
from quanyu.modules.messaging.fairness import Queue
from quanyu.modules.messaging.queries.credits import TakenCredit
from quanyu.modules.messaging.queries.ledgers import TakenWindow
from quanyu.modules.messaging.traces import KEPT_MAX, held, refused, write_trace

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Lane:
    """How one account is to be sent for."""

    account_id: int
    rate_per_s: float | None
    is_paused: bool  # This account's, or all of the brand's sending.
    has_repeats: bool  # Messages of unknown outcome that are to be repeated now.


@dataclass(frozen=True, slots=True)
class ClaimedIntent:
    """A locked message that is due, with what may have changed since it was reserved."""

    id: int
    origin_key: str
    person_id: PersonId
    account_id: int
    kind: MessageKind
    message_class: MessageClass
    purpose: str
    journey_id: int | None
    node_id: str | None
    recipient: bytes
    sealed: bytes
    expires_at: datetime
    window_kind: str | None
    window_opened_at: datetime | None
    holds: tuple[str, ...]
    attempts: int
    first_handed_at: datetime | None
    handed_at: datetime | None
    code: int | None
    was_unknown: bool  # An earlier attempt may have gone out.
    is_dropped: bool  # It waited in a backup, and whoever released sending decided against it.
    template_id: str | None
    credit_since: datetime | None
    campaign: str
    priority: int
    is_window_alive: bool  # What it took still stands: its window, or the count of its credit.

    @property
    def queue(self) -> Queue:
        """The queue this message stood in."""
        return Queue(self.account_id, self.priority, self.campaign)

    @property
    def window(self) -> TakenWindow | None:
        """The window this message was taken from."""
        if self.window_kind is None or self.window_opened_at is None:
            return None
        return TakenWindow(self.account_id, self.recipient, self.window_kind, self.window_opened_at)

    @property
    def credit(self) -> TakenCredit | None:
        """The credit this message was taken from."""
        if self.credit_since is None or self.template_id is None:
            return None
        return TakenCredit(self.account_id, self.recipient, self.template_id, self.credit_since)


async def ensure_lane(
    connection: Connection, tenant_id: TenantId, account_id: int, *, channel: str, now: datetime
) -> None:
    """Make the account known to the dispatcher."""
    await connection.execute(
        """
        INSERT INTO message_lane (tenant_id, account_id, channel, updated_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        (tenant_id, account_id, channel, now),
    )


async def list_lanes(connection: Connection, tenant_id: TenantId, *, now: datetime) -> list[Lane]:
    """Return the accounts messages go out for."""
    cursor = await connection.execute(
        """
        SELECT account_id, rate_per_s, paused_at IS NOT NULL OR EXISTS (
            SELECT FROM message_hold h WHERE h.tenant_id = l.tenant_id AND h.released_at IS NULL
        ), EXISTS (
            SELECT FROM message_intent m WHERE m.tenant_id = l.tenant_id AND m.account_id = l.account_id
                AND m.state = 'unknown' AND m.wake_at <= %s
        )
        FROM message_lane l WHERE tenant_id = %s ORDER BY account_id
        """,
        (now, tenant_id),
    )
    return [Lane(*row) for row in await cursor.fetchall()]


_SELECT = """
SELECT i.id, i.origin_key, i.person_id, i.account_id, i.kind, i.class, i.purpose, i.journey_id, i.node_id,
    i.recipient, i.sealed, i.expires_at, i.window_kind, i.window_opened_at, i.holds, i.attempts,
    i.first_handed_at, i.handed_at, i.code, i.state = 'unknown',
    EXISTS (
        SELECT FROM message_hold h WHERE h.tenant_id = i.tenant_id AND i.planned_at <= h.dropped_upto
    ) AS is_dropped,
    i.template_id, i.credit_since, i.campaign_key, i.priority,
"""
_FRESH = """
    (i.window_kind IS NULL OR EXISTS (
        SELECT FROM message_window w
        WHERE w.tenant_id = i.tenant_id AND w.account_id = i.account_id AND w.recipient = i.recipient
            AND w.kind = i.window_kind AND w.expires_at > %(now)s
    )) AND (i.credit_since IS NULL OR EXISTS (
        SELECT FROM message_credit c
        WHERE c.tenant_id = i.tenant_id AND c.account_id = i.account_id AND c.recipient = i.recipient
            AND c.template_id = i.template_id AND c.since = i.credit_since
    ))
"""

_OR_STOPPED = """OR EXISTS (
        SELECT FROM message_campaign c WHERE c.tenant_id = i.tenant_id AND c.campaign_key = i.campaign_key
            AND c.stopped_at IS NOT NULL
    )"""
_CLAIM = f"""
WITH due AS (
    SELECT d.* FROM unnest(
        %(accounts)b::bigint[], %(priorities)b::smallint[], %(campaigns)b::text[], %(limits)b::int[]
    ) AS f (account_id, priority, campaign_key, n)
    CROSS JOIN LATERAL (
        SELECT * FROM message_intent m
        WHERE m.tenant_id = %(tenant)s AND m.account_id = f.account_id AND m.state = 'reserved'
            AND m.priority = f.priority AND m.campaign_key = f.campaign_key AND m.wake_at <= %(now)s
        ORDER BY m.wake_at LIMIT f.n FOR UPDATE SKIP LOCKED
    ) d
    WHERE NOT EXISTS (
        SELECT FROM message_campaign c
        WHERE c.tenant_id = %(tenant)s AND c.campaign_key = f.campaign_key
            AND (c.paused_at IS NOT NULL OR c.stopped_at IS NOT NULL)
    )
)
{_SELECT}{_FRESH}
FROM due i
"""  # noqa: S608 - made of the constants above.
# Who stopped a campaign wants nothing of it repeated: what is unknown stays so.
_REPEATS = f"""
WITH due AS (
    SELECT d.* FROM unnest(%(accounts)b::bigint[], %(limits)b::int[]) AS f (account_id, n)
    CROSS JOIN LATERAL (
        SELECT * FROM message_intent m
        WHERE m.tenant_id = %(tenant)s AND m.account_id = f.account_id AND m.state = 'unknown'
            AND m.wake_at <= %(now)s
        ORDER BY m.wake_at LIMIT f.n FOR UPDATE SKIP LOCKED
    ) d
)
{_SELECT.replace("AS is_dropped", _OR_STOPPED)}{_FRESH}
FROM due i
"""  # noqa: S608 - made of the constants above.


async def lock_due(
    connection: Connection, tenant_id: TenantId, limits: Mapping[Queue, int], *, now: datetime
) -> list[ClaimedIntent]:
    """Lock reserved messages that are due, up to a limit per queue, but for those another worker is at."""
    if not limits:
        return []
    cursor = await connection.execute(
        _CLAIM,
        {
            "tenant": tenant_id,
            "accounts": [queue.account_id for queue in limits],
            "priorities": [queue.priority for queue in limits],
            "campaigns": [queue.campaign for queue in limits],
            "limits": list(limits.values()),
            "now": now,
        },
    )
    return [_claimed(row) for row in await cursor.fetchall()]


async def lock_repeats(
    connection: Connection, tenant_id: TenantId, limits: Mapping[int, int], *, now: datetime
) -> list[ClaimedIntent]:
    """Lock messages of unknown outcome whose repetition is due, up to a limit per account."""
    cursor = await connection.execute(
        _REPEATS,
        {"tenant": tenant_id, "accounts": list(limits), "limits": list(limits.values()), "now": now},
    )
    return [_claimed(row) for row in await cursor.fetchall()]


async def handing_workers(connection: Connection, tenant_id: TenantId, *, besides: int) -> list[int]:
    """Return the other workers that have messages in hand."""
    cursor = await connection.execute(
        """
        SELECT DISTINCT worker_id FROM message_intent
        WHERE tenant_id = %s AND state = 'handed' AND wake_at IS NOT NULL AND worker_id <> %s
        """,
        (tenant_id, besides),
    )
    return [worker_id for (worker_id,) in await cursor.fetchall()]


async def is_worker_gone(connection: Connection, worker_id: int) -> bool:
    """Tell whether a worker has ended: its lock is free. Holds the lock until the transaction ends."""
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (worker_id,))
    row = await cursor.fetchone()
    return bool(row and row[0])


async def lock_handed_by(
    connection: Connection, tenant_id: TenantId, worker_id: int, *, rows_max: int, now: datetime
) -> list[ClaimedIntent]:
    """Lock messages a worker left in hand."""
    cursor = await connection.execute(
        f"""
        {_SELECT}{_FRESH}
        FROM message_intent i
        WHERE i.tenant_id = %(tenant)s AND i.state = 'handed' AND i.wake_at IS NOT NULL
            AND i.worker_id = %(worker)s
        ORDER BY i.id LIMIT %(rows)s FOR UPDATE OF i SKIP LOCKED
        """,
        {"tenant": tenant_id, "worker": worker_id, "rows": rows_max, "now": now},
    )
    return [_claimed(row) for row in await cursor.fetchall()]


async def lock_open_of(
    connection: Connection, tenant_id: TenantId, campaign: str, *, rows_max: int, now: datetime
) -> list[ClaimedIntent]:
    """Lock messages of a campaign that wait, for their hour or their turn."""
    cursor = await connection.execute(
        f"""
        {_SELECT}{_FRESH}
        FROM message_intent i
        WHERE i.tenant_id = %(tenant)s AND i.campaign_key = %(campaign)s AND i.campaign_key <> ''
            AND i.state IN ('planned', 'reserved')
        LIMIT %(rows)s FOR UPDATE OF i
        """,
        {"tenant": tenant_id, "campaign": campaign, "rows": rows_max, "now": now},
    )
    return [_claimed(row) for row in await cursor.fetchall()]


async def mark_handed(
    connection: Connection, tenant_id: TenantId, ids: Sequence[int], *, worker_id: int, now: datetime
) -> None:
    """Write that a worker is about to call the platform for these locked messages."""
    await connection.execute(
        """
        UPDATE message_intent SET
            state = 'handed', reason = NULL, code = NULL, worker_id = %(worker)s, handed_at = %(now)s,
            first_handed_at = coalesce(first_handed_at, %(now)s), attempts = attempts + 1,
            wake_at = %(now)s, updated_at = %(now)s
        WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
        """,
        {"tenant": tenant_id, "ids": list(ids), "worker": worker_id, "now": now},
    )


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What one attempt came to."""

    id: int
    attempt: int
    worker_id: int
    handed_at: datetime
    state: str
    outcome: str
    reason: str | None
    code: int | None
    detail: str | None
    msgid: str | None
    wake_at: datetime | None


async def write_outcomes(
    connection: Connection, tenant_id: TenantId, rows: Sequence[OutcomeRow], *, now: datetime
) -> set[int]:
    """Write outcomes; return the ids they applied to.

    An outcome belongs to an attempt: one that comes after the message was tried again changes nothing but
    the log of attempts.
    """
    if not rows:
        return set()
    values = {
        "tenant": tenant_id,
        "now": now,
        "ids": [row.id for row in rows],
        "attempts": [row.attempt for row in rows],
        "workers": [row.worker_id for row in rows],
        "handed": [row.handed_at for row in rows],
        "states": [row.state for row in rows],
        "outcomes": [row.outcome for row in rows],
        "reasons": [row.reason for row in rows],
        "codes": [row.code for row in rows],
        "details": [row.detail for row in rows],
        "msgids": [row.msgid for row in rows],
        "wakes": [row.wake_at for row in rows],
    }
    cursor = await connection.execute(
        """
        WITH r AS (
            SELECT * FROM unnest(%(ids)b::bigint[], %(attempts)b::int[], %(workers)b::bigint[],
                %(handed)b::timestamptz[], %(states)b::text[], %(outcomes)b::text[], %(reasons)b::text[],
                %(codes)b::int[], %(details)b::text[], %(msgids)b::text[], %(wakes)b::timestamptz[])
                AS r (id, attempt, worker_id, handed_at, state, outcome, reason, code, detail, msgid, wake_at)
        ), logged AS (
            INSERT INTO message_attempt
                (tenant_id, intent_id, attempt, worker_id, handed_at, ended_at, outcome, code)
            SELECT %(tenant)s, id, attempt, worker_id, handed_at, %(now)s, outcome, code FROM r
            ON CONFLICT (tenant_id, intent_id, attempt) DO UPDATE SET
                outcome = excluded.outcome, code = excluded.code, ended_at = excluded.ended_at
        )
        UPDATE message_intent i SET
            state = r.state, reason = r.reason, code = r.code, msgid = r.msgid, wake_at = r.wake_at,
            detail = coalesce(r.detail, i.detail), updated_at = %(now)s
        FROM r
        WHERE i.tenant_id = %(tenant)s AND i.id = r.id AND i.attempts = r.attempt
            AND (i.state = 'handed' OR i.state = 'unknown' AND r.state IN ('accepted', 'rejected'))
        RETURNING i.id
        """,
        values,
    )
    return {identifier for (identifier,) in await cursor.fetchall()}


async def close_unsent(
    connection: Connection,
    tenant_id: TenantId,
    rows: Sequence[tuple[int, str, str, str | None]],
    *,
    now: datetime,
) -> None:
    """Write (id, state, reason, detail) of locked messages that will not be handed over after all."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE message_intent i SET state = r.state, reason = r.reason, detail = r.detail, wake_at = NULL,
            decisions = CASE WHEN r.state = 'refused' THEN i.decisions || r.decision ELSE i.decisions END,
            updated_at = %(now)s
        FROM unnest(%(ids)b::bigint[], %(states)b::text[], %(reasons)b::text[], %(details)b::text[],
                %(decisions)b::jsonb[])
            AS r (id, state, reason, detail, decision)
        WHERE i.tenant_id = %(tenant)s AND i.id = r.id
        """,
        {
            "tenant": tenant_id,
            "now": now,
            "ids": [row[0] for row in rows],
            "states": [row[1] for row in rows],
            "reasons": [row[2] for row in rows],
            "details": [row[3] for row in rows],
            "decisions": [write_trace(refused(now, row[2], row[3])) for row in rows],
        },
    )


async def stop_repeating(
    connection: Connection, tenant_id: TenantId, ids: Sequence[int], *, now: datetime
) -> dict[int, str]:
    """Leave locked messages of unknown outcome as they are; return their reasons."""
    if not ids:
        return {}
    cursor = await connection.execute(
        """
        UPDATE message_intent SET wake_at = NULL, updated_at = %s
        WHERE tenant_id = %s AND id = ANY(%s) RETURNING id, reason
        """,
        (now, tenant_id, list(ids)),
    )
    return dict(await cursor.fetchall())


async def hold_again(
    connection: Connection, tenant_id: TenantId, rows: Sequence[tuple[int, datetime, str]], *, now: datetime
) -> None:
    """Put locked messages back: (id, until, why); what they had taken was given back by the caller."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE message_intent i SET
            state = 'planned', wake_at = r.until, due_at = r.until, window_kind = NULL,
            window_opened_at = NULL, credit_since = NULL, holds = '{}',
            decisions = CASE WHEN jsonb_array_length(i.decisions) < %(kept)s THEN i.decisions
                ELSE i.decisions - 0 END || r.decision,
            updated_at = %(now)s
        FROM unnest(%(ids)b::bigint[], %(instants)b::timestamptz[], %(decisions)b::jsonb[])
            AS r (id, until, decision)
        WHERE i.tenant_id = %(tenant)s AND i.id = r.id
        """,
        {
            "tenant": tenant_id,
            "now": now,
            "kept": KEPT_MAX,
            "ids": [identifier for identifier, _, _ in rows],
            "instants": [until for _, until, _ in rows],
            "decisions": [write_trace(held(now, why, until)) for _, until, why in rows],
        },
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform says became of an accepted message."""

    account_id: int
    msgid: str
    status: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedIntent:
    """A message whose receipt came."""

    id: int
    origin_key: str
    person_id: PersonId
    kind: str
    journey_id: int | None
    node_id: str | None
    account_id: int
    msgid: str


async def apply_receipts(
    connection: Connection,
    tenant_id: TenantId,
    rows: Sequence[tuple[Receipt, MessageState, str | None]],
    *,
    now: datetime,
) -> list[ReceivedIntent]:
    """Move accepted messages to where their receipts say; return those moved."""
    cursor = await connection.execute(
        """
        UPDATE message_intent i SET state = r.state, reason = r.reason, updated_at = %(now)s
        FROM unnest(%(accounts)b::bigint[], %(msgids)b::text[], %(states)b::text[], %(reasons)b::text[])
            AS r (account_id, msgid, state, reason)
        WHERE i.tenant_id = %(tenant)s AND i.account_id = r.account_id AND i.msgid = r.msgid
            AND i.state = 'accepted'
        RETURNING i.id, i.origin_key, i.person_id, i.kind, i.journey_id, i.node_id, i.account_id, i.msgid
        """,
        {
            "tenant": tenant_id,
            "now": now,
            "accounts": [receipt.account_id for receipt, _, _ in rows],
            "msgids": [receipt.msgid for receipt, _, _ in rows],
            "states": [str(state) for _, state, _ in rows],
            "reasons": [reason for _, _, reason in rows],
        },
    )
    return [ReceivedIntent(*row) for row in await cursor.fetchall()]


async def keep_receipts(connection: Connection, tenant_id: TenantId, receipts: Sequence[Receipt]) -> None:
    """Keep receipts that came before we had written down that their message was accepted."""
    if not receipts:
        return
    await connection.execute(
        """
        INSERT INTO message_receipt (tenant_id, account_id, msgid, status, occurred_at)
        SELECT DISTINCT ON (r.account_id, r.msgid)
            %(tenant)s, r.account_id, r.msgid, r.status, r.occurred_at
        FROM unnest(%(accounts)b::bigint[], %(msgids)b::text[], %(statuses)b::text[],
            %(instants)b::timestamptz[]) AS r (account_id, msgid, status, occurred_at)
        WHERE NOT EXISTS (
            SELECT FROM message_intent i
            WHERE i.tenant_id = %(tenant)s AND i.account_id = r.account_id AND i.msgid = r.msgid
        )
        ORDER BY r.account_id, r.msgid, r.occurred_at
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": tenant_id,
            "accounts": [receipt.account_id for receipt in receipts],
            "msgids": [receipt.msgid for receipt in receipts],
            "statuses": [receipt.status for receipt in receipts],
            "instants": [receipt.occurred_at for receipt in receipts],
        },
    )


async def take_matched_receipts(
    connection: Connection, tenant_id: TenantId, *, rows_max: int
) -> list[Receipt]:
    """Take kept receipts whose messages are known to be accepted by now."""
    cursor = await connection.execute(
        """
        DELETE FROM message_receipt r USING (
            SELECT k.account_id, k.msgid FROM message_receipt k
            JOIN message_intent i USING (tenant_id, account_id, msgid)
            WHERE k.tenant_id = %(tenant)s LIMIT %(rows)s
        ) m
        WHERE r.tenant_id = %(tenant)s AND r.account_id = m.account_id AND r.msgid = m.msgid
        RETURNING r.account_id, r.msgid, r.status, r.occurred_at
        """,
        {"tenant": tenant_id, "rows": rows_max},
    )
    return [Receipt(*row) for row in await cursor.fetchall()]


async def forget_receipts(connection: Connection, tenant_id: TenantId, *, before: datetime) -> int:
    """Delete kept receipts nobody can match any more, for example of messages sent by other software."""
    cursor = await connection.execute(
        "DELETE FROM message_receipt WHERE tenant_id = %s AND occurred_at < %s", (tenant_id, before)
    )
    return cursor.rowcount


def _claimed(row: Sequence[Any]) -> ClaimedIntent:
    values = list(row)
    values[4] = MessageKind(values[4])
    values[5] = MessageClass(values[5])
    values[14] = tuple(values[14])
    return ClaimedIntent(*values)


async def find_handed(connection: Connection, tenant_id: TenantId, message_id: int) -> HandedMessage | None:
    """Return when a message was last handed over, if it was."""
    cursor = await connection.execute(
        "SELECT handed_at, starts_with(origin_key, %s) FROM message_intent "
        "WHERE tenant_id = %s AND id = %s AND handed_at IS NOT NULL",
        (TEST_PREFIX, tenant_id, message_id),
    )
    row = await cursor.fetchone()
    return HandedMessage(at=row[0], is_test=row[1]) if row is not None else None
