"""Statements about events somebody waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import Awaits, Happened
from quanyu.modules.journeys.queries.enrolments import storable_json

_TURN = 7_106  # Of the advisory locks, the one of journeys.


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Somebody parked until an event."""

    enrolment_id: int
    journey_id: int
    version: int
    node: str
    person_id: int
    awaits: Awaits


async def join_turn(uow: UnitOfWork) -> None:
    """Take part in the engines' turn: any number of them, but not while a subscriber looks for who waits."""
    await uow.execute("SELECT pg_advisory_xact_lock_shared(:name, :tenant)", _turn(uow))


async def take_turn(uow: UnitOfWork) -> None:
    """Have the turn alone, so that whoever is parking either is seen, or sees what came (JN-9)."""
    await uow.execute("SELECT pg_advisory_xact_lock(:name, :tenant)", _turn(uow))


def _turn(uow: UnitOfWork) -> dict[str, int]:
    return {"name": _TURN, "tenant": int(uow.tenant_id)}


async def list_awaiting(uow: UnitOfWork, names: Sequence[str], person_ids: Sequence[int]) -> list[Awaiting]:
    """Return who of these people waits for an event of one of these names and was not matched yet."""
    rows = await uow.execute(
        "SELECT id, journey_id, version, node, person_id, entered_node_at, came_by, wake_at FROM enrolment "
        "WHERE tenant_id = :tenant AND status = 'active' AND awaits = ANY(:names) "
        "AND person_id = ANY(:people) AND matched_by IS NULL ORDER BY id",
        {"tenant": uow.tenant_id, "names": list(names), "people": list(person_ids)},
    )
    return [
        Awaiting(
            enrolment_id=row.id,
            journey_id=row.journey_id,
            version=row.version,
            node=row.node,
            person_id=row.person_id,
            awaits=Awaits(row.entered_node_at, row.came_by, row.wake_at),
        )
        for row in rows
    ]


async def mark_matched(uow: UnitOfWork, matched: Mapping[int, Happened], *, now: datetime) -> None:
    """Note which event people waited for; the engine moves them on at once."""
    if not matched:
        return
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE enrolment e SET matched_by = m.position, matched_at = m.at, matched = m.variables::jsonb,
            due_at = least(e.due_at, %(now)s)
        FROM unnest(%(ids)s::bigint[], %(positions)s::bigint[], %(ats)s::timestamptz[], %(variables)s::text[])
            AS m (id, position, at, variables)
        WHERE e.tenant_id = %(tenant)s AND e.id = m.id AND e.status = 'active'
        """,
        {
            "tenant": uow.tenant_id,
            "now": now,
            "ids": list(matched),
            "positions": [event.position for event in matched.values()],
            "ats": [event.occurred_at for event in matched.values()],
            "variables": [storable_json(event.variables) for event in matched.values()],
        },
    )


async def keep_seen(
    uow: UnitOfWork, seen: Sequence[LogEvent], *, now: datetime, forget_before: datetime
) -> None:
    """Keep events for those who may come to wait for them a moment later, and forget old ones."""
    connection = await uow.raw()
    await connection.execute(
        """
        INSERT INTO awaited_event (tenant_id, name, person_id, position, occurred_at, seen_at, body)
        SELECT %(tenant)s, name, person_id, position, occurred_at, %(now)s, body
        FROM unnest(%(names)s::text[], %(people)s::int[], %(positions)s::bigint[], %(ats)s::timestamptz[],
            %(bodies)s::text[]) AS s (name, person_id, position, occurred_at, body)
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": uow.tenant_id,
            "now": now,
            "names": [one.name for one in seen],
            "people": [one.person_id for one in seen],
            "positions": [one.position for one in seen],
            "ats": [one.occurred_at for one in seen],
            "bodies": [msgspec.json.encode(one).decode() for one in seen],
        },
    )
    await connection.execute(
        "DELETE FROM awaited_event WHERE tenant_id = %s AND seen_at < %s", (uow.tenant_id, forget_before)
    )


async def list_seen(
    uow: UnitOfWork, names: Sequence[str], person_ids: Sequence[int], *, since: datetime
) -> list[tuple[int, LogEvent]]:
    """Return kept events since an instant, each with whose it is: since a merge, another's than it says."""
    rows = await uow.execute(
        "SELECT person_id, body FROM awaited_event WHERE tenant_id = :tenant AND name = ANY(:names) "
        "AND person_id = ANY(:people) AND occurred_at >= :since",
        {"tenant": uow.tenant_id, "names": list(names), "people": list(person_ids), "since": since},
    )
    return [(row.person_id, msgspec.json.decode(row.body, type=LogEvent)) for row in rows]
