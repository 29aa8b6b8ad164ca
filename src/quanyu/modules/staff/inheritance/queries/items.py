"""Statements on ``inheritance_customer``, as the worker and the subscriber need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.inheritance.contracts import InheritanceId, ItemState, Kind

_CLAIM: Final = """
UPDATE inheritance_customer c SET state = :to, due_at = :until, attempts = c.attempts + :tries,
    polls = c.polls + :polls, intended_at = CASE WHEN :to = 'submitted' AND c.state = 'planned'
        THEN CAST(:now AS timestamptz) ELSE c.intended_at END
WHERE c.tenant_id = :tenant AND (c.inheritance_id, c.customer_token) IN (
    SELECT i.inheritance_id, i.customer_token FROM inheritance_customer i
    WHERE i.tenant_id = :tenant AND i.inheritance_id = :plan AND i.taker = :taker AND i.state = :state
        AND i.due_at <= :now
    ORDER BY i.customer_token LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING c.customer_token, c.external_sealed, c.taker, c.tried, c.state, c.code, c.attempts, c.polls,
    c.intended_at, c.submitted_at
"""
_SETTLE: Final = """
UPDATE inheritance_customer c SET state = k.state, reason = k.reason, code = k.code, due_at = k.due_at,
    taker = k.taker, tried = CASE WHEN k.taker <> c.taker THEN c.tried || c.taker ELSE c.tried END,
    submitted_at = CASE WHEN k.state = 'waiting' AND c.submitted_at IS NULL THEN c.intended_at
        WHEN k.state = 'planned' THEN NULL ELSE c.submitted_at END,
    ended_at = CASE WHEN k.state IN ('done', 'refused', 'failed') THEN CAST(:now AS timestamptz) END
FROM unnest(CAST(:tokens AS bytea[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
    CAST(:codes AS int[]), CAST(:dues AS timestamptz[]), CAST(:takers AS text[]))
    AS k (token, state, reason, code, due_at, taker)
WHERE c.tenant_id = :tenant AND c.inheritance_id = :plan AND c.customer_token = k.token
    AND c.state IN ('planned', 'submitted', 'waiting')
RETURNING c.customer_token
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One customer of a plan, as the worker sees it."""

    token: bytes
    external_sealed: bytes
    taker: str
    tried: tuple[str, ...]
    state: ItemState
    code: int
    attempts: int
    polls: int
    intended_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Items of one plan with one taker are due."""

    plan: InheritanceId
    corp_id: AccountId
    kind: Kind
    handover: str
    taker: str
    takers: tuple[str, ...]  # All of the plan, in its order.
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What becomes of one item."""

    token: bytes
    state: ItemState
    due_at: datetime
    taker: str
    reason: str = ""
    code: int = 0


class ItemQueries:
    """Customers on their way."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def due(self, state: ItemState, *, limit: int) -> list[Work]:
        """Return what is due, the longest waiting first; planned items only of plans that run."""
        rows = await self._uow.execute(
            "SELECT p.id, p.corp_id, p.kind, p.handover, p.message, p.takers, c.taker "
            "FROM inheritance_customer c JOIN inheritance p ON p.tenant_id = c.tenant_id AND p.id = "
            "c.inheritance_id "
            "WHERE c.tenant_id = :tenant AND c.state = :state AND c.due_at <= :now AND c.taker IS NOT NULL "
            "AND (p.state = 'running' OR (p.state = 'stopped' AND c.state <> 'planned')) "
            "GROUP BY p.id, p.corp_id, p.kind, p.handover, p.message, p.takers, c.taker "
            "ORDER BY min(c.due_at), p.id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "state": state, "now": self._uow.clock.now(), "limit": limit},
        )
        return [_work(row) for row in rows]

    async def claim(
        self, work: Work, *, state: ItemState, to: ItemState, until: datetime, limit: int
    ) -> tuple[Item, ...]:
        """Take due items; until ``until`` nobody else takes them. Becoming ``submitted`` is the intent."""
        rows = await self._uow.execute(
            _CLAIM,
            {
                "tenant": self._uow.tenant_id,
                "plan": work.plan,
                "taker": work.taker,
                "state": state,
                "to": to,
                "tries": int(to is ItemState.SUBMITTED),
                "polls": int(to is ItemState.WAITING),
                "now": self._uow.clock.now(),
                "until": until,
                "limit": limit,
            },
        )
        return tuple(_item(row) for row in rows)

    async def settle(self, plan: InheritanceId, settlings: Sequence[Settling]) -> set[bytes]:
        """Write what becomes of items; return the tokens of those that had not ended before."""
        rows = await self._uow.execute(
            _SETTLE,
            {
                "tenant": self._uow.tenant_id,
                "plan": plan,
                "now": self._uow.clock.now(),
                "tokens": [one.token for one in settlings],
                "states": [one.state for one in settlings],
                "reasons": [one.reason for one in settlings],
                "codes": [one.code for one in settlings],
                "dues": [one.due_at for one in settlings],
                "takers": [one.taker for one in settlings],
            },
        )
        return {bytes(row.customer_token) for row in rows}

    async def ended_before(self, work: Work, tokens: Sequence[bytes]) -> set[bytes]:
        """Return for whom an older transfer between the same two had ended without success."""
        rows = await self._uow.execute(
            "SELECT customer_token FROM inheritance_customer WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND customer_token = ANY(:tokens) AND handover = :handover AND inheritance_id <> :plan "
            "AND ((taker = :taker AND state IN ('refused', 'failed') AND submitted_at IS NOT NULL) "
            "OR :taker = ANY(tried))",
            {
                "tenant": self._uow.tenant_id,
                "corp": work.corp_id,
                "tokens": list(tokens),
                "handover": work.handover,
                "plan": work.plan,
                "taker": work.taker,
            },
        )
        return {bytes(row.customer_token) for row in rows}

    async def hurry(self, corp_id: AccountId, tokens: Sequence[bytes]) -> None:
        """Ask soon how transfers of these customers stand: something was heard of them."""
        await self._uow.execute(
            "UPDATE inheritance_customer SET due_at = :now WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND customer_token = ANY(:tokens) AND state = 'waiting'",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "tokens": list(tokens),
                "now": self._uow.clock.now(),
            },
        )

    async def moving(self, corp_id: AccountId, tokens: Sequence[bytes], *, but: InheritanceId) -> set[bytes]:
        """Return which customers are on their way in another plan."""
        rows = await self._uow.execute(
            "SELECT customer_token FROM inheritance_customer WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND customer_token = ANY(:tokens) AND inheritance_id <> :but AND state IN ('submitted', "
            "'waiting')",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "tokens": list(tokens), "but": but},
        )
        return {bytes(row.customer_token) for row in rows}

    async def moved_since(
        self, corp_id: AccountId, tokens: Sequence[bytes], *, since: datetime
    ) -> Mapping[bytes, int]:
        """Return how often each customer of a member who stayed was passed on since then."""
        rows = await self._uow.execute(
            "SELECT c.customer_token, count(*) AS times FROM inheritance_customer c "
            "JOIN inheritance p ON p.tenant_id = c.tenant_id AND p.id = c.inheritance_id "
            "WHERE c.tenant_id = :tenant AND c.corp_id = :corp AND c.customer_token = ANY(:tokens) "
            "AND c.state = 'done' AND p.kind = 'on_job' AND c.submitted_at >= :since GROUP BY "
            "c.customer_token",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "tokens": list(tokens), "since": since},
        )
        return {bytes(row.customer_token): row.times for row in rows}


def _item(row: Any) -> Item:
    return Item(
        token=bytes(row.customer_token),
        external_sealed=bytes(row.external_sealed),
        taker=row.taker,
        tried=tuple(row.tried),
        state=ItemState(row.state),
        code=row.code,
        attempts=row.attempts,
        polls=row.polls,
        intended_at=row.intended_at,
        submitted_at=row.submitted_at,
    )


def _work(row: Any) -> Work:
    return Work(
        plan=InheritanceId(row.id),
        corp_id=AccountId(row.corp_id),
        kind=Kind(row.kind),
        handover=row.handover,
        taker=row.taker,
        takers=tuple(one["userid"] for one in row.takers),
        message=row.message,
    )
