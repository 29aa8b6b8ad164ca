"""Every query of computed attributes on PostgreSQL, except those on values, which people keep."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork

TOUCHES_MAX: Final = 50_000
_ROW: Final = (
    "id, key, name, description, state, draft, definition, version, value_type, created_at, created_by, "
    "published_at, as_of, full_at, people, changed, took_ms, error"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of ``computed_attribute``. ``full_at`` empty: everybody has to be computed."""

    id: int
    key: str
    name: str
    description: str
    state: str  # draft, live, paused, deleted
    draft: dict[str, Any] | None
    definition: dict[str, Any] | None
    version: int
    value_type: str | None
    created_at: datetime
    created_by: str
    published_at: datetime | None
    as_of: datetime | None
    full_at: datetime | None
    people: int
    changed: int
    took_ms: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """What was published, by whom, when."""

    version: int
    definition: dict[str, Any]
    actor: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a brand's values follow history."""

    as_of: datetime
    batch_id: int
    profile_version: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Person ids whose merges or partings are news, and the rows that say so."""

    people: tuple[int, ...]
    rows: tuple[int, ...]
    is_settled: bool  # The warehouse knows each of them.


class ComputedQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def list_all(self) -> list[Row]:
        """Return every attribute that is not deleted, oldest first."""
        found = await self._uow.execute(
            f"SELECT {_ROW} FROM computed_attribute "  # noqa: S608
            "WHERE tenant_id = :tenant AND state <> 'deleted' ORDER BY id",
            {"tenant": self._tenant},
        )
        return [Row(*row) for row in found]

    async def list_deleted(self) -> list[tuple[int, str]]:
        """Return (id, key) of attributes whose values are still to be removed."""
        found = await self._uow.execute(
            "SELECT id, key FROM computed_attribute WHERE tenant_id = :tenant AND state = 'deleted'",
            {"tenant": self._tenant},
        )
        return [(row.id, row.key) for row in found]

    async def lock_all(self) -> None:
        """Let one at a time change the brand's attributes: they read each other."""
        await self._uow.execute(
            "SELECT pg_advisory_xact_lock(hashtext('computed_attribute'), :tenant)", {"tenant": self._tenant}
        )

    async def add(
        self, attribute_id: int, *, key: str, name: str, description: str, draft: dict[str, Any], actor: str
    ) -> None:
        """Add a draft."""
        await self._uow.execute(
            "INSERT INTO computed_attribute (tenant_id, id, key, name, description, state, draft, "
            "created_at, created_by) VALUES (:tenant, :id, :key, :name, :description, 'draft', "
            "CAST(:draft AS jsonb), :now, :actor)",
            {
                "tenant": self._tenant,
                "id": attribute_id,
                "key": key,
                "name": name,
                "description": description,
                "draft": json.dumps(draft),
                "now": self._uow.clock.now(),
                "actor": actor,
            },
        )

    async def save(
        self, attribute_id: int, *, name: str, description: str, draft: dict[str, Any] | None
    ) -> None:
        """Replace words and draft."""
        await self._uow.execute(
            "UPDATE computed_attribute SET name = :name, description = :description, "
            "draft = CAST(:draft AS jsonb) WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._tenant,
                "id": attribute_id,
                "name": name,
                "description": description,
                "draft": None if draft is None else json.dumps(draft),
            },
        )

    async def publish(self, row: Row, *, value_type: str, actor: str) -> None:
        """Make the draft the definition; everybody is computed next."""
        known = {
            "tenant": self._tenant,
            "id": row.id,
            "version": row.version + 1,
            "now": self._uow.clock.now(),
        }
        await self._uow.execute(
            "INSERT INTO computed_attribute_version "
            "(tenant_id, attribute_id, version, definition, actor, published_at) "
            "VALUES (:tenant, :id, :version, CAST(:definition AS jsonb), :actor, :now)",
            {**known, "definition": json.dumps(row.draft), "actor": actor},
        )
        await self._uow.execute(
            "UPDATE computed_attribute SET definition = draft, draft = NULL, version = :version, "
            "value_type = :value_type, published_at = :now, full_at = NULL, error = NULL, state = 'live' "
            "WHERE tenant_id = :tenant AND id = :id",
            {**known, "value_type": value_type},
        )

    async def versions(self, attribute_id: int) -> list[Version]:
        """Return what was published, newest first."""
        found = await self._uow.execute(
            "SELECT version, definition, actor, published_at FROM computed_attribute_version "
            "WHERE tenant_id = :tenant AND attribute_id = :id ORDER BY version DESC LIMIT 50",
            {"tenant": self._tenant, "id": attribute_id},
        )
        return [Version(*row) for row in found]

    async def set_state(self, attribute_id: int, state: str) -> None:
        """Pause, resume or delete; whatever was not live is computed for everybody when it is again."""
        await self._uow.execute(
            "UPDATE computed_attribute SET state = :state, full_at = NULL "
            "WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._tenant, "id": attribute_id, "state": state},
        )

    async def remove(self, attribute_id: int) -> None:
        """Remove a deleted attribute's rows."""
        for table, column in (("computed_attribute_version", "attribute_id"), ("computed_attribute", "id")):
            await self._uow.execute(
                f"DELETE FROM {table} WHERE tenant_id = :tenant AND {column} = :id",  # noqa: S608
                {"tenant": self._tenant, "id": attribute_id},
            )

    async def progress(self) -> Progress | None:
        """Return how far the brand's values follow history."""
        found = await self._uow.execute(
            "SELECT as_of, batch_id, profile_version FROM computed_progress WHERE tenant_id = :tenant",
            {"tenant": self._tenant},
        )
        row = found.first()
        return None if row is None else Progress(row.as_of, int(row.batch_id), int(row.profile_version))

    async def advance(self, progress: Progress) -> None:
        """Note how far the values follow history now."""
        await self._uow.execute(
            """
            INSERT INTO computed_progress (tenant_id, as_of, batch_id, profile_version)
            VALUES (:tenant, :as_of, :batch, :profiles)
            ON CONFLICT (tenant_id) DO UPDATE SET as_of = excluded.as_of, batch_id = excluded.batch_id,
                profile_version = excluded.profile_version
            """,
            {
                "tenant": self._tenant,
                "as_of": progress.as_of,
                "batch": progress.batch_id,
                "profiles": progress.profile_version,
            },
        )

    async def stored_batch(self) -> int:
        """Return up to which batch the warehouse holds events."""
        found = await self._uow.execute(
            "SELECT batch_id FROM log_cursor WHERE tenant_id = :tenant AND consumer = 'store'",
            {"tenant": self._tenant},
        )
        row = found.first()
        return 0 if row is None else int(row.batch_id or 0)

    async def note_computed(
        self,
        row: Row,
        *,
        as_of: datetime,
        is_full: bool,
        people: int,
        changed: int,
        took_ms: int,
        error: str | None,
    ) -> None:
        """Note what a computation did, unless another version was published meanwhile."""
        await self._uow.execute(
            """
            UPDATE computed_attribute SET people = :people, changed = :changed, took_ms = :took_ms,
                error = :error, as_of = CASE WHEN :failed THEN as_of ELSE :as_of END,
                full_at = CASE WHEN :failed THEN NULL WHEN :is_full THEN :as_of ELSE full_at END
            WHERE tenant_id = :tenant AND id = :id AND version = :version AND state = 'live'
            """,
            {
                "tenant": self._tenant,
                "id": row.id,
                "version": row.version,
                "as_of": as_of,
                "is_full": is_full,
                "people": people,
                "changed": changed,
                "took_ms": took_ms,
                "error": error,
                "failed": error is not None,
            },
        )

    async def touch(self, people: Sequence[int]) -> None:
        """Note that who is who has changed for these person ids."""
        await self._uow.execute(
            "INSERT INTO computed_touch (tenant_id, person_id) "
            "SELECT :tenant, unnest(CAST(:people AS int[]))",
            {"tenant": self._tenant, "people": list(people)},
        )

    async def has_any(self) -> bool:
        """Tell whether the brand has published attributes."""
        found = await self._uow.execute(
            "SELECT EXISTS (SELECT FROM computed_attribute WHERE tenant_id = :tenant AND version > 0)",
            {"tenant": self._tenant},
        )
        return bool(found.scalar_one())

    async def touched(self) -> Touched:
        """Return the oldest touched person ids."""
        found = await self._uow.execute(
            "SELECT seq, person_id FROM computed_touch WHERE tenant_id = :tenant ORDER BY seq LIMIT :most",
            {"tenant": self._tenant, "most": TOUCHES_MAX},
        )
        rows = found.all()
        people = tuple(sorted({row.person_id for row in rows}))
        waiting = await self._uow.execute(
            "SELECT EXISTS (SELECT FROM person_change WHERE tenant_id = :tenant AND remapped "
            "AND person_id = ANY(CAST(:people AS int[])))",
            {"tenant": self._tenant, "people": list(people)},
        )
        return Touched(people, tuple(row.seq for row in rows), not waiting.scalar_one())

    async def forget_touched(self, touched: Touched) -> None:
        """Remove exactly what was read: numbers come out of the order of commits."""
        await self._uow.execute(
            "DELETE FROM computed_touch WHERE tenant_id = :tenant AND seq = ANY(CAST(:rows AS bigint[]))",
            {"tenant": self._tenant, "rows": list(touched.rows)},
        )
