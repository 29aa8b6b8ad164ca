"""Statements about passages that events may end, and about goals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.rules import ABANDONED, Exit, Status


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody's passage, on the way or behind them. ``over_by`` is the rule that ended it, if one did."""

    id: int
    journey_id: int
    version: int
    person_id: int
    entered_at: datetime
    entered_by: int | None
    is_active: bool
    over_by: str | None
    goal_at: datetime | None


async def lock_passages(
    uow: UnitOfWork, journey_ids: Collection[int], person_ids: Collection[int]
) -> list[Passage]:
    """Lock and return these people's passages in these journeys; not those that were given up."""
    rows = await uow.execute(
        """
        SELECT id, journey_id, version, person_id, entered_at, entered_by, status, over_by, goal_at
        FROM enrolment WHERE tenant_id = :tenant AND journey_id = ANY(:journeys) AND person_id = ANY(:people)
            AND (exit_reason IS NULL OR exit_reason <> ALL(CAST(:abandoned AS text[])))
        ORDER BY id FOR UPDATE
        """,
        {
            "tenant": uow.tenant_id,
            "journeys": sorted(journey_ids),
            "people": sorted(person_ids),
            "abandoned": [reason.value for reason in ABANDONED],
        },
    )
    return [
        Passage(
            id=row.id,
            journey_id=row.journey_id,
            version=row.version,
            person_id=row.person_id,
            entered_at=row.entered_at,
            entered_by=row.entered_by,
            is_active=row.status == Status.ACTIVE,
            over_by=row.over_by,
            goal_at=row.goal_at,
        )
        for row in rows
    ]


async def mark_over(uow: UnitOfWork, over: Mapping[int, Exit]) -> None:
    """Note what ended these passages: nothing of them goes out any more (JN-12)."""
    if over:
        await uow.execute(
            "UPDATE enrolment e SET over_by = o.reason "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS o (id, reason) "
            "WHERE e.tenant_id = :tenant AND e.id = o.id",
            {
                "tenant": uow.tenant_id,
                "ids": list(over),
                "reasons": [reason.value for reason in over.values()],
            },
        )


async def mark_goals(uow: UnitOfWork, reached: Mapping[int, datetime]) -> None:
    """Note when these passages reached their goal."""
    if reached:
        await uow.execute(
            "UPDATE enrolment e SET goal_at = g.at "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:ats AS timestamptz[])) AS g (id, at) "
            "WHERE e.tenant_id = :tenant AND e.id = g.id",
            {"tenant": uow.tenant_id, "ids": list(reached), "ats": list(reached.values())},
        )


async def count_goals(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, int]:
    """Return how many passages of each journey reached its goal; looks at those alone."""
    rows = await uow.execute(
        "SELECT journey_id, count(*) AS passages FROM enrolment WHERE tenant_id = :tenant "
        "AND journey_id = ANY(:journeys) AND goal_at IS NOT NULL GROUP BY 1",
        {"tenant": uow.tenant_id, "journeys": list(journey_ids)},
    )
    return {row.journey_id: row.passages for row in rows}
