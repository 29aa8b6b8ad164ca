"""Statements about passages: entering, claiming, moving, leaving."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.awaiting import Happened
from quanyu.modules.journeys.queries import counts
from quanyu.modules.journeys.rules import State, Status, Step


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody's passage, as the engine moves it."""

    id: int
    journey_id: int
    version: int
    person_id: int
    variables: dict[str, Any]
    state: State
    matched: Happened | None


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """Somebody who enters. ``cause`` is the occasion: it lets the same person in once (JN-1)."""

    id: int
    person_id: int
    entry_key: str
    ordinal: int
    cause: str
    variables: Mapping[str, Any]
    state: State


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The latest entry of somebody under one key."""

    ordinal: int
    entered_at: datetime
    is_active: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody's new place, what they passed, and what was learned on the way."""

    enrolment: Enrolment
    state: State
    steps: tuple[Step, ...]
    awaits: str | None
    variables: Mapping[str, Any] | None  # To be added to those of the passage.


async def last_entries(
    uow: UnitOfWork, journey_id: int, person_ids: Iterable[int]
) -> dict[tuple[int, str], LastEntry]:
    """Return the latest entry of each (person, entry key)."""
    rows = await uow.execute(
        "SELECT DISTINCT ON (person_id, entry_key) person_id, entry_key, ordinal, entered_at, status "
        "FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey AND person_id = ANY(:people) "
        "ORDER BY person_id, entry_key, ordinal DESC",
        {"tenant": uow.tenant_id, "journey": journey_id, "people": list(person_ids)},
    )
    return {
        (row.person_id, row.entry_key): LastEntry(row.ordinal, row.entered_at, row.status == Status.ACTIVE)
        for row in rows
    }


async def insert(uow: UnitOfWork, journey_id: int, version: int, entries: Sequence[NewEnrolment]) -> int:
    """Let people in and return how many; an occasion that let somebody in before does nothing (JN-1)."""
    if not entries:
        return 0
    connection = await uow.raw()
    cursor = await connection.execute(
        """
        INSERT INTO enrolment (tenant_id, id, journey_id, version, person_id, entry_key, ordinal, cause,
            variables, node, seq, status, entered_at, entered_node_at, wake_at, due_at, came_by)
        SELECT %(tenant)s, id, %(journey)s, %(version)s, person_id, entry_key, ordinal, cause,
            variables::jsonb, node, 0, 'active', came_at, came_at, came_at, came_at, came_by
        FROM unnest(%(ids)s::bigint[], %(people)s::int[], %(keys)s::text[], %(ordinals)s::int[],
            %(causes)s::text[], %(variables)s::text[], %(nodes)s::text[], %(ats)s::timestamptz[],
            %(bys)s::bigint[])
            AS e (id, person_id, entry_key, ordinal, cause, variables, node, came_at, came_by)
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "version": version,
            "ids": [one.id for one in entries],
            "people": [one.person_id for one in entries],
            "keys": [one.entry_key for one in entries],
            "ordinals": [one.ordinal for one in entries],
            "causes": [one.cause for one in entries],
            "variables": [storable_json(one.variables) for one in entries],
            "nodes": [one.state.node for one in entries],
            "ats": [one.state.came_at for one in entries],
            "bys": [one.state.came_by for one in entries],
        },
    )
    return cursor.rowcount


_COLUMNS = (
    "id, journey_id, version, person_id, variables, node, seq, status, entered_node_at, came_by, wake_at, "
    "awaits, matched_by, matched_at, matched"
)


async def claim_due(
    uow: UnitOfWork, journey_ids: Sequence[int], *, now: datetime, each: int
) -> list[Enrolment]:
    """Lock up to ``each`` people of each journey who are due, longest due first; skip what others hold."""
    rows = await uow.execute(
        f"""
        SELECT due.* FROM unnest(:journeys ::bigint[]) AS j (id) CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM enrolment e
            WHERE e.tenant_id = :tenant AND e.journey_id = j.id AND e.status = 'active' AND e.due_at <= :now
            ORDER BY e.due_at LIMIT :each FOR UPDATE SKIP LOCKED
        ) due
        """,  # noqa: S608 - the columns above.
        {"tenant": uow.tenant_id, "journeys": list(journey_ids), "now": now, "each": each},
    )
    return [_enrolment(row) for row in rows]


async def claim_those(
    uow: UnitOfWork, journey_ids: Sequence[int], ids: Sequence[int], *, now: datetime
) -> list[Enrolment]:
    """Lock those of the given people who are still due in one of the journeys; skip what others hold."""
    rows = await uow.execute(
        f"""
        SELECT {_COLUMNS} FROM enrolment e
        WHERE e.tenant_id = :tenant AND e.id = ANY(:ids) AND e.journey_id = ANY(:journeys)
            AND e.status = 'active' AND e.due_at <= :now
        ORDER BY e.id FOR UPDATE SKIP LOCKED
        """,  # noqa: S608 - the columns above.
        {"tenant": uow.tenant_id, "ids": list(ids), "journeys": list(journey_ids), "now": now},
    )
    return [_enrolment(row) for row in rows]


async def write_moves(uow: UnitOfWork, moves: Sequence[Move]) -> None:
    """Write new places, append steps and add to the counts (JN-6)."""
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE enrolment e SET node = m.node, seq = m.seq, status = m.status, wake_at = m.wake_at,
            due_at = m.wake_at, entered_node_at = m.came_at, came_by = m.came_by, awaits = m.awaits,
            matched_at = NULL, matched_by = NULL, matched = NULL, exit_reason = m.exit_reason,
            variables = CASE WHEN m.variables IS NULL THEN e.variables
                ELSE e.variables || m.variables::jsonb END
        FROM unnest(%(ids)s::bigint[], %(nodes)s::text[], %(seqs)s::int[], %(statuses)s::text[],
            %(wakes)s::timestamptz[], %(ats)s::timestamptz[], %(bys)s::bigint[], %(awaits)s::text[],
            %(reasons)s::text[], %(variables)s::text[])
            AS m (id, node, seq, status, wake_at, came_at, came_by, awaits, exit_reason, variables)
        WHERE e.tenant_id = %(tenant)s AND e.id = m.id
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [move.enrolment.id for move in moves],
            "nodes": [move.state.node for move in moves],
            "seqs": [move.state.seq for move in moves],
            "statuses": [move.state.status.value for move in moves],
            "wakes": [move.state.wake_at for move in moves],
            "ats": [move.state.came_at for move in moves],
            "bys": [move.state.came_by for move in moves],
            "awaits": [move.awaits for move in moves],
            "reasons": [_exit_reason(move) for move in moves],
            "variables": [storable_json(move.variables) if move.variables else None for move in moves],
        },
    )
    await counts.append_steps(
        uow, [(one.enrolment.journey_id, one.enrolment.id, step) for one in moves for step in one.steps]
    )


async def postpone(uow: UnitOfWork, ids: Sequence[int], until: datetime) -> None:
    """Look at these people again later; their own time goes on."""
    await uow.execute(
        "UPDATE enrolment SET due_at = greatest(due_at, :until) "
        "WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'active'",
        {"until": until, "tenant": uow.tenant_id, "ids": list(ids)},
    )


async def let_out(
    uow: UnitOfWork, ids: Sequence[int], reason: str, *, now: datetime
) -> list[tuple[int, int, Step]]:
    """Let these people out where they stand; return (journey, enrolment, the step that says so)."""
    rows = await uow.execute(
        """
        UPDATE enrolment e SET status = 'exited', exit_reason = :reason, seq = e.seq + 1, wake_at = NULL,
            due_at = NULL, awaits = NULL, matched_at = NULL, matched_by = NULL, matched = NULL
        WHERE e.tenant_id = :tenant AND e.id = ANY(:ids) AND e.status = 'active'
        RETURNING e.journey_id, e.id, e.seq - 1, e.node, e.entered_node_at
        """,
        {"reason": reason, "tenant": uow.tenant_id, "ids": list(ids)},
    )
    steps = [(row[0], row[1], Step(row[2], row[3], row[4], now, reason)) for row in rows]
    await counts.append_steps(uow, steps)
    return steps


async def list_active(uow: UnitOfWork, journey_id: int, *, limit: int) -> list[int]:
    """Lock and return some of the passages under way in a journey; skip what others hold."""
    rows = await uow.execute(
        "SELECT id FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey AND status = 'active' "
        "LIMIT :limit FOR UPDATE SKIP LOCKED",
        {"tenant": uow.tenant_id, "journey": journey_id, "limit": limit},
    )
    return [row.id for row in rows]


async def list_at_node(
    uow: UnitOfWork, journey_id: int, node: str, *, after: int, limit: int
) -> list[tuple[int, int, datetime, datetime | None]]:
    """Return (enrolment, person, since, until) of people at a node."""
    rows = await uow.execute(
        "SELECT id, person_id, entered_node_at, wake_at FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND node = :node AND status = 'active' "
        "AND id > :after ORDER BY id LIMIT :limit",
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "node": node,
            "after": after,
            "limit": limit,
        },
    )
    return [tuple(row) for row in rows]


def storable_json(value: Mapping[str, Any]) -> str:
    """Encode as jsonb takes it: it cannot hold a zero character."""
    return msgspec.json.encode(value).decode().replace("\\u0000", "")


def _enrolment(row: Any) -> Enrolment:
    state = State(
        node=row.node,
        seq=row.seq,
        status=Status(row.status),
        came_at=row.entered_node_at,
        came_by=row.came_by,
        wake_at=row.wake_at,
        is_awaiting=row.awaits is not None,
    )
    matched = None
    if row.matched_by is not None:
        matched = Happened(row.matched_by, row.matched_at, row.matched or {})
    return Enrolment(row.id, row.journey_id, row.version, row.person_id, row.variables, state, matched)


def _exit_reason(move: Move) -> str | None:
    return move.steps[-1].outcome if move.state.status is Status.EXITED and move.steps else None
