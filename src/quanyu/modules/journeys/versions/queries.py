"""Statements about published graphs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version as it is stored."""

    version: int
    definition: dict[str, Any]
    published_at: datetime
    published_by: str


async def list_versions(uow: UnitOfWork, journey_id: int, limit: int) -> list[VersionRow]:
    """Return the latest versions, the newest first."""
    rows = await uow.execute(
        "SELECT version, definition, published_at, published_by FROM journey_version "
        "WHERE tenant_id = :tenant AND journey_id = :journey ORDER BY version DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "journey": journey_id, "limit": limit},
    )
    return [VersionRow(*row) for row in rows]


async def find_version(uow: UnitOfWork, journey_id: int, version: int) -> dict[str, Any] | None:
    """Return a published graph, if there is one of this number."""
    rows = await uow.execute(
        "SELECT definition FROM journey_version "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND version = :version",
        {"tenant": uow.tenant_id, "journey": journey_id, "version": version},
    )
    found: dict[str, Any] | None = rows.scalar_one_or_none()
    return found


async def count_active(uow: UnitOfWork, journey_id: int) -> dict[int, int]:
    """Return how many people are on the way, by version."""
    rows = await uow.execute(
        "SELECT version, count(*) AS people FROM enrolment "
        "WHERE tenant_id = :tenant AND journey_id = :journey AND status = 'active' GROUP BY version",
        {"tenant": uow.tenant_id, "journey": journey_id},
    )
    return {row.version: row.people for row in rows}
