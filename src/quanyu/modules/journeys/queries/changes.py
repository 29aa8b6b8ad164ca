"""Statements about what journeys change of people: written with the move, taken away with the deed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork

_TURN = 7_115  # Of the advisory locks, the one of these changes.


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of one person that a step asked for at ``at``."""

    enrolment_id: int
    seq: int
    journey_id: int
    node: str
    person_id: int
    change: dict[str, Any]
    at: datetime


async def insert(uow: UnitOfWork, rows: Sequence[ChangeRow]) -> None:
    """Write changes down."""
    await uow.execute(
        "INSERT INTO journey_change (tenant_id, enrolment_id, seq, journey_id, node, person_id, change, at) "
        "SELECT :tenant, r.enrolment, r.seq, r.journey, r.node, r.person, CAST(r.change AS jsonb), r.at "
        "FROM unnest(CAST(:enrolments AS bigint[]), CAST(:seqs AS int[]), CAST(:journeys AS bigint[]), "
        "CAST(:nodes AS text[]), CAST(:people AS int[]), CAST(:changes AS text[]), "
        "CAST(:ats AS timestamptz[])) AS r (enrolment, seq, journey, node, person, change, at)",
        {
            "tenant": uow.tenant_id,
            "enrolments": [row.enrolment_id for row in rows],
            "seqs": [row.seq for row in rows],
            "journeys": [row.journey_id for row in rows],
            "nodes": [row.node for row in rows],
            "people": [row.person_id for row in rows],
            "changes": [msgspec.json.encode(row.change).decode() for row in rows],
            "ats": [row.at for row in rows],
        },
    )


async def try_turn(uow: UnitOfWork) -> bool:
    """Tell whether nobody else does changes of this brand now; whoever does keeps their order."""
    found = await uow.execute(
        "SELECT pg_try_advisory_xact_lock(:name, :tenant)", {"name": _TURN, "tenant": int(uow.tenant_id)}
    )
    return bool(found.scalar_one())


async def list_open(uow: UnitOfWork, limit: int) -> list[ChangeRow]:
    """Return changes to do, in the order they were asked for."""
    rows = await uow.execute(
        "SELECT enrolment_id, seq, journey_id, node, person_id, change, at FROM journey_change "
        "WHERE tenant_id = :tenant AND failed IS NULL ORDER BY at, enrolment_id, seq LIMIT :limit",
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [ChangeRow(*row) for row in rows]


async def take_away(uow: UnitOfWork, rows: Sequence[ChangeRow]) -> None:
    """Take away changes that are done."""
    await uow.execute(
        "DELETE FROM journey_change c USING unnest(CAST(:ids AS bigint[]), CAST(:seqs AS int[])) "
        "AS d (id, seq) WHERE c.tenant_id = :tenant AND c.enrolment_id = d.id AND c.seq = d.seq",
        {"tenant": uow.tenant_id, **_keys(rows)},
    )


async def fail(uow: UnitOfWork, rows: Sequence[ChangeRow], reason: str) -> None:
    """Give changes up that cannot be done, and say why."""
    await uow.execute(
        "UPDATE journey_change c SET failed = :reason "
        "FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS int[])) AS d (id, seq) "
        "WHERE c.tenant_id = :tenant AND c.enrolment_id = d.id AND c.seq = d.seq",
        {"tenant": uow.tenant_id, "reason": reason, **_keys(rows)},
    )


async def count_failed(uow: UnitOfWork, journey_id: int) -> dict[str, int]:
    """Return by node how many changes were given up."""
    rows = await uow.execute(
        "SELECT node, count(*) AS people FROM journey_change "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND failed IS NOT NULL GROUP BY node",
        {"tenant": uow.tenant_id, "journey": journey_id},
    )
    return {row.node: row.people for row in rows}


def _keys(rows: Sequence[ChangeRow]) -> dict[str, list[int]]:
    return {"ids": [row.enrolment_id for row in rows], "seqs": [row.seq for row in rows]}
