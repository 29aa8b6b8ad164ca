"""Statements about migrations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Json

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.migrating.rules import MIGRATED, Rehomed, Standing
from quanyu.modules.journeys.queries import counts
from quanyu.modules.journeys.rules import Step

_MIGRATION: Final = (
    "id, journey_id, before, after, nodes, spread_s, state, people, moved, let_out, actor, "
    "created_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """A migration as it is stored."""

    id: int
    journey_id: int
    before: int
    after: int
    nodes: dict[str, str | None]
    spread_s: int
    state: str
    people: int
    moved: int
    let_out: int
    actor: str
    created_at: datetime
    finished_at: datetime | None


async def add(uow: UnitOfWork, row: MigrationRow) -> bool:
    """Write down a migration; ``False`` if one of the journey is running."""
    connection = await uow.raw()
    cursor = await connection.execute(
        "INSERT INTO journey_migration (tenant_id, id, journey_id, before, after, nodes, spread_s, state, "
        "people, actor, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (tenant_id, journey_id) WHERE state = 'running' DO NOTHING",
        (
            uow.tenant_id,
            row.id,
            row.journey_id,
            row.before,
            row.after,
            Json(row.nodes),
            row.spread_s,
            row.state,
            row.people,
            row.actor,
            row.created_at,
        ),
    )
    return cursor.rowcount == 1


async def list_of(uow: UnitOfWork, journey_id: int, limit: int) -> list[MigrationRow]:
    """Return a journey's latest migrations."""
    rows = await uow.execute(
        f"SELECT {_MIGRATION} FROM journey_migration "  # noqa: S608 - the columns above.
        "WHERE tenant_id = :tenant AND journey_id = :journey ORDER BY id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "journey": journey_id, "limit": limit},
    )
    return [MigrationRow(*row) for row in rows]


async def take(uow: UnitOfWork) -> MigrationRow | None:
    """Lock the oldest migration that is running and in nobody's hands."""
    rows = await uow.execute(
        f"SELECT {_MIGRATION} FROM journey_migration "  # noqa: S608 - the columns above.
        "WHERE tenant_id = :tenant AND state = 'running' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
        {"tenant": uow.tenant_id},
    )
    row = rows.first()
    return None if row is None else MigrationRow(*row)


async def note_progress(
    uow: UnitOfWork, migration_id: int, *, moved: int, let_out: int, state: str, now: datetime
) -> None:
    """Add to what a migration did, and say where it stands."""
    await uow.execute(
        "UPDATE journey_migration SET moved = moved + :moved, let_out = let_out + :out, state = :state, "
        "finished_at = CASE WHEN :state = 'running' THEN NULL ELSE CAST(:now AS timestamptz) END "
        "WHERE tenant_id = :tenant AND id = :id",
        {
            "moved": moved,
            "out": let_out,
            "state": state,
            "now": now,
            "tenant": uow.tenant_id,
            "id": migration_id,
        },
    )


async def hold_journey(uow: UnitOfWork, journey_id: int) -> str:
    """Return a journey's status, which stays so until this transaction ends."""
    rows = await uow.execute(
        "SELECT status FROM journey WHERE tenant_id = :tenant AND id = :id FOR SHARE",
        {"tenant": uow.tenant_id, "id": journey_id},
    )
    status: str = rows.scalar_one()
    return status


async def lock_standing(uow: UnitOfWork, journey_id: int, version: int, limit: int) -> list[Standing]:
    """Lock and return some of those on the way in a version; whom others hold is waited for, not skipped."""
    rows = await uow.execute(
        "SELECT id, node, seq, entered_node_at, matched_by IS NOT NULL FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND version = :version AND status = 'active' "
        "ORDER BY id LIMIT :limit FOR UPDATE",
        {"tenant": uow.tenant_id, "journey": journey_id, "version": version, "limit": limit},
    )
    return [Standing(*row) for row in rows]


async def rehome(
    uow: UnitOfWork, journey_id: int, version: int, moved: Sequence[Rehomed], *, now: datetime
) -> None:
    """Give people their places in another version, and log that they were moved."""
    if not moved:
        return
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE enrolment e SET version = %(version)s, node = m.node, seq = e.seq + 1,
            came_by = CASE WHEN m.keeps THEN e.came_by END,
            wake_at = CASE WHEN m.keeps THEN e.wake_at ELSE m.wake_at END,
            due_at = CASE WHEN m.keeps THEN e.due_at ELSE m.due_at END,
            awaits = CASE WHEN m.keeps THEN e.awaits END,
            matched_at = CASE WHEN m.keeps THEN e.matched_at END,
            matched_by = CASE WHEN m.keeps THEN e.matched_by END,
            matched = CASE WHEN m.keeps THEN e.matched END
        FROM unnest(%(ids)b::bigint[], %(nodes)b::text[], %(keeps)b::bool[], %(wakes)b::timestamptz[],
            %(dues)b::timestamptz[]) AS m (id, node, keeps, wake_at, due_at)
        WHERE e.tenant_id = %(tenant)s AND e.id = m.id
        """,
        {
            "tenant": uow.tenant_id,
            "version": version,
            "ids": [one.standing.id for one in moved],
            "nodes": [one.node for one in moved],
            "keeps": [one.keeps for one in moved],
            "wakes": [one.wake_at for one in moved],
            "dues": [one.due_at for one in moved],
        },
    )
    steps = [
        (
            journey_id,
            one.standing.id,
            Step(one.standing.seq, one.standing.node, one.standing.came_at, now, MIGRATED),
        )
        for one in moved
    ]
    await counts.append_steps(uow, steps)
    passed = counts.departures(steps)
    passed.update(Counter((journey_id, one.node, counts.ARRIVED) for one in moved))
    await counts.add(uow, passed)


async def count_standing(
    uow: UnitOfWork, journey_id: int, version: int, delays: Mapping[str, int | None], *, now: datetime
) -> dict[str, tuple[int, int]]:
    """Return (people, those who would go on at once) at each node of a version.

    ``delays``: how many seconds after they came people of a node go on; ``None``: at once.
    """
    rows = await uow.execute(
        """
        SELECT e.node, count(*) AS people, count(*) FILTER (
            WHERE d.seconds IS NULL OR e.entered_node_at + make_interval(secs => d.seconds) <= :now) AS due
        FROM enrolment e LEFT JOIN unnest(CAST(:nodes AS text[]), CAST(:delays AS float8[]))
            AS d (node, seconds) ON d.node = e.node
        WHERE e.tenant_id = :tenant AND e.journey_id = :journey AND e.version = :version
            AND e.status = 'active' GROUP BY e.node
        """,
        {
            "tenant": uow.tenant_id,
            "journey": journey_id,
            "version": version,
            "nodes": list(delays),
            "delays": list(delays.values()),
            "now": now,
        },
    )
    found: dict[str, Any] = {row.node: (row.people, row.due) for row in rows}
    return found
