"""Packages, as stored."""

# ruff: noqa: S608 - statements are made of constants.

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.flows.rights.packages.errors import PackageNotFound
from quanyu.infra.unit_of_work import UnitOfWork

_COLUMNS: Final = (
    "id, request_id, language, actor, done, sources, place, gathered, gathered_size, size, attempts, "
    "trouble, removed, removed_by, created_at, finished_at, expires_at"
)
_FETCHES_SHOWN: Final = 20
_REST: Final = timedelta(seconds=5)
_REST_MAX: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A row of ``rights_package``. ``gathered``: rows by store and section; ``place``: of a source."""

    id: int
    request_id: int
    language: str
    actor: str
    done: int
    sources: int
    place: Any
    gathered: Mapping[str, int]
    gathered_size: int
    size: int
    attempts: int
    trouble: str
    removed: str | None
    removed_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


class PackageQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, package_id: int, people: Sequence[int], **values: Any) -> None:
        """Ask for a package about somebody."""
        await self._run(
            "INSERT INTO rights_package (tenant_id, id, request_id, language, actor, people, sources, "
            "due_at, created_at, expires_at) VALUES (:tenant, :id, :request, :language, :actor, "
            "CAST(:people AS int[]), :sources, :now, :now, :expires)",
            id=package_id,
            people=list(people),
            now=self._uow.clock.now(),
            **values,
        )

    async def of_request(self, request_id: int) -> list[PackageRow]:
        """Return the packages of a request, newest first."""
        found = await self._run(
            f"SELECT {_COLUMNS} FROM rights_package WHERE tenant_id = :tenant AND request_id = :request "
            "ORDER BY id DESC",
            request=request_id,
        )
        return [PackageRow(*row) for row in found]

    async def get(self, package_id: int, *, lock: bool = False) -> PackageRow:
        """Return a package.

        Raises:
            PackageNotFound: there is none.
        """
        held = "FOR UPDATE" if lock else ""
        found = await self._run(
            f"SELECT {_COLUMNS} FROM rights_package WHERE tenant_id = :tenant AND id = :id {held}",
            id=package_id,
        )
        row = found.first()
        if row is None:
            raise PackageNotFound("the brand has no such package", message_zh="没有这个资料包")
        return PackageRow(*row)

    async def next_due(self) -> tuple[PackageRow, int] | None:
        """Return the package that waits longest for somebody to go on, and whom its request is about."""
        found = await self._run(
            f"SELECT {', '.join(f'p.{one}' for one in _COLUMNS.split(', '))}, r.person_id "
            "FROM rights_package p "
            "JOIN rights_request r ON r.tenant_id = p.tenant_id AND r.id = p.request_id "
            "WHERE p.tenant_id = :tenant AND p.finished_at IS NULL AND p.removed IS NULL "
            "AND p.due_at <= :now ORDER BY p.due_at, p.id LIMIT 1",
            now=self._uow.clock.now(),
        )
        row = found.first()
        return None if row is None else (PackageRow(*row[:-1]), int(row[-1]))

    async def keep_page(
        self,
        package_id: int,
        people: Sequence[int],
        *,
        done: int,
        place: Any,
        gathered: Mapping[str, int],
        gathered_size: int,
    ) -> None:
        """Note how far gathering is, and who was meant."""
        await self.change(
            package_id,
            people=list(people),
            done=done,
            gathered_size=gathered_size,
            attempts=0,
            trouble="",
            due_at=self._uow.clock.now(),
        )
        await self._run(
            "UPDATE rights_package SET place = CAST(:place AS jsonb), gathered = CAST(:gathered AS jsonb) "
            "WHERE tenant_id = :tenant AND id = :id",
            id=package_id,
            place=json.dumps(place),
            gathered=json.dumps(gathered),
        )

    async def note_trouble(self, package_id: int, trouble: str) -> None:
        """Note why an attempt came to no end; each rest is twice the one before, ten minutes at the most."""
        await self._run(
            "UPDATE rights_package SET attempts = attempts + 1, trouble = :trouble, due_at = "
            ":now + least(CAST(:rest AS interval) * power(2, least(attempts, 10)), CAST(:most AS interval)) "
            "WHERE tenant_id = :tenant AND id = :id AND finished_at IS NULL AND removed IS NULL",
            id=package_id,
            trouble=trouble,
            now=self._uow.clock.now(),
            rest=_REST,
            most=_REST_MAX,
        )

    async def change(self, package_id: int, **values: Any) -> None:
        """Note what became of a package."""
        names = ", ".join(f"{name} = :{name}" for name in values)
        await self._run(
            f"UPDATE rights_package SET {names} WHERE tenant_id = :tenant AND id = :id",
            id=package_id,
            **values,
        )

    async def remove(self, package_id: int, why: str, *, by: str) -> None:
        """Note that the file is gone, and forget whom it was about; how much there was stays."""
        await self.change(package_id, removed=why, removed_by=by, people=[], place=None)

    async def fetched(self, fetch_id: int, package_id: int, *, actor: str) -> None:
        """Note who took a file."""
        await self._run(
            "INSERT INTO rights_package_fetch (tenant_id, id, package_id, actor, fetched_at) "
            "VALUES (:tenant, :id, :package, :actor, :now)",
            id=fetch_id,
            package=package_id,
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def fetches(self, package_ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
        """Return who took each file, the latest first."""
        found = await self._run(
            "SELECT package_id, actor, fetched_at FROM (SELECT *, row_number() OVER "
            "(PARTITION BY package_id ORDER BY id DESC) AS age FROM rights_package_fetch "
            "WHERE tenant_id = :tenant AND package_id = ANY(CAST(:ids AS bigint[]))) f "
            "WHERE age <= :most ORDER BY package_id, age",
            ids=list(package_ids),
            most=_FETCHES_SHOWN,
        )
        taken: dict[int, list[tuple[str, datetime]]] = {}
        for row in found:
            taken.setdefault(row.package_id, []).append((row.actor, row.fetched_at))
        return taken

    async def to_remove(self, limit: int) -> list[tuple[int, str]]:
        """Return packages whose file is to go, and why: over, or about somebody erased since."""
        found = await self._run(
            """
            SELECT p.id, CASE WHEN p.expires_at <= :now THEN 'expired' ELSE 'erased' END AS why
            FROM rights_package p WHERE p.tenant_id = :tenant AND p.removed IS NULL AND (
                p.expires_at <= :now OR EXISTS (SELECT FROM erased_person e
                    WHERE e.tenant_id = p.tenant_id AND e.person_id = ANY(p.people)))
            ORDER BY p.id LIMIT :limit FOR UPDATE SKIP LOCKED
            """,
            now=self._uow.clock.now(),
            limit=limit,
        )
        return [(row.id, row.why) for row in found]

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
