"""Statements about passages: entering, claiming, moving, leaving."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.awaiting import Happened
from quanyu.modules.journeys.queries import counts
from quanyu.modules.journeys.rules import ABANDONED, State, Status, Step


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody's passage, as the engine moves it."""

    id: int
    journey_id: int
    version: int
    person_id: int
    variables: str  # JSON; read where somebody is written to.
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
    origin_id: int | None = None  # Under whose id they entered, where that is another one.


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The latest entry of somebody under one key. ``entered``: its instant, and those of some before it."""

    ordinal: int
    entered: tuple[datetime, ...]
    is_active: bool
    version: int
    entered_by: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who was let out, and the step that says so."""

    journey_id: int
    id: int
    person_id: int
    step: Step


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody's new place, what they passed, and what was learned on the way.

    ``due_at`` is when the engine looks at them again; ``None`` when they are out.
    """

    enrolment: Enrolment
    state: State
    due_at: datetime | None
    steps: tuple[Step, ...]
    awaits: str | None
    variables: Mapping[str, Any] | None  # To be added to those of the passage.


async def last_entries(
    uow: UnitOfWork, journey_id: int, person_ids: Iterable[int], *, times: int = 1
) -> dict[tuple[int, str], LastEntry]:
    """Return the latest entry of each (person, entry key), with the instants of the ``times`` latest."""
    rows = await uow.execute(
        "SELECT person_id, entry_key, ordinal, entered_at, status, version, entered_by FROM ("
        "SELECT e.*, row_number() OVER (PARTITION BY person_id, entry_key ORDER BY ordinal DESC) AS place "
        "FROM enrolment e WHERE tenant_id = :tenant AND journey_id = :journey AND person_id = ANY(:people)"
        ") placed WHERE place <= :times ORDER BY person_id, entry_key, ordinal DESC",
        {"tenant": uow.tenant_id, "journey": journey_id, "people": list(person_ids), "times": times},
    )
    found: dict[tuple[int, str], LastEntry] = {}
    for row in rows:
        key = (row.person_id, row.entry_key)
        known = found.get(key)
        found[key] = (
            LastEntry(
                ordinal=row.ordinal,
                entered=(row.entered_at,),
                is_active=row.status == Status.ACTIVE,
                version=row.version,
                entered_by=row.entered_by,
            )
            if known is None
            else replace(known, entered=(*known.entered, row.entered_at))
        )
    return found


async def insert(uow: UnitOfWork, journey_id: int, version: int, entries: Sequence[NewEnrolment]) -> set[int]:
    """Let people in and return whose passages began; an occasion used before does nothing (JN-1)."""
    if not entries:
        return set()
    connection = await uow.raw()
    cursor = await connection.execute(
        """
        INSERT INTO enrolment (tenant_id, id, journey_id, version, person_id, entry_key, ordinal, cause,
            variables, node, seq, status, entered_at, entered_node_at, wake_at, due_at, came_by,
            entered_by, origin_person_id)
        SELECT %(tenant)s, id, %(journey)s, %(version)s, person_id, entry_key, ordinal, cause,
            variables::jsonb, node, 0, 'active', came_at, came_at, came_at, came_at, came_by,
            came_by, origin_id
        FROM unnest(%(ids)b::bigint[], %(people)b::int[], %(keys)b::text[], %(ordinals)b::int[],
            %(causes)b::text[], %(variables)b::text[], %(nodes)b::text[], %(ats)b::timestamptz[],
            %(bys)b::bigint[], %(origins)b::int[])
            AS e (id, person_id, entry_key, ordinal, cause, variables, node, came_at, came_by, origin_id)
        ON CONFLICT DO NOTHING RETURNING id, node
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
            "origins": [one.origin_id if one.origin_id != one.person_id else None for one in entries],
        },
    )
    came: dict[int, str] = dict(await cursor.fetchall())
    await counts.add(uow, Counter((journey_id, node, counts.ARRIVED) for node in came.values()))
    return set(came)


_COLUMNS = (
    "e.id, e.journey_id, e.version, e.person_id, e.variables::text, e.node, e.seq, e.entered_node_at, "
    "e.came_by, e.wake_at, e.awaits, e.matched_by, e.matched_at, e.matched"
)


async def claim_due(
    uow: UnitOfWork, journey_ids: Sequence[int], *, now: datetime, each: int
) -> list[Enrolment]:
    """Lock up to ``each`` people of each journey who are due, longest due first; skip what others hold."""
    connection = await uow.raw()
    cursor = await connection.execute(
        f"""
        SELECT due.* FROM unnest(%(journeys)b::bigint[]) AS j (id) CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM enrolment e
            WHERE e.tenant_id = %(tenant)s AND e.journey_id = j.id AND e.status = 'active'
                AND e.due_at <= %(now)s
            ORDER BY e.due_at LIMIT %(each)s FOR UPDATE SKIP LOCKED
        ) due
        """,  # noqa: S608 - the columns above.
        {"tenant": uow.tenant_id, "journeys": list(journey_ids), "now": now, "each": each},
        binary=True,
    )
    return [_enrolment(row) for row in await cursor.fetchall()]


async def claim_those(uow: UnitOfWork, journey_ids: Sequence[int], ids: Sequence[int]) -> list[Enrolment]:
    """Lock those of these people who are still on the way in one of the journeys; skip what others hold."""
    connection = await uow.raw()
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS} FROM enrolment e
        WHERE e.tenant_id = %(tenant)s AND e.id = ANY(%(ids)b) AND e.journey_id = ANY(%(journeys)b)
            AND e.status = 'active'
        ORDER BY e.id FOR UPDATE SKIP LOCKED
        """,  # noqa: S608 - the columns above.
        {"tenant": uow.tenant_id, "ids": list(ids), "journeys": list(journey_ids)},
        binary=True,
    )
    return [_enrolment(row) for row in await cursor.fetchall()]


async def write_moves(uow: UnitOfWork, moves: Sequence[Move]) -> None:
    """Write new places, append steps and add to the counts (JN-6)."""
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE enrolment e SET node = m.node, seq = m.seq, status = m.status, wake_at = m.wake_at,
            due_at = m.due_at, entered_node_at = m.came_at, came_by = m.came_by, awaits = m.awaits,
            matched_at = NULL, matched_by = NULL, matched = NULL, exit_reason = m.exit_reason,
            variables = CASE WHEN m.variables IS NULL THEN e.variables
                ELSE e.variables || m.variables::jsonb END
        FROM unnest(%(ids)b::bigint[], %(nodes)b::text[], %(seqs)b::int[], %(statuses)b::text[],
            %(wakes)b::timestamptz[], %(dues)b::timestamptz[], %(ats)b::timestamptz[], %(bys)b::bigint[],
            %(awaits)b::text[], %(reasons)b::text[], %(variables)b::text[])
            AS m (id, node, seq, status, wake_at, due_at, came_at, came_by, awaits, exit_reason, variables)
        WHERE e.tenant_id = %(tenant)s AND e.id = m.id
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [move.enrolment.id for move in moves],
            "nodes": [move.state.node for move in moves],
            "seqs": [move.state.seq for move in moves],
            "statuses": [move.state.status.value for move in moves],
            "wakes": [move.state.wake_at for move in moves],
            "dues": [move.due_at for move in moves],
            "ats": [move.state.came_at for move in moves],
            "bys": [move.state.came_by for move in moves],
            "awaits": [move.awaits for move in moves],
            "reasons": [_exit_reason(move) for move in moves],
            "variables": [storable_json(move.variables) if move.variables else None for move in moves],
        },
    )
    steps = [(move.enrolment.journey_id, move.enrolment.id, step) for move in moves for step in move.steps]
    await counts.append_steps(uow, steps)
    passed = counts.departures(steps)
    passed.update(
        (move.enrolment.journey_id, node, counts.ARRIVED) for move in moves for node in _came_to(move)
    )
    await counts.add(uow, passed)


def _came_to(move: Move) -> Iterator[str]:
    """Yield the nodes somebody came to; where they stood before, they were counted before."""
    if move.steps:
        yield from (step.node for step in move.steps[1:])
        if move.state.status is Status.ACTIVE:
            yield move.state.node


async def postpone(uow: UnitOfWork, ids: Sequence[int], until: datetime) -> None:
    """Look at these people again at ``until``; their own time goes on."""
    await uow.execute(
        "UPDATE enrolment SET due_at = :until "
        "WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'active'",
        {"until": until, "tenant": uow.tenant_id, "ids": list(ids)},
    )


async def let_out(uow: UnitOfWork, ids: Sequence[int], reason: str, *, now: datetime) -> list[Left]:
    """Let these people out where they stand; return who was still on the way."""
    rows = await uow.execute(
        """
        UPDATE enrolment e SET status = 'exited', exit_reason = :reason, seq = e.seq + 1, wake_at = NULL,
            due_at = NULL, awaits = NULL, matched_at = NULL, matched_by = NULL, matched = NULL
        WHERE e.tenant_id = :tenant AND e.id = ANY(:ids) AND e.status = 'active'
        RETURNING e.journey_id, e.id, e.person_id, e.seq - 1, e.node, e.entered_node_at
        """,
        {"reason": reason, "tenant": uow.tenant_id, "ids": list(ids)},
    )
    out = [Left(row[0], row[1], row[2], Step(row[3], row[4], row[5], now, reason)) for row in rows]
    steps = [(one.journey_id, one.id, one.step) for one in out]
    await counts.append_steps(uow, steps)
    await counts.add(uow, counts.departures(steps))
    return out


async def list_active(uow: UnitOfWork, journey_id: int, *, limit: int) -> list[int]:
    """Lock and return some of the passages under way in a journey; skip what others hold."""
    rows = await uow.execute(
        "SELECT id FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey AND status = 'active' "
        "LIMIT :limit FOR UPDATE SKIP LOCKED",
        {"tenant": uow.tenant_id, "journey": journey_id, "limit": limit},
    )
    return [row.id for row in rows]


async def find_by_cause(
    uow: UnitOfWork, journey_id: int, person_id: int, cause: str
) -> tuple[int, dict[str, Any]] | None:
    """Return (id, variables) of the passage that one occasion began of a person."""
    rows = await uow.execute(
        "SELECT id, variables FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey "
        "AND person_id = :person AND cause = :cause",
        {"tenant": uow.tenant_id, "journey": journey_id, "person": person_id, "cause": cause},
    )
    row = rows.first()
    return None if row is None else (row.id, row.variables)


async def list_by_cause(
    uow: UnitOfWork, journey_id: int, cause: str, people: Sequence[int]
) -> dict[int, int]:
    """Lock the passages under way that one occasion began: the id under which each came, by passage."""
    rows = await uow.execute(
        "SELECT id, coalesce(origin_person_id, person_id) AS came_as FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND cause = :cause AND status = 'active' "
        "AND coalesce(origin_person_id, person_id) = ANY(CAST(:people AS int[])) ORDER BY id FOR UPDATE",
        {"tenant": uow.tenant_id, "journey": journey_id, "cause": cause, "people": list(people)},
    )
    return {row.id: row.came_as for row in rows}


async def entered_by(uow: UnitOfWork, journey_id: int, person_id: int) -> set[int]:
    """Return the positions of the events that let somebody into a journey."""
    rows = await uow.execute(
        "SELECT entered_by FROM enrolment WHERE tenant_id = :tenant AND journey_id = :journey "
        "AND person_id = :person AND entered_by IS NOT NULL",
        {"tenant": uow.tenant_id, "journey": journey_id, "person": person_id},
    )
    return {row.entered_by for row in rows}


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who stands at a node."""

    id: int
    person_id: int
    since: datetime
    until: datetime
    due_at: datetime


async def list_at_node(
    uow: UnitOfWork, journey_id: int, node: str, *, after: tuple[datetime, int] | None, limit: int
) -> list[Standing]:
    """Return people at a node, those first whose time is up first; ``after`` (due, id) of the last page."""
    further = "AND (due_at, id) > (:due, :id)" if after else ""
    rows = await uow.execute(
        "SELECT id, person_id, entered_node_at, wake_at, due_at FROM enrolment "  # noqa: S608 - constants.
        "WHERE tenant_id = :tenant AND journey_id = :journey AND node = :node AND status = 'active' "
        f"{further} ORDER BY due_at, id LIMIT :limit",
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "node": node,
            "limit": limit,
            **({"due": after[0], "id": after[1]} if after else {}),
        },
    )
    return [Standing(*row) for row in rows]


async def find_abandoned(uow: UnitOfWork, enrolment_ids: Sequence[int]) -> set[int]:
    """Return which of these passages were given up, or ended by a rule, though at the end (JN-12)."""
    if not enrolment_ids:
        return set()
    rows = await uow.execute(
        "SELECT id FROM enrolment WHERE tenant_id = :tenant AND id = ANY(:ids) "
        "AND (over_by IS NOT NULL OR exit_reason = ANY(CAST(:reasons AS text[])))",
        {
            "tenant": uow.tenant_id,
            "ids": list(enrolment_ids),
            "reasons": [reason.value for reason in ABANDONED],
        },
    )
    return {row.id for row in rows}


def storable_json(value: Mapping[str, Any]) -> str:
    """Encode as jsonb takes it: it cannot hold a zero character."""
    return msgspec.json.encode(value).decode().replace("\\u0000", "")


def _enrolment(row: Sequence[Any]) -> Enrolment:
    (id_, journey_id, version, person_id, variables, node, seq, came_at, came_by, wake_at, awaits, *match) = (
        row
    )
    state = State(node, seq, Status.ACTIVE, came_at, came_by, wake_at, awaits is not None)
    matched_by, matched_at, matched = match
    event = None if matched_by is None else Happened(matched_by, matched_at, matched or {})
    return Enrolment(id_, journey_id, version, person_id, variables, state, event)


def _exit_reason(move: Move) -> str | None:
    return move.steps[-1].outcome if move.state.status is Status.EXITED and move.steps else None
