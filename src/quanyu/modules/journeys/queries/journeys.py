"""Statements about journeys and their versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Json

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """A journey as it is stored."""

    id: int
    name: str
    status: str
    draft: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """How people come into a journey that runs. What happened before ``since`` starts nobody."""

    journey_id: int
    version: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A journey with work: people to move, let in, or (``is_stopped``) let out."""

    tenant_id: TenantId
    journey_id: int
    is_stopped: bool
    lets_in: bool
    due_at: datetime | None  # Of the person who has been due longest, or is due next.


_JOURNEY = "SELECT id, name, status, draft, version, created_at, updated_at FROM journey"


async def insert(uow: UnitOfWork, row: JourneyRow) -> None:
    """Insert a draft."""
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO journey (tenant_id, id, name, status, draft, version, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            row.id,
            row.name,
            row.status,
            Json(row.draft),
            row.version,
            row.created_at,
            row.updated_at,
        ),
    )


async def list_all(uow: UnitOfWork, limit: int = 200) -> list[JourneyRow]:
    """Return the brand's journeys, newest first."""
    rows = await uow.execute(
        f"{_JOURNEY} WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [JourneyRow(*row) for row in rows]


async def count(uow: UnitOfWork) -> int:
    """Return how many journeys the brand has."""
    rows = await uow.execute(
        "SELECT count(*) FROM journey WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    found: int = rows.scalar_one()
    return found


async def find(uow: UnitOfWork, journey_id: int) -> JourneyRow | None:
    """Return one journey."""
    return await _find(uow, f"{_JOURNEY} WHERE tenant_id = :tenant AND id = :id", journey_id)


async def lock(uow: UnitOfWork, journey_id: int) -> JourneyRow | None:
    """Return one journey for a change; whoever moves its people has ended, and waits."""
    return await _find(uow, f"{_JOURNEY} WHERE tenant_id = :tenant AND id = :id FOR UPDATE", journey_id)


async def _find(uow: UnitOfWork, sql: str, journey_id: int) -> JourneyRow | None:
    row = (await uow.execute(sql, {"tenant": uow.tenant_id, "id": journey_id})).first()
    return None if row is None else JourneyRow(*row)


async def hold_active(uow: UnitOfWork, journey_ids: Sequence[int]) -> list[int]:
    """Return which of these run, and keep them running until this transaction ends."""
    rows = await uow.execute(
        "SELECT id FROM journey WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'active' "
        "ORDER BY id FOR SHARE",
        {"tenant": uow.tenant_id, "ids": list(journey_ids)},
    )
    return [row.id for row in rows]


async def save_draft(
    uow: UnitOfWork, journey_id: int, *, name: str, draft: Mapping[str, Any], now: datetime
) -> None:
    """Replace the draft; the published version stays as it is."""
    connection = await uow.raw()
    await connection.execute(
        "UPDATE journey SET name = %s, draft = %s, updated_at = %s WHERE tenant_id = %s AND id = %s",
        (name, Json(draft), now, uow.tenant_id, journey_id),
    )


async def delete(uow: UnitOfWork, journey_id: int) -> None:
    """Delete a journey that was never published."""
    await uow.execute(
        "DELETE FROM journey WHERE tenant_id = :tenant AND id = :id AND version = 0",
        {"tenant": uow.tenant_id, "id": journey_id},
    )


async def publish_version(
    uow: UnitOfWork,
    row: JourneyRow,
    definition: Mapping[str, Any],
    *,
    entry: tuple[str, str],
    lets_in: bool,
    by: str = "",
    now: datetime,
) -> int:
    """Freeze the draft as the next version and make it the one people enter; a paused journey stays so."""
    version = row.version + 1
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO journey_version "
        "(tenant_id, journey_id, version, definition, published_at, published_by) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (uow.tenant_id, row.id, version, Json(definition), now, by),
    )
    await connection.execute(
        """
        UPDATE journey SET status = CASE status WHEN 'draft' THEN 'active' ELSE status END,
            version = %(version)s, entry_kind = %(kind)s, entry_name = %(name)s, updated_at = %(now)s,
            let_in_after = CASE WHEN %(lets_in)s THEN 0 END,
            entry_since = CASE
                WHEN (entry_kind, entry_name) IS NOT DISTINCT FROM (%(kind)s, %(name)s)
                THEN coalesce(entry_since, %(now)s) ELSE %(now)s END
        WHERE tenant_id = %(tenant)s AND id = %(id)s
        """,
        {
            "tenant": uow.tenant_id,
            "id": row.id,
            "version": version,
            "kind": entry[0],
            "name": entry[1],
            "lets_in": lets_in,
            "now": now,
        },
    )
    return version


async def set_status(uow: UnitOfWork, journey_id: int, status: str, *, now: datetime) -> None:
    """Change a journey's status."""
    await uow.execute(
        "UPDATE journey SET status = :status, updated_at = :now WHERE tenant_id = :tenant AND id = :id",
        {"status": status, "now": now, "tenant": uow.tenant_id, "id": journey_id},
    )


async def load_definition(uow: UnitOfWork, journey_id: int, version: int) -> dict[str, Any]:
    """Return a published graph."""
    rows = await uow.execute(
        "SELECT definition FROM journey_version "
        "WHERE tenant_id = :tenant AND journey_id = :id AND version = :version",
        {"tenant": uow.tenant_id, "id": journey_id, "version": version},
    )
    definition: dict[str, Any] = rows.scalar_one()
    return definition


async def load_versions(uow: UnitOfWork, journey_id: int) -> list[dict[str, Any]]:
    """Return every graph a journey had, the first first."""
    rows = await uow.execute(
        "SELECT definition FROM journey_version WHERE tenant_id = :tenant AND journey_id = :id "
        "ORDER BY version",
        {"tenant": uow.tenant_id, "id": journey_id},
    )
    return [row.definition for row in rows]


async def load_published(uow: UnitOfWork, journey_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the graph people enter by now, of each journey that was published."""
    rows = await uow.execute(
        "SELECT v.journey_id, v.definition FROM journey j "
        "JOIN journey_version v "
        "ON v.tenant_id = j.tenant_id AND v.journey_id = j.id AND v.version = j.version "
        "WHERE j.tenant_id = :tenant AND j.id = ANY(:ids)",
        {"tenant": uow.tenant_id, "ids": list(journey_ids)},
    )
    return {row.journey_id: row.definition for row in rows}


async def list_living(uow: UnitOfWork) -> list[tuple[int, int]]:
    """Return (journey, version) of every version somebody may be on the way in."""
    rows = await uow.execute(
        "SELECT v.journey_id, v.version FROM journey j "
        "JOIN journey_version v ON v.tenant_id = j.tenant_id AND v.journey_id = j.id "
        "WHERE j.tenant_id = :tenant AND j.status IN ('active', 'paused') ORDER BY 1, 2",
        {"tenant": uow.tenant_id},
    )
    return [(row.journey_id, row.version) for row in rows]


_ENTERED_BY = """
FROM journey WHERE tenant_id = :tenant AND status = 'active'
    AND ((entry_kind = 'event' AND entry_name = ANY(:names))
    OR (entry_kind = 'segment_entered' AND 'segments.entered' = ANY(:names))
    OR (entry_kind = 'segment_left' AND 'segments.left' = ANY(:names)))
"""


async def find_starting(uow: UnitOfWork, names: Sequence[str]) -> set[str]:
    """Return which of these event names may start somebody in a journey that runs."""
    rows = await uow.execute(
        "SELECT DISTINCT CASE entry_kind WHEN 'event' THEN entry_name WHEN 'segment_left' "
        "THEN 'segments.left' ELSE 'segments.entered' END "
        f"{_ENTERED_BY}",
        {"tenant": uow.tenant_id, "names": list(names)},
    )
    return {row[0] for row in rows}


async def hold_entered_by(uow: UnitOfWork, names: Sequence[str]) -> list[EntryPoint]:
    """Return the journeys these events may start, and keep them running until this transaction ends."""
    rows = await uow.execute(
        f"SELECT id, version, entry_name, coalesce(entry_since, created_at) {_ENTERED_BY} "
        "ORDER BY id FOR SHARE",
        {"tenant": uow.tenant_id, "names": list(names)},
    )
    return [EntryPoint(*row) for row in rows]


async def find_entry_point(uow: UnitOfWork, journey_id: int) -> EntryPoint | None:
    """Return how people come into a journey, whether it runs or not; ``None``: it was never published."""
    rows = await uow.execute(
        "SELECT id, version, coalesce(entry_name, ''), coalesce(entry_since, created_at) FROM journey "
        "WHERE tenant_id = :tenant AND id = :id AND version > 0",
        {"tenant": uow.tenant_id, "id": journey_id},
    )
    row = rows.one_or_none()
    return None if row is None else EntryPoint(*row)


async def list_due(uow: UnitOfWork) -> list[Due]:
    """Return every brand's journeys with work now or later, by one look at an index each; platform role."""
    rows = await uow.execute(
        """
        SELECT j.tenant_id, j.id, j.status = 'stopped', j.let_in_after IS NOT NULL, first.due_at
        FROM journey j LEFT JOIN LATERAL (
            SELECT e.due_at FROM enrolment e
            WHERE e.tenant_id = j.tenant_id AND e.journey_id = j.id AND e.status = 'active'
            ORDER BY e.due_at LIMIT 1
        ) first ON true
        WHERE (j.status = 'active' AND (first.due_at IS NOT NULL OR j.let_in_after IS NOT NULL))
            OR (j.status = 'stopped' AND first.due_at IS NOT NULL)
        ORDER BY j.tenant_id, first.due_at
        """
    )
    return [Due(TenantId(row[0]), *row[1:]) for row in rows]


async def hold_letting_in(uow: UnitOfWork, journey_id: int) -> tuple[int, int] | None:
    """Return (version, members up to this id are in) of a running journey that lets members in."""
    rows = await uow.execute(
        "SELECT version, let_in_after FROM journey WHERE tenant_id = :tenant AND id = :id "
        "AND status = 'active' AND let_in_after IS NOT NULL FOR UPDATE",
        {"tenant": uow.tenant_id, "id": journey_id},
    )
    row = rows.first()
    return None if row is None else (row.version, row.let_in_after)


async def note_let_in(uow: UnitOfWork, journey_id: int, after: int | None) -> None:
    """Note how far members were let in; ``None`` when all were."""
    await uow.execute(
        "UPDATE journey SET let_in_after = :after WHERE tenant_id = :tenant AND id = :id",
        {"after": after, "tenant": uow.tenant_id, "id": journey_id},
    )


async def find_stopped(uow: UnitOfWork, journey_ids: Sequence[int]) -> set[int]:
    """Return which of these were ended."""
    rows = await uow.execute(
        "SELECT id FROM journey WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'stopped'",
        {"tenant": uow.tenant_id, "ids": list(journey_ids)},
    )
    return {row.id for row in rows}
