"""Every query of segments on PostgreSQL but those of their members, which ``members`` has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.segments.errors import SegmentNameTaken, SegmentNotFound
from quanyu.modules.segments.references import Stored, asked_in

_COLUMNS: Final = (
    "id, name, description, definition, revision, evaluated_revision, member_count, as_of, took_ms, error, "
    "generation, mirrored, created_at, updated_at, deleted_at, owner, "
    "schedule, wanted_at"
)
_LIVE: Final = "tenant_id = :tenant AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A row of ``segment``."""

    id: int
    name: str
    description: str
    definition: dict[str, Any]
    revision: int
    evaluated_revision: int
    member_count: int
    as_of: datetime | None
    took_ms: int | None
    error: str | None
    generation: int
    mirrored: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    owner: str  # "" where people made it; else who keeps it, such as "tag:ptg_…".
    schedule: dict[str, Any]
    wanted_at: datetime | None


class SegmentQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def insert(
        self, segment_id: int, *, name: str, description: str, definition: dict[str, Any], owner: str = ""
    ) -> None:
        """Add a segment."""
        await self._write(
            "INSERT INTO segment "
            "(tenant_id, id, name, description, definition, owner, created_at, updated_at) "
            "VALUES (:tenant, :id, :name, :description, CAST(:definition AS jsonb), :owner, :now, :now)",
            segment_id,
            name=name,
            description=description,
            definition=definition,
            owner=owner,
        )

    async def update(
        self, segment_id: int, *, name: str, description: str, definition: dict[str, Any]
    ) -> None:
        """Replace a segment's name, description and definition."""
        await self._write(
            "UPDATE segment SET name = :name, description = :description, updated_at = :now, error = NULL, "
            "revision = revision + (definition <> CAST(:definition AS jsonb))::int, "
            "definition = CAST(:definition AS jsonb) WHERE tenant_id = :tenant AND id = :id",
            segment_id,
            name=name,
            description=description,
            definition=definition,
        )

    async def set_schedule(self, segment_id: int, schedule: dict[str, Any]) -> None:
        """Say when a segment is evaluated."""
        await self._uow.execute(
            "UPDATE segment SET schedule = CAST(:schedule AS jsonb) WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id, "schedule": json.dumps(schedule)},
        )

    async def want(self, segment_id: int) -> None:
        """Note that somebody asks for an evaluation now."""
        await self._uow.execute(
            "UPDATE segment SET wanted_at = :now WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id, "now": self._uow.clock.now()},
        )

    async def _write(
        self,
        sql: str,
        segment_id: int,
        *,
        name: str,
        description: str,
        definition: dict[str, Any],
        **more: str,
    ) -> None:
        values = {
            **more,
            "tenant": self._tenant,
            "id": segment_id,
            "name": name,
            "description": description,
            "definition": json.dumps(definition, ensure_ascii=False),
            "now": self._uow.clock.now(),
        }
        try:
            await self._uow.execute(sql, values)
        except IntegrityError as error:
            raise SegmentNameTaken(
                f"another segment is called {name!r}", message_zh=f"已有名为“{name}”的分群"
            ) from error

    async def get(self, segment_id: int) -> SegmentRow:
        """Return a segment.

        Raises:
            SegmentNotFound: there is none, or it was deleted.
        """
        row = await self._find(f"SELECT {_COLUMNS} FROM segment WHERE {_LIVE} AND id = :id", segment_id)  # noqa: S608
        return _found(row)

    async def lock(self, segment_id: int) -> SegmentRow:
        """Return a segment, deleted or not, and hold its row until the end of the transaction.

        Raises:
            SegmentNotFound: there is none any more.
        """
        row = await self._find(
            f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = :tenant AND id = :id FOR UPDATE",  # noqa: S608
            segment_id,
        )
        return _found(row)

    async def _find(self, sql: str, segment_id: int) -> SegmentRow | None:
        row = (await self._uow.execute(sql, {"tenant": self._tenant, "id": segment_id})).first()
        return None if row is None else SegmentRow(*row)

    async def list_all(self, limit: int) -> list[SegmentRow]:
        """Return the newest segments, whoever keeps them."""
        found = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM segment WHERE {_LIVE} ORDER BY id DESC LIMIT :limit",  # noqa: S608
            {"tenant": self._tenant, "limit": limit},
        )
        return [SegmentRow(*row) for row in found]

    async def list_made(self, limit: int) -> list[SegmentRow]:
        """Return the newest segments that people made."""
        found = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM segment WHERE {_LIVE} AND owner = '' "  # noqa: S608
            "ORDER BY id DESC LIMIT :limit",
            {"tenant": self._tenant, "limit": limit},
        )
        return [SegmentRow(*row) for row in found]

    async def references(self) -> Stored:
        """Return all living segments, whoever keeps them and of whatever, with those each asks about."""
        found = await self._uow.execute(
            f"SELECT id, definition, false AS of_companies FROM segment WHERE {_LIVE} UNION ALL "  # noqa: S608
            "SELECT id, definition, true FROM account_segment WHERE tenant_id = :tenant",
            {"tenant": self._tenant},
        )
        rows = found.all()
        return Stored(
            {row.id: frozenset(asked_in(row.definition)) for row in rows},
            frozenset(row.id for row in rows if row.of_companies),
        )

    async def names(self, segment_ids: Sequence[int]) -> list[str]:
        """Return the names of segments, of people or of companies, ascending."""
        found = await self._uow.execute(
            f"SELECT name FROM segment WHERE {_LIVE} AND id = ANY(CAST(:ids AS bigint[])) UNION ALL "  # noqa: S608
            "SELECT name FROM account_segment WHERE tenant_id = :tenant "
            "AND id = ANY(CAST(:ids AS bigint[])) ORDER BY name",
            {"tenant": self._tenant, "ids": list(segment_ids)},
        )
        return [row.name for row in found]

    async def count(self) -> int:
        """Return how many segments people made."""
        found = await self._uow.execute(
            f"SELECT count(*) FROM segment WHERE {_LIVE} AND owner = ''",  # noqa: S608
            {"tenant": self._tenant},
        )
        return int(found.scalar_one())

    async def list_deleted(self) -> list[int]:
        """Return segments whose members still have to be taken away."""
        found = await self._uow.execute(
            "SELECT id FROM segment WHERE tenant_id = :tenant AND deleted_at IS NOT NULL "
            "ORDER BY id LIMIT 100",
            {"tenant": self._tenant},
        )
        return [row.id for row in found]

    async def mark_deleted(self, segment_id: int) -> None:
        """Hide a segment; its members follow in the background."""
        await self._uow.execute(
            "UPDATE segment SET deleted_at = :now WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id, "now": self._uow.clock.now()},
        )

    async def forget(self, segment_id: int) -> None:
        """Remove a segment without members for good."""
        await self._uow.execute(
            "DELETE FROM segment WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id},
        )

    async def advance(self, segment_id: int, *, count_change: int) -> int:
        """Count one more committed change of the membership; return its number."""
        found = await self._uow.execute(
            "UPDATE segment SET generation = generation + 1, member_count = member_count + :change "
            "WHERE tenant_id = :tenant AND id = :id RETURNING generation",
            {"tenant": self._tenant, "id": segment_id, "change": count_change},
        )
        return int(found.scalar_one())

    async def confirm(self, segment_id: int, *, revision: int, as_of: datetime, took_ms: int) -> None:
        """Note that the members are those of ``revision`` at ``as_of``."""
        await self._uow.execute(
            "UPDATE segment SET as_of = :as_of, evaluated_revision = :revision, took_ms = :took, "
            "error = NULL WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id, "as_of": as_of, "revision": revision, "took": took_ms},
        )

    async def note_failure(self, segment_id: int, error: str) -> None:
        """Note that an evaluation failed; the members stay as they are."""
        await self._uow.execute(
            "UPDATE segment SET error = :error WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": segment_id, "error": error[:500]},
        )

    async def note_mirrored(self, segment_id: int, generation: int) -> None:
        """Note that the warehouse has every change up to ``generation``."""
        await self._uow.execute(
            "UPDATE segment SET mirrored = :generation WHERE tenant_id = :tenant AND id = :id "
            "AND mirrored < :generation",
            {"tenant": self._tenant, "id": segment_id, "generation": generation},
        )

    async def distrust_copies(self) -> None:
        """Have the warehouse's copy of every segment compared with the members before it is used again."""
        await self._uow.execute(
            "UPDATE segment SET mirrored = -1 WHERE tenant_id = :tenant", {"tenant": self._tenant}
        )

    async def listen(self, segment_id: int, listener: str) -> None:
        """Add a listener; idempotent."""
        await self._uow.execute(
            "INSERT INTO segment_listener (tenant_id, segment_id, listener, since) "
            "VALUES (:tenant, :id, :listener, :now) ON CONFLICT DO NOTHING",
            {"tenant": self._tenant, "id": segment_id, "listener": listener, "now": self._uow.clock.now()},
        )

    async def unlisten(self, segment_id: int, listener: str) -> None:
        """Take a listener away; idempotent."""
        await self._uow.execute(
            "DELETE FROM segment_listener "
            "WHERE tenant_id = :tenant AND segment_id = :id AND listener = :listener",
            {"tenant": self._tenant, "id": segment_id, "listener": listener},
        )

    async def listeners(self, segment_id: int) -> list[str]:
        """Return who listens to a segment."""
        found = await self._uow.execute(
            "SELECT listener FROM segment_listener WHERE tenant_id = :tenant AND segment_id = :id "
            "ORDER BY listener",
            {"tenant": self._tenant, "id": segment_id},
        )
        return [row.listener for row in found]

    async def list_listened(self) -> set[int]:
        """Return the segments somebody listens to."""
        found = await self._uow.execute(
            "SELECT DISTINCT segment_id FROM segment_listener WHERE tenant_id = :tenant",
            {"tenant": self._tenant},
        )
        return {row.segment_id for row in found}


def _found(row: SegmentRow | None) -> SegmentRow:
    if row is None:
        raise SegmentNotFound("there is no such segment", message_zh="没有这个分群")
    return row
