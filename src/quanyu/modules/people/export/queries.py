"""Exports, as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.export.errors import ExportNotFound

_SHOWN: Final = (
    "id, state, columns, is_unmasked, reason, actor, meant AS people, done, rows, size, "
    "removed, removed_by, created_at, finished_at, expires_at, format, book"
)
_FETCHES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A row of ``people_export``, without its people."""

    id: int
    state: str
    columns: Sequence[str]
    is_unmasked: bool
    reason: str
    actor: str
    people: int
    done: int
    rows: int
    size: int
    removed: str | None
    removed_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    format: str
    book: Any  # What is written of a workbook.


class ExportQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, export_id: int, people: Sequence[int], **values: Any) -> None:
        """Ask for an export about people, ascending."""
        await self._run(
            "INSERT INTO people_export (tenant_id, id, columns, is_unmasked, reason, actor, people, meant, "
            "created_at, expires_at, format) VALUES (:tenant, :id, :columns, :unmasked, :reason, :actor, "
            "CAST(:people AS int[]), :meant, :now, :expires, :format)",
            id=export_id,
            people=list(people),
            meant=len(people),
            now=self._uow.clock.now(),
            **values,
        )

    async def latest(self, limit: int) -> list[ExportRow]:
        """Return the newest exports."""
        found = await self._run(
            f"SELECT {_SHOWN} FROM people_export WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",  # noqa: S608
            limit=limit,
        )
        return [ExportRow(*row) for row in found]

    async def get(self, export_id: int, *, lock: bool = False) -> ExportRow:
        """Return an export.

        Raises:
            ExportNotFound: there is none.
        """
        held = "FOR UPDATE" if lock else ""
        found = await self._run(
            f"SELECT {_SHOWN} FROM people_export WHERE tenant_id = :tenant AND id = :id {held}",  # noqa: S608
            id=export_id,
        )
        row = found.first()
        if row is None:
            raise ExportNotFound("the brand has no such export", message_zh="没有这个导出")
        return ExportRow(*row)

    async def claim(self, size: int) -> tuple[ExportRow, list[int]] | None:
        """Return the oldest running export and its next people, and hold it; ``None`` when none is free."""
        found = await self._run(
            f"SELECT {_SHOWN}, people[done + 1:done + :size] AS next FROM people_export "  # noqa: S608
            "WHERE tenant_id = :tenant AND state = 'running' AND removed IS NULL "
            "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
            size=size,
        )
        row = found.first()
        return None if row is None else (ExportRow(*row[:-1]), list(row.next))

    async def among(self, export_id: int, people: Sequence[int]) -> set[int]:
        """Return which of the ids are among an export's people."""
        found = await self._run(
            "SELECT w.id FROM unnest(CAST(:people AS int[])) AS w (id) JOIN "
            "(SELECT unnest(people) AS id FROM people_export WHERE tenant_id = :tenant AND id = :export) e "
            "USING (id)",
            people=list(people),
            export=export_id,
        )
        return {row.id for row in found}

    async def change(self, export_id: int, **values: Any) -> None:
        """Note what became of an export."""
        names = ", ".join(f"{name} = :{name}" for name in values)
        await self._run(
            f"UPDATE people_export SET {names} WHERE tenant_id = :tenant AND id = :id",  # noqa: S608
            id=export_id,
            **values,
        )

    async def note_written(self, export_id: int, *, done: int, rows: int, size: int, book: Any) -> None:
        """Note how far a file has come, and what is needed to go on."""
        await self._run(
            "UPDATE people_export SET done = :done, rows = :rows, size = :size, "
            "book = CAST(:book AS jsonb) WHERE tenant_id = :tenant AND id = :id",
            id=export_id,
            done=done,
            rows=rows,
            size=size,
            book=None if book is None else msgspec.json.encode(book).decode(),
        )

    async def remove(self, export_id: int, why: str, *, by: str) -> None:
        """Note that the file is gone, and forget whom it was about; how many they were stays."""
        await self._run(
            "UPDATE people_export SET removed = :why, removed_by = :by, people = '{}' "
            "WHERE tenant_id = :tenant AND id = :id",
            id=export_id,
            why=why,
            by=by,
        )

    async def fetched(self, fetch_id: int, export_id: int, *, actor: str) -> None:
        """Note who took a file."""
        await self._run(
            "INSERT INTO people_export_fetch (tenant_id, id, export_id, actor, fetched_at) "
            "VALUES (:tenant, :id, :export, :actor, :now)",
            id=fetch_id,
            export=export_id,
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def fetches(self, export_ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
        """Return who took each file, the latest first."""
        found = await self._run(
            "SELECT export_id, actor, fetched_at FROM (SELECT *, row_number() OVER "
            "(PARTITION BY export_id ORDER BY id DESC) AS age FROM people_export_fetch "
            "WHERE tenant_id = :tenant AND export_id = ANY(CAST(:ids AS bigint[]))) f "
            "WHERE age <= :most ORDER BY export_id, age",
            ids=list(export_ids),
            most=_FETCHES_SHOWN,
        )
        taken: dict[int, list[tuple[str, datetime]]] = {}
        for row in found:
            taken.setdefault(row.export_id, []).append((row.actor, row.fetched_at))
        return taken

    async def to_remove(self, limit: int) -> list[tuple[int, str]]:
        """Return exports whose file is to go, and why: over, or with somebody erased since."""
        found = await self._run(
            """
            SELECT e.id, CASE WHEN e.expires_at <= :now THEN 'expired' ELSE 'erased' END AS why
            FROM people_export e WHERE e.tenant_id = :tenant AND e.removed IS NULL AND (
                e.expires_at <= :now OR EXISTS (SELECT FROM erased_person p WHERE p.tenant_id = e.tenant_id
                    AND p.erased_at >= e.created_at AND p.person_id = ANY(e.people)))
            ORDER BY e.id LIMIT :limit FOR UPDATE SKIP LOCKED
            """,
            now=self._uow.clock.now(),
            limit=limit,
        )
        return [(row.id, row.why) for row in found]

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
