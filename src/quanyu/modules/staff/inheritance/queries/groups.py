"""Statements on ``inheritance_group``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.inheritance.contracts import InheritanceId, ItemState, Kind
from quanyu.modules.staff.inheritance.queries.items import Work

_CLAIM: Final = """
UPDATE inheritance_group g SET state = 'submitted', due_at = :until, attempts = g.attempts + 1,
    intended_at = :now
WHERE g.tenant_id = :tenant AND (g.inheritance_id, g.chat_id) IN (
    SELECT i.inheritance_id, i.chat_id FROM inheritance_group i
    WHERE i.tenant_id = :tenant AND i.inheritance_id = :plan AND i.taker = :taker AND i.state = :state
        AND i.due_at <= :now
    ORDER BY i.chat_id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING g.chat_id, g.attempts, g.code
"""


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One group of a plan, claimed."""

    chat_id: str
    attempts: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettling:
    """What becomes of one group."""

    chat_id: str
    state: ItemState
    due_at: datetime
    reason: str = ""
    code: int = 0


class GroupQueries:
    """Groups on their way to a new owner."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def due(self, state: ItemState, *, limit: int) -> list[Work]:
        """Return what is due; planned groups only of plans that run."""
        rows = await self._uow.execute(
            "SELECT p.id, p.corp_id, p.kind, p.handover, p.takers, g.taker FROM inheritance_group g "
            "JOIN inheritance p ON p.tenant_id = g.tenant_id AND p.id = g.inheritance_id "
            "WHERE g.tenant_id = :tenant AND g.state = :state AND g.due_at <= :now "
            "AND (p.state = 'running' OR (p.state = 'stopped' AND g.state <> 'planned')) "
            "GROUP BY p.id, p.corp_id, p.kind, p.handover, p.takers, g.taker ORDER BY min(g.due_at), "
            "p.id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "state": state, "now": self._uow.clock.now(), "limit": limit},
        )
        return [
            Work(
                plan=InheritanceId(row.id),
                corp_id=AccountId(row.corp_id),
                kind=Kind(row.kind),
                handover=row.handover,
                taker=row.taker,
                takers=tuple(one["userid"] for one in row.takers),
                message="",
            )
            for row in rows
        ]

    async def claim(
        self, work: Work, *, state: ItemState, until: datetime, limit: int
    ) -> tuple[GroupItem, ...]:
        """Take due groups; until ``until`` nobody else takes them. This is the intent."""
        rows = await self._uow.execute(
            _CLAIM,
            {
                "tenant": self._uow.tenant_id,
                "plan": work.plan,
                "taker": work.taker,
                "state": state,
                "now": self._uow.clock.now(),
                "until": until,
                "limit": limit,
            },
        )
        return tuple(GroupItem(row.chat_id, row.attempts, row.code) for row in rows)

    async def settle(self, plan: InheritanceId, settlings: Sequence[GroupSettling]) -> set[str]:
        """Write what becomes of groups; return those that had not ended before."""
        rows = await self._uow.execute(
            "UPDATE inheritance_group g SET state = k.state, reason = k.reason, code = k.code, "
            "due_at = k.due_at, "
            "ended_at = CASE WHEN k.state IN ('done', 'failed') THEN CAST(:now AS timestamptz) END "
            "FROM unnest(CAST(:chats AS text[]), CAST(:states AS text[]), CAST(:reasons AS text[]), "
            "CAST(:codes AS int[]), CAST(:dues AS timestamptz[])) AS k (chat_id, state, reason, "
            "code, due_at) "
            "WHERE g.tenant_id = :tenant AND g.inheritance_id = :plan AND g.chat_id = k.chat_id "
            "AND g.state IN ('planned', 'submitted') RETURNING g.chat_id",
            {
                "tenant": self._uow.tenant_id,
                "plan": plan,
                "now": self._uow.clock.now(),
                "chats": [one.chat_id for one in settlings],
                "states": [one.state for one in settlings],
                "reasons": [one.reason for one in settlings],
                "codes": [one.code for one in settlings],
                "dues": [one.due_at for one in settlings],
            },
        )
        return {row.chat_id for row in rows}

    async def put_off(self, work: Work, *, until: datetime) -> int:
        """Let the planned groups of this member and taker wait."""
        waiting = await self._uow.execute(
            "UPDATE inheritance_group SET due_at = :until, reason = 'daily_limit' WHERE tenant_id = :tenant "
            "AND inheritance_id = :plan AND taker = :taker AND state = 'planned'",
            {"tenant": self._uow.tenant_id, "plan": work.plan, "taker": work.taker, "until": until},
        )
        return waiting.rowcount

    async def submitted_since(self, corp_id: AccountId, handover: str, *, since: datetime) -> int:
        """Return how many groups of a member were submitted since then and not refused."""
        found = await self._uow.execute(
            "SELECT count(*) FROM inheritance_group WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND handover = :handover AND intended_at >= :since AND state IN ('submitted', 'done')",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "handover": handover, "since": since},
        )
        return int(found.scalar_one())

    async def moved_since(
        self, corp_id: AccountId, chat_ids: Sequence[str], *, since: datetime
    ) -> dict[str, int]:
        """Return how often each group was given to a colleague since then."""
        rows = await self._uow.execute(
            "SELECT g.chat_id, count(*) AS times FROM inheritance_group g "
            "JOIN inheritance p ON p.tenant_id = g.tenant_id AND p.id = g.inheritance_id "
            "WHERE g.tenant_id = :tenant AND g.corp_id = :corp AND g.chat_id = ANY(:chats) AND "
            "g.state = 'done' "
            "AND p.kind = 'on_job' AND g.ended_at >= :since GROUP BY g.chat_id",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "chats": list(chat_ids), "since": since},
        )
        return {row.chat_id: row.times for row in rows}
