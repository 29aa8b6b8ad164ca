"""Uploaded files and saved mappings, as stored."""

from collections.abc import Sequence
from typing import Any

from quanyu.flows.imports.errors import FileGone, MappingNotFound
from quanyu.flows.imports.wizard.contracts import ImportPlan
from quanyu.infra.unit_of_work import UnitOfWork

_FILE = "id, tenant_id, name, size, is_rejects, created_by, created_at"
_MAPPING = "id, name, kind, plan, actor, updated_at"


class WizardQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add_file(self, file_id: int, *, name: str, size: int, is_rejects: bool, actor: str) -> None:
        """Note an uploaded file."""
        await self._run(
            "INSERT INTO import_file (tenant_id, id, name, size, is_rejects, created_by, created_at) "
            "VALUES (:tenant, :id, :name, :size, :is_rejects, :actor, :now)",
            id=file_id,
            name=name,
            size=size,
            is_rejects=is_rejects,
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def get_file(self, file_id: int) -> Any:
        """Return an uploaded file.

        Raises:
            FileGone: there is none with this id, or it was removed since.
        """
        found = await self._run(
            f"SELECT {_FILE} FROM import_file WHERE tenant_id = :tenant AND id = :id",  # noqa: S608
            id=file_id,
        )
        row = found.first()
        if row is None:
            raise FileGone(
                "this file is no longer kept; upload it again", message_zh="该文件已不再保存，请重新上传"
            )
        return row

    async def files(self) -> list[Any]:
        """Return the brand's files, oldest first."""
        found = await self._run(
            f"SELECT {_FILE} FROM import_file WHERE tenant_id = :tenant ORDER BY id"  # noqa: S608
        )
        return list(found)

    async def paths_in_use(self) -> frozenset[str]:
        """Return the paths of files that imports not yet ended read."""
        found = await self._run(
            "SELECT file FROM import_job WHERE tenant_id = :tenant AND status IN ('queued', 'running')"
        )
        return frozenset(row.file for row in found)

    async def forget_files(self, file_ids: Sequence[int]) -> None:
        """Forget files that were removed."""
        await self._run(
            "DELETE FROM import_file WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[]))",
            ids=list(file_ids),
        )

    async def save_mapping(self, mapping_id: int, *, name: str, plan: ImportPlan, actor: str) -> int:
        """Keep a plan under a name; return the id it has."""
        found = await self._run(
            """
            INSERT INTO import_mapping AS m (tenant_id, id, name, kind, plan, actor, updated_at)
            VALUES (:tenant, :id, :name, :kind, CAST(:plan AS jsonb), :actor, :now)
            ON CONFLICT (tenant_id, name) DO UPDATE SET kind = excluded.kind, plan = excluded.plan,
                actor = excluded.actor, updated_at = excluded.updated_at
            RETURNING id
            """,
            id=mapping_id,
            name=name,
            kind=plan.kind.value,
            plan=plan.model_dump_json(),
            actor=actor,
            now=self._uow.clock.now(),
        )
        return int(found.scalar_one())

    async def mappings(self) -> list[Any]:
        """Return every saved mapping, by name."""
        found = await self._run(
            f"SELECT {_MAPPING} FROM import_mapping WHERE tenant_id = :tenant ORDER BY name, id"  # noqa: S608
        )
        return list(found)

    async def drop_mapping(self, mapping_id: int) -> None:
        """Remove a saved mapping.

        Raises:
            MappingNotFound: there is none.
        """
        found = await self._run(
            "DELETE FROM import_mapping WHERE tenant_id = :tenant AND id = :id RETURNING id", id=mapping_id
        )
        if found.first() is None:
            raise MappingNotFound("there is no such mapping", message_zh="没有该映射")

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
