"""Every query of metrics on PostgreSQL. A metric is its versions; the newest one is what it means."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.insight.metrics.contracts import MetricDraft, MetricVersion

PREFIX: Final = "met"
_CURRENT: Final = (
    "SELECT m.id, m.archived_at IS NOT NULL AS is_archived, v.version, v.draft, v.changed_at, v.changed_by "
    "FROM metric m JOIN metric_version v ON v.tenant_id = m.tenant_id AND v.metric_id = m.id "
    "AND v.version = m.version WHERE m.tenant_id = :tenant"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A metric of the brand, as it is now."""

    id: str
    is_archived: bool
    version: int
    draft: MetricDraft
    changed_at: datetime
    changed_by: str


async def kept_metrics(uow: UnitOfWork, *, with_archived: bool = False) -> tuple[Kept, ...]:
    """Return the brand's metrics."""
    only = "" if with_archived else " AND m.archived_at IS NULL"
    rows = await uow.execute(f"{_CURRENT}{only} ORDER BY m.id", {"tenant": uow.tenant_id})
    return tuple(_kept(row) for row in rows)


async def find_metrics(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, Kept]:
    """Return the metrics of these ids, archived ones too."""
    numbers = [decode_id(PREFIX, one) for one in ids]
    rows = await uow.execute(
        f"{_CURRENT} AND m.id = ANY(CAST(:ids AS bigint[]))", {"tenant": uow.tenant_id, "ids": numbers}
    )
    return {found.id: found for found in map(_kept, rows)}


async def add_metric(uow: UnitOfWork, draft: MetricDraft, *, by: str) -> str:
    """Keep a metric; return its outside id."""
    number = new_id()
    await uow.execute(
        "INSERT INTO metric (tenant_id, id, version, created_at) VALUES (:tenant, :id, 1, :now)",
        {"tenant": uow.tenant_id, "id": number, "now": uow.clock.now()},
    )
    await _add_version(uow, number, 1, draft, by)
    return encode_id(PREFIX, number)


async def change_metric(uow: UnitOfWork, metric: str, draft: MetricDraft, *, version: int, by: str) -> bool:
    """Add the version after ``version``; return whether that still is the newest."""
    number = decode_id(PREFIX, metric)
    changed = await uow.execute(
        "UPDATE metric SET version = version + 1 "
        "WHERE tenant_id = :tenant AND id = :id AND version = :version RETURNING id",
        {"tenant": uow.tenant_id, "id": number, "version": version},
    )
    if changed.first() is None:
        return False
    await _add_version(uow, number, version + 1, draft, by)
    return True


async def archive_metric(uow: UnitOfWork, metric: str) -> None:
    """Offer a metric no longer; what reads it goes on."""
    await uow.execute(
        "UPDATE metric SET archived_at = coalesce(archived_at, :now) WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(PREFIX, metric), "now": uow.clock.now()},
    )


async def versions_of(uow: UnitOfWork, metric: str) -> tuple[MetricVersion, ...]:
    """Return a metric's past, the newest version first."""
    rows = await uow.execute(
        "SELECT version, draft, changed_at, changed_by FROM metric_version "
        "WHERE tenant_id = :tenant AND metric_id = :id ORDER BY version DESC LIMIT 100",
        {"tenant": uow.tenant_id, "id": decode_id(PREFIX, metric)},
    )
    return tuple(
        MetricVersion(
            version=row.version,
            draft=MetricDraft.model_validate(row.draft),
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    )


async def _add_version(uow: UnitOfWork, number: int, version: int, draft: MetricDraft, by: str) -> None:
    await uow.execute(
        "INSERT INTO metric_version (tenant_id, metric_id, version, draft, changed_at, changed_by) "
        "VALUES (:tenant, :id, :version, CAST(:draft AS jsonb), :now, :by)",
        {
            "tenant": uow.tenant_id,
            "id": number,
            "version": version,
            "draft": json.dumps(draft.model_dump(mode="json", by_alias=True, exclude={"version"})),
            "now": uow.clock.now(),
            "by": by,
        },
    )


def _kept(row: Any) -> Kept:
    return Kept(
        id=encode_id(PREFIX, row.id),
        is_archived=row.is_archived,
        version=row.version,
        draft=MetricDraft.model_validate(row.draft),
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
