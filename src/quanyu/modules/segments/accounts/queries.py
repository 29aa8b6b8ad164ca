"""Statements on segments of companies and their stored members."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork

_COLUMNS: Final = "id, name, definition, size, sized_at, updated_at, as_of"


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A row."""

    id: int
    name: str
    definition: dict[str, Any]
    size: int | None
    sized_at: datetime | None
    updated_at: datetime
    as_of: datetime | None  # Of the stored members; none yet of this definition.


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
            "sized_at = NULL, as_of = NULL",
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

    async def lock(self, segment_id: int) -> KeptSegment | None:
        """Return one, its row held until the end of the transaction."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM account_segment WHERE tenant_id = :tenant AND id = :id FOR UPDATE",  # noqa: S608
            {"tenant": self._uow.tenant_id, "id": segment_id},
        )
        row = rows.one_or_none()
        return None if row is None else KeptSegment(*row)

    async def store(self, segment_id: int, companies: Collection[int], at: datetime) -> None:
        """Make the companies there still are the stored members, as of an instant."""
        values = {"tenant": self._uow.tenant_id, "id": segment_id, "companies": list(companies), "at": at}
        await self._uow.execute(
            "DELETE FROM account_segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "AND company_id <> ALL(CAST(:companies AS bigint[]))",
            values,
        )
        await self._uow.execute(
            "INSERT INTO account_segment_member (tenant_id, segment_id, company_id, since) "
            "SELECT c.tenant_id, :id, c.id, :at FROM company c "
            "WHERE c.tenant_id = :tenant AND c.id = ANY(CAST(:companies AS bigint[])) ON CONFLICT DO NOTHING",
            values,
        )
        await self._uow.execute(
            "UPDATE account_segment SET as_of = :at, size = :size, sized_at = :at "
            "WHERE tenant_id = :tenant AND id = :id",
            {**values, "size": len(companies)},
        )

    async def segments_of_companies(self) -> dict[int, Sequence[int]]:
        """Return of every company that is in any the segments it is in, by stored members, ascending."""
        rows = await self._uow.execute(
            "SELECT company_id, array_agg(segment_id ORDER BY segment_id) AS segments "
            "FROM account_segment_member WHERE tenant_id = :tenant GROUP BY company_id",
            {"tenant": self._uow.tenant_id},
        )
        return {row.company_id: row.segments for row in rows}

    async def mark(self) -> str:
        """Return a text that differs whenever stored members do."""
        rows = await self._uow.execute(
            "SELECT count(*), coalesce(bit_xor(hashtextextended((segment_id, company_id)::text, 0)), 0) "
            "FROM account_segment_member WHERE tenant_id = :tenant",
            {"tenant": self._uow.tenant_id},
        )
        return "{}:{}".format(*rows.one())
