"""Statements about who was exposed to which arm.

A row is kept under the id that was exposed (``origin_person_id``) and says who that is today, so one person
may have several: the earliest counts, and whoever has rows of two arms is left out of figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId

_CHAINED = "unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id)"
_LEFT = (
    "unnest(CAST(:own AS int[]), CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) "
    "AS s (own_id, from_id, to_id)"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people each arm has, and how many were exposed to two."""

    people: dict[str, int]
    excluded: int


async def arms_of(uow: UnitOfWork, experiment_id: int, people: Sequence[PersonId]) -> dict[PersonId, str]:
    """Return the arm each of these people was exposed to first."""
    rows = await uow.execute(
        "SELECT DISTINCT ON (person_id) person_id, arm FROM experiment_exposure "
        "WHERE tenant_id = :tenant AND experiment_id = :id AND person_id = ANY(CAST(:people AS int[])) "
        "ORDER BY person_id, exposed_at, origin_person_id",
        {"tenant": uow.tenant_id, "id": experiment_id, "people": [int(one) for one in people]},
    )
    return {PersonId(row.person_id): row.arm for row in rows}


async def add(
    uow: UnitOfWork, experiment_id: int, arms: Mapping[PersonId, str], *, cause: str, now: datetime
) -> list[PersonId]:
    """Record first exposures; return whose were new. Two workers at once record one."""
    ordered = sorted(arms)
    rows = await uow.execute(
        """
        INSERT INTO experiment_exposure
            (tenant_id, experiment_id, origin_person_id, person_id, arm, exposed_at, cause)
        SELECT :tenant, :id, n.person, n.person, n.arm, :now, :cause
        FROM unnest(CAST(:people AS int[]), CAST(:arms AS text[])) AS n (person, arm)
        WHERE NOT EXISTS (SELECT FROM experiment_exposure e WHERE e.tenant_id = :tenant
            AND e.experiment_id = :id AND e.person_id = n.person)
        ORDER BY n.person
        ON CONFLICT DO NOTHING
        RETURNING person_id
        """,
        {
            "tenant": uow.tenant_id,
            "id": experiment_id,
            "people": [int(one) for one in ordered],
            "arms": [arms[one] for one in ordered],
            "cause": cause,
            "now": now,
        },
    )
    return [PersonId(row.person_id) for row in rows]


async def count(uow: UnitOfWork, experiment_ids: Sequence[int]) -> dict[int, Counted]:
    """Count people per arm, each once, and apart those who were exposed to two arms."""
    rows = await uow.execute(
        """
        SELECT experiment_id, CASE WHEN arms = 1 THEN arm END AS arm, count(*) AS people FROM (
            SELECT experiment_id, person_id, min(arm) AS arm, count(DISTINCT arm) AS arms
            FROM experiment_exposure
            WHERE tenant_id = :tenant AND experiment_id = ANY(CAST(:ids AS bigint[]))
            GROUP BY experiment_id, person_id
        ) one GROUP BY 1, 2
        """,
        {"tenant": uow.tenant_id, "ids": list(experiment_ids)},
    )
    found = {one: Counted({}, 0) for one in experiment_ids}
    for row in rows:
        before = found[row.experiment_id]
        if row.arm is None:
            found[row.experiment_id] = Counted(before.people, int(row.people))
        else:
            before.people[row.arm] = int(row.people)
    return found


async def follow_merges(uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
    """Give exposures of merged people to who they are now."""
    await uow.execute(
        f"UPDATE experiment_exposure e SET person_id = m.to_id FROM {_CHAINED} "  # noqa: S608 - a constant.
        "WHERE e.tenant_id = :tenant AND e.person_id = m.from_id",
        {
            "tenant": uow.tenant_id,
            "from_ids": [int(one) for one in known_as],
            "to_ids": [int(other) for other in known_as.values()],
        },
    )


async def follow_splits(uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
    """Give (person id, from, to) the exposures recorded under that id; return how many moved."""
    moved = await uow.execute(
        f"UPDATE experiment_exposure e SET person_id = s.to_id FROM {_LEFT} "  # noqa: S608 - a constant.
        "WHERE e.tenant_id = :tenant AND e.person_id = s.from_id AND e.origin_person_id = s.own_id",
        {
            "tenant": uow.tenant_id,
            "own": [own for own, _, _ in splits],
            "from_ids": [from_id for _, from_id, _ in splits],
            "to_ids": [to_id for _, _, to_id in splits],
        },
    )
    return moved.rowcount
