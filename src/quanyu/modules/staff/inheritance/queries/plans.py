"""Statements on ``inheritance``, and what its pages show of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.inheritance.contracts import (
    CustomerFilter,
    InheritanceId,
    ItemState,
    Kind,
    Method,
    Origin,
    State,
    Taker,
)

_PLAN: Final = (
    "SELECT id, corp_id, kind, origin, state, handover, method, takers, filter, message, trouble, "
    "created_by, "
    "created_at, submitted_at, ended_at FROM inheritance"
)
_FINISH: Final = """
UPDATE inheritance p SET state = 'done', ended_at = :now
WHERE p.tenant_id = :tenant AND p.state IN ('running', 'stopped')
    AND NOT EXISTS (SELECT 1 FROM inheritance_customer c WHERE c.tenant_id = p.tenant_id
        AND c.inheritance_id = p.id AND c.state IN ('planned', 'submitted', 'waiting'))
    AND NOT EXISTS (SELECT 1 FROM inheritance_group g WHERE g.tenant_id = p.tenant_id
        AND g.inheritance_id = p.id AND g.state IN ('planned', 'submitted'))
RETURNING p.id
"""
_ITEMS: Final = """
SELECT * FROM (
    SELECT 'customer' AS what, encode(c.customer_token, 'hex') AS key, c.customer_token AS token, '' AS name,
        c.taker, c.state, c.reason, c.code, c.problem, c.submitted_at, c.due_at, c.ended_at
    FROM inheritance_customer c WHERE c.tenant_id = :tenant AND c.inheritance_id = :plan
    UNION ALL
    SELECT 'group', g.chat_id, NULL, g.name, g.taker, g.state, g.reason, g.code, g.problem, g.intended_at,
        g.due_at, g.ended_at
    FROM inheritance_group g WHERE g.tenant_id = :tenant AND g.inheritance_id = :plan
) AS i
WHERE what = :what AND key > :after AND (:state = '' OR state = :state)
ORDER BY key LIMIT :limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A row of ``inheritance``."""

    id: InheritanceId
    corp_id: AccountId
    kind: Kind
    origin: Origin
    state: State
    handover: str
    method: Method
    takers: tuple[Taker, ...]
    filter: CustomerFilter | None
    message: str
    trouble: str
    created_by: str
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A customer of a plan, before anything was submitted."""

    token: bytes
    external_sealed: bytes
    taker: str | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """A group of a plan, before anything was submitted."""

    chat_id: str
    name: str
    taker: str
    problem: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Items of a plan in numbers."""

    states: Mapping[ItemState, int]
    problems: Mapping[str, int]
    reasons: Mapping[str, int]
    by_taker: Mapping[str, int]
    next_at: datetime | None


class PlanQueries:
    """Plans of a brand."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, plan: Plan) -> None:
        """Insert a plan."""
        await self._uow.execute(
            "INSERT INTO inheritance (tenant_id, id, corp_id, kind, origin, state, handover, method, "
            "takers, filter, "
            "message, created_by, created_at) VALUES (:tenant, :id, :corp, :kind, :origin, :state, "
            ":handover, "
            ":method, CAST(:takers AS jsonb), CAST(:filter AS jsonb), :message, :by, :at)",
            {
                "tenant": self._uow.tenant_id,
                "id": plan.id,
                "corp": plan.corp_id,
                "kind": plan.kind,
                "origin": plan.origin,
                "state": plan.state,
                "handover": plan.handover,
                "method": plan.method,
                "takers": json.dumps([taker.model_dump() for taker in plan.takers]),
                "filter": None if plan.filter is None else plan.filter.model_dump_json(),
                "message": plan.message,
                "by": plan.created_by,
                "at": plan.created_at,
            },
        )

    async def open(self, corp_id: AccountId, handover: str) -> InheritanceId | None:
        """Open a task for somebody who left; ``None`` if one is open already or a plan of theirs is "
        "under way."""
        rows = await self._uow.execute(
            "INSERT INTO inheritance (tenant_id, id, corp_id, kind, origin, state, handover, "
            "created_by, created_at) "
            "SELECT :tenant, :id, :corp, 'resigned', 'staff_left', 'open', :handover, 'quanyu', :now "
            "WHERE NOT EXISTS (SELECT 1 FROM inheritance WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND handover = :handover AND kind = 'resigned' AND state IN ('draft', 'running', 'stopped')) "
            "ON CONFLICT DO NOTHING RETURNING id",
            {
                "tenant": self._uow.tenant_id,
                "id": new_id(),
                "corp": corp_id,
                "handover": handover,
                "now": self._uow.clock.now(),
            },
        )
        row = rows.first()
        return None if row is None else InheritanceId(row.id)

    async def close_open(self, corp_id: AccountId, handover: str) -> None:
        """Take the open task of somebody away: a plan stands in its place."""
        await self._uow.execute(
            "DELETE FROM inheritance WHERE tenant_id = :tenant AND corp_id = :corp AND handover = :handover "
            "AND state = 'open'",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "handover": handover},
        )

    async def add_items(self, plan: Plan, items: Sequence[NewItem], groups: Sequence[NewGroup]) -> None:
        """Insert what a plan passes on."""
        common = {
            "tenant": self._uow.tenant_id,
            "plan": plan.id,
            "corp": plan.corp_id,
            "handover": plan.handover,
            "now": plan.created_at,
        }
        await self._uow.execute(
            "INSERT INTO inheritance_customer (tenant_id, inheritance_id, customer_token, corp_id, handover, "
            "external_sealed, taker, state, problem, due_at) SELECT :tenant, :plan, k.token, :corp, "
            ":handover, "
            "k.sealed, k.taker, 'planned', k.problem, :now FROM unnest(CAST(:tokens AS bytea[]), "
            "CAST(:sealed AS bytea[]), CAST(:takers AS text[]), CAST(:problems AS text[])) "
            "AS k (token, sealed, taker, problem)",
            common
            | {
                "tokens": [one.token for one in items],
                "sealed": [one.external_sealed for one in items],
                "takers": [one.taker for one in items],
                "problems": [one.problem for one in items],
            },
        )
        await self._uow.execute(
            "INSERT INTO inheritance_group (tenant_id, inheritance_id, chat_id, corp_id, handover, "
            "name, taker, "
            "state, problem, due_at) SELECT :tenant, :plan, k.chat_id, :corp, :handover, k.name, "
            "k.taker, 'planned', "
            "k.problem, :now FROM unnest(CAST(:chats AS text[]), CAST(:names AS text[]), "
            "CAST(:takers AS text[]), "
            "CAST(:problems AS text[])) AS k (chat_id, name, taker, problem)",
            common
            | {
                "chats": [one.chat_id for one in groups],
                "names": [one.name for one in groups],
                "takers": [one.taker for one in groups],
                "problems": [one.problem for one in groups],
            },
        )

    async def find(self, plan_id: InheritanceId, *, lock: bool = False) -> Plan | None:
        """Return a plan, locked if it is about to change."""
        rows = await self._uow.execute(
            f"{_PLAN} WHERE tenant_id = :tenant AND id = :id{' FOR UPDATE' if lock else ''}",
            {"tenant": self._uow.tenant_id, "id": plan_id},
        )
        row = rows.first()
        return None if row is None else _plan(row)

    async def page(self, *, before: int, limit: int) -> list[Plan]:
        """Return plans, newest first; tasks nobody has begun come with them."""
        rows = await self._uow.execute(
            f"{_PLAN} WHERE tenant_id = :tenant AND id < :before AND state <> 'dropped' ORDER BY id "
            "DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "before": before, "limit": limit},
        )
        return [_plan(row) for row in rows]

    async def move(self, plan_id: InheritanceId, state: State) -> None:
        """Write a plan's new state."""
        await self._uow.execute(
            "UPDATE inheritance SET state = :state, trouble = '', submitted_at = CASE WHEN :state = "
            "'running' "
            "THEN coalesce(submitted_at, :now) ELSE submitted_at END, ended_at = CASE WHEN :state = "
            "'dropped' "
            "THEN CAST(:now AS timestamptz) END WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": plan_id, "state": state, "now": self._uow.clock.now()},
        )

    async def leave_out_problems(self, plan_id: InheritanceId) -> None:
        """End the items that are known to fail: they are not worth a call."""
        for table, gone in (
            ("inheritance_customer", "problem <> '' OR taker IS NULL"),
            ("inheritance_group", "problem <> ''"),
        ):
            await self._uow.execute(
                f"UPDATE {table} SET state = 'failed', reason = problem, ended_at = :now, due_at = :now "  # noqa: S608
                f"WHERE tenant_id = :tenant AND inheritance_id = :id AND state = 'planned' AND ({gone})",
                {"tenant": self._uow.tenant_id, "id": plan_id, "now": self._uow.clock.now()},
            )

    async def finish(self) -> list[InheritanceId]:
        """End the plans of which nothing is left to do; return them."""
        rows = await self._uow.execute(_FINISH, {"tenant": self._uow.tenant_id, "now": self._uow.clock.now()})
        return [InheritanceId(row.id) for row in rows]

    async def note_trouble(self, plan_id: InheritanceId, trouble: str) -> None:
        """Remember what holds the work up; "" when nothing does any more."""
        await self._uow.execute(
            "UPDATE inheritance SET trouble = :trouble WHERE tenant_id = :tenant AND id = :id "
            "AND trouble <> :trouble",
            {"tenant": self._uow.tenant_id, "id": plan_id, "trouble": trouble},
        )

    async def counts(
        self, plan_ids: Sequence[InheritanceId], *, groups: bool
    ) -> Mapping[InheritanceId, Counts]:
        """Return customers, or groups, of each plan in numbers."""
        table = "inheritance_group" if groups else "inheritance_customer"
        rows = await self._uow.execute(
            f"SELECT inheritance_id, state, problem, reason, coalesce(taker, '') AS taker, count(*) AS n, "  # noqa: S608
            "min(due_at) FILTER (WHERE state IN ('planned', 'submitted', 'waiting')) AS next_at FROM "
            f"{table} "
            "WHERE tenant_id = :tenant AND inheritance_id = ANY(:ids) "
            "GROUP BY inheritance_id, state, problem, reason, taker",
            {"tenant": self._uow.tenant_id, "ids": list(plan_ids)},
        )
        found: dict[InheritanceId, list[Any]] = {plan_id: [] for plan_id in plan_ids}
        for row in rows:
            found[InheritanceId(row.inheritance_id)].append(row)
        return {plan_id: _counts(several) for plan_id, several in found.items()}

    async def items(
        self, plan_id: InheritanceId, *, what: str, state: str, after: str, limit: int
    ) -> list[Any]:
        """Return items of a plan in the order of their keys."""
        rows = await self._uow.execute(
            _ITEMS,
            {
                "tenant": self._uow.tenant_id,
                "plan": plan_id,
                "what": what,
                "state": state,
                "after": after,
                "limit": limit,
            },
        )
        return list(rows)

    async def coming_to(self, corp_id: AccountId, userid: str, *, limit: int) -> list[Any]:
        """Return the customers on their way to a member, the soonest first."""
        rows = await self._uow.execute(
            "SELECT customer_token, handover, submitted_at, due_at FROM inheritance_customer "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND taker = :userid AND state = 'waiting' "
            "ORDER BY due_at, customer_token LIMIT :limit",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userid": userid, "limit": limit},
        )
        return list(rows)


def _counts(rows: Sequence[Any]) -> Counts:
    states = dict.fromkeys(ItemState, 0)
    problems: dict[str, int] = {}
    reasons: dict[str, int] = {}
    by_taker: dict[str, int] = {}
    for row in rows:
        states[ItemState(row.state)] += row.n
        by_taker[row.taker] = by_taker.get(row.taker, 0) + row.n
        if row.state == "planned" and row.problem:
            problems[row.problem] = problems.get(row.problem, 0) + row.n
        if row.state in ("refused", "failed"):
            reasons[row.reason] = reasons.get(row.reason, 0) + row.n
    next_at = min((row.next_at for row in rows if row.next_at is not None), default=None)
    return Counts(states, problems, reasons, by_taker, next_at)


def _plan(row: Any) -> Plan:
    return Plan(
        id=InheritanceId(row.id),
        corp_id=AccountId(row.corp_id),
        kind=Kind(row.kind),
        origin=Origin(row.origin),
        state=State(row.state),
        handover=row.handover,
        method=Method(row.method),
        takers=tuple(Taker.model_validate(one) for one in row.takers),
        filter=None if row.filter is None else CustomerFilter.model_validate_json(json.dumps(row.filter)),
        message=row.message,
        trouble=row.trouble,
        created_by=row.created_by,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        ended_at=row.ended_at,
    )
