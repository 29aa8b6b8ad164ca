"""Statements on ``account_segment``."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork

_COLUMNS: Final = "id, name, definition, size, sized_at, updated_at"


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A row."""

    id: int
    name: str
    definition: dict[str, Any]
    size: int | None
    sized_at: datetime | None
    updated_at: datetime


class AccountSegmentQueries:
    """Account segments of one brand."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list(self) -> "list[KeptSegment]":
        """Return all, by name."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM account_segment WHERE tenant_id = :tenant ORDER BY name, id",  # noqa: S608
            {"tenant": self._uow.tenant_id},
        )
        return [KeptSegment(*row) for row in rows]

    async def find(self, segment_id: int) -> KeptSegment | None:
        """Return one."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM account_segment WHERE tenant_id = :tenant AND id = :id",  # noqa: S608
            {"tenant": self._uow.tenant_id, "id": segment_id},
        )
        row = rows.one_or_none()
        return None if row is None else KeptSegment(*row)

    async def name_is_taken(self, name: str, *, but: int) -> bool:
        """Tell whether another one has the name."""
        rows = await self._uow.execute(
            "SELECT 1 FROM account_segment WHERE tenant_id = :tenant AND name = :name AND id <> :but",
            {"tenant": self._uow.tenant_id, "name": name, "but": but},
        )
        return rows.first() is not None

    async def save(self, segment_id: int, name: str, definition: dict[str, Any]) -> None:
        """Keep one, new or changed; what it came to before is forgotten."""
        await self._uow.execute(
            "INSERT INTO account_segment (tenant_id, id, name, definition, updated_at) "
            "VALUES (:tenant, :id, :name, CAST(:definition AS jsonb), :now) "
            "ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, "
            "definition = excluded.definition, updated_at = excluded.updated_at, size = NULL, "
            "sized_at = NULL",
            {
                "tenant": self._uow.tenant_id,
                "id": segment_id,
                "name": name,
                "definition": json.dumps(definition, ensure_ascii=False),
                "now": self._uow.clock.now(),
            },
        )

    async def note_size(self, segment_id: int, size: int, at: datetime) -> None:
        """Keep how many it came to when somebody looked."""
        await self._uow.execute(
            "UPDATE account_segment SET size = :size, sized_at = :at WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": segment_id, "size": size, "at": at},
        )

    async def delete(self, segment_id: int) -> None:
        """Delete one."""
        await self._uow.execute(
            "DELETE FROM account_segment WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": segment_id},
        )
