"""Every statement about message templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.messaging.templates.contracts import TemplateVariant


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template with what it says now."""

    id: int
    name: str
    note: str
    version: int
    variants: tuple[TemplateVariant, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of what it says."""

    version: int
    variants: tuple[TemplateVariant, ...]
    saved_at: datetime
    saved_by: str


_SELECT = """
SELECT t.id, t.name, t.note, t.version, v.variants, t.created_at, t.updated_at
FROM content_template t JOIN content_template_version v
    ON v.tenant_id = t.tenant_id AND v.template_id = t.id AND v.version = t.version
WHERE t.tenant_id = :tenant
"""


async def count(uow: UnitOfWork) -> int:
    """Return how many templates the brand has."""
    rows = await uow.execute(
        "SELECT count(*) FROM content_template WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return int(rows.scalar_one())


async def insert(uow: UnitOfWork, template_id: int, *, name: str, note: str) -> None:
    """Write a template; its first version comes beside it."""
    await uow.execute(
        "INSERT INTO content_template "
        "(tenant_id, id, name, note, version, created_at, updated_at) "
        "VALUES (:tenant, :id, :name, :note, 1, :now, :now)",
        {"tenant": uow.tenant_id, "id": template_id, "name": name, "note": note, "now": uow.clock.now()},
    )


async def update(uow: UnitOfWork, template_id: int, *, name: str, note: str, version: int) -> None:
    """Change a template's name, note and present version."""
    await uow.execute(
        "UPDATE content_template SET name = :name, note = :note, version = :version, updated_at = :now "
        "WHERE tenant_id = :tenant AND id = :id",
        {
            "tenant": uow.tenant_id,
            "id": template_id,
            "name": name,
            "note": note,
            "version": version,
            "now": uow.clock.now(),
        },
    )


async def insert_version(
    uow: UnitOfWork, template_id: int, version: int, variants: Sequence[TemplateVariant], *, actor: str
) -> None:
    """Write what it says from now on."""
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO content_template_version "
        "(tenant_id, template_id, version, variants, saved_at, saved_by) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            template_id,
            version,
            Jsonb([one.model_dump(mode="json") for one in variants]),
            uow.clock.now(),
            actor,
        ),
    )


async def find(uow: UnitOfWork, template_id: int, *, lock: bool = False) -> TemplateRow | None:
    """Return a template."""
    rows = await uow.execute(
        f"{_SELECT} AND t.id = :id" + (" FOR UPDATE OF t" if lock else ""),
        {"tenant": uow.tenant_id, "id": template_id},
    )
    row = rows.first()
    return None if row is None else _row(row)


async def list_page(uow: UnitOfWork, *, before_id: int | None, rows_max: int) -> list[TemplateRow]:
    """Return templates, newest first."""
    rows = await uow.execute(
        f"{_SELECT} AND (CAST(:before AS bigint) IS NULL OR t.id < :before) ORDER BY t.id DESC LIMIT :rows",
        {"tenant": uow.tenant_id, "before": before_id, "rows": rows_max},
    )
    return [_row(row) for row in rows]


async def list_versions(uow: UnitOfWork, template_id: int, *, rows_max: int) -> list[VersionRow]:
    """Return a template's versions, newest first."""
    rows = await uow.execute(
        "SELECT version, variants, saved_at, saved_by FROM content_template_version "
        "WHERE tenant_id = :tenant AND template_id = :id ORDER BY version DESC LIMIT :rows",
        {"tenant": uow.tenant_id, "id": template_id, "rows": rows_max},
    )
    return [VersionRow(row[0], _variants(row[1]), row[2], row[3]) for row in rows]


async def delete(uow: UnitOfWork, template_id: int) -> None:
    """Delete a template with its versions."""
    values = {"tenant": uow.tenant_id, "id": template_id}
    await uow.execute(
        "DELETE FROM content_template_version WHERE tenant_id = :tenant AND template_id = :id", values
    )
    await uow.execute("DELETE FROM content_template WHERE tenant_id = :tenant AND id = :id", values)


def _row(row: Any) -> TemplateRow:
    return TemplateRow(row[0], row[1], row[2], row[3], _variants(row[4]), row[5], row[6])


def _variants(stored: Any) -> tuple[TemplateVariant, ...]:
    read = msgspec.json.decode(stored) if isinstance(stored, str | bytes) else stored
    return tuple(TemplateVariant.model_validate(one) for one in read)
