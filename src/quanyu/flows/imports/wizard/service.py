"""The wizard's use cases: upload, look, propose, preview, try and run, keep mappings."""

import asyncio
import re
from collections.abc import AsyncIterable, Sequence
from pathlib import Path
from typing import Any, Final

from quanyu.flows.imports.contracts import ImportView, StartImport
from quanyu.flows.imports.errors import FileGone, FileUnusable, TooManyMappings
from quanyu.flows.imports.mapping import CellType, ImportKind
from quanyu.flows.imports.service import Imports
from quanyu.flows.imports.wizard import examining
from quanyu.flows.imports.wizard.contracts import (
    FILE_PREFIX,
    MAPPING_PREFIX,
    ColumnRole,
    FileChoice,
    FileExamined,
    ImportColumnView,
    ImportMappingList,
    ImportMappingView,
    ImportPlan,
    ImportPreview,
    ImportPreviewRow,
    SaveImportMapping,
    StartFileImport,
    UploadedFileView,
)
from quanyu.flows.imports.wizard.examining import Refused, Seen
from quanyu.flows.imports.wizard.guards import BRAND_BYTES_MAX
from quanyu.flows.imports.wizard.plan_map import map_text_of
from quanyu.flows.imports.wizard.proposing import guess_kind, propose, time_formats, without_doubles
from quanyu.flows.imports.wizard.queries import WizardQueries
from quanyu.flows.imports.wizard.shelf import Shelf, safe_name, unwrap_rejects
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.work_pool import WorkFailed, WorkPool
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.events.plan import queries as plans

MAPPINGS_MAX: Final = 100
_SAMPLES_SHOWN: Final = 4
_LOOK_TIMEOUT_S: Final = 60.0
_SLUG: Final = re.compile(r"[^a-z0-9_-]+")


class ImportDesk:
    """What somebody at the console does with files."""

    def __init__(self, uows: UnitOfWorkFactory, imports: Imports, pool: WorkPool, *, directory: Path) -> None:
        self._uows = uows
        self._imports = imports
        self._pool = pool
        self._shelf = Shelf(directory)

    async def receive(
        self, tenant_id: TenantId, name: str, content: AsyncIterable[bytes], *, actor: str
    ) -> FileExamined:
        """Store an uploaded file and look at it. A file that cannot be read is not kept.

        Raises:
            FileTooLarge, FileUnusable
        """
        file_id, shown = new_id(), safe_name(name)
        size = await self._shelf.receive(file_id, shown, content)
        path = self._shelf.path_of(file_id, shown)
        try:
            is_rejects = await asyncio.to_thread(unwrap_rejects, path)
            seen = await self._look(path, shown, FileChoice())
        except BaseException:
            self._shelf.remove(file_id)
            raise
        async with self._uows.app(tenant_id) as uow:
            await self._make_room(uow, size)
            await WizardQueries(uow).add_file(
                file_id, name=shown, size=size, is_rejects=is_rejects, actor=actor
            )
        return await self._examined(tenant_id, file_id, seen, kind=None)

    async def examine(
        self, tenant_id: TenantId, file: str, choice: FileChoice, kind: ImportKind | None
    ) -> FileExamined:
        """Look at a file again, read another way or for another kind of rows.

        Raises:
            FileGone, FileUnusable
        """
        file_id = decode_id(FILE_PREFIX, file)
        path, name = await self._located(tenant_id, file_id)
        return await self._examined(tenant_id, file_id, await self._look(path, name, choice), kind=kind)

    async def preview(self, tenant_id: TenantId, file: str, plan: ImportPlan) -> ImportPreview:
        """Return the first rows as they would become; nothing is written.

        Raises:
            FileGone, FileUnusable, MapInvalid
        """
        path, name = await self._located(tenant_id, decode_id(FILE_PREFIX, file))
        _, text = map_text_of(plan, name=name)
        async with self._uows.app(tenant_id) as uow:
            planned = (await plans.whole(uow)).model_dump_json()
        rows = await self._in_pool(examining.preview, path, text, name, self._uows.clock.now(), planned)
        return ImportPreview(rows=tuple(ImportPreviewRow(**row) for row in rows))

    async def start(self, uow: UnitOfWork, file: str, command: StartFileImport, *, actor: str) -> ImportView:
        """Queue a dry run or the import itself. Idempotent while one of the same plan is under way.

        Raises:
            FileGone, MapInvalid
        """
        file_id = decode_id(FILE_PREFIX, file)
        row = await WizardQueries(uow).get_file(file_id)
        import_map, text = map_text_of(command.plan, name=row.name)
        wanted = StartImport(
            kind=import_map.kind,
            path=str(self._shelf.path_of(file_id, row.name)),
            map=text,
            dry_run=command.dry_run,
        )
        return await self._imports.start(uow, wanted, actor=actor)

    async def save_mapping(
        self, uow: UnitOfWork, command: SaveImportMapping, *, actor: str
    ) -> ImportMappingList:
        """Keep a plan under a name and return all of them; the plan of that name is replaced.

        Raises:
            MapInvalid: it could not be followed.
            TooManyMappings
        """
        map_text_of(command.plan, name=command.name)
        queries = WizardQueries(uow)
        known = await queries.mappings()
        if len(known) >= MAPPINGS_MAX and command.name not in {row.name for row in known}:
            raise TooManyMappings(
                f"a brand keeps at most {MAPPINGS_MAX} mappings", message_zh=f"映射最多 {MAPPINGS_MAX} 个"
            )
        await queries.save_mapping(new_id(), name=command.name, plan=command.plan, actor=actor)
        return await self.mappings(uow)

    async def mappings(self, uow: UnitOfWork) -> ImportMappingList:
        """Return every saved mapping."""
        return ImportMappingList(
            items=tuple(_mapping_view(row) for row in await WizardQueries(uow).mappings())
        )

    async def drop_mapping(self, uow: UnitOfWork, mapping: str) -> None:
        """Remove a saved mapping; imports made by it stay.

        Raises:
            MappingNotFound
        """
        await WizardQueries(uow).drop_mapping(decode_id(MAPPING_PREFIX, mapping))

    async def _located(self, tenant_id: TenantId, file_id: int) -> tuple[Path, str]:
        async with self._uows.app(tenant_id) as uow:
            row = await WizardQueries(uow).get_file(file_id)
        path = self._shelf.path_of(file_id, row.name)
        if not path.exists():
            raise FileGone(
                "this file is no longer kept; upload it again", message_zh="该文件已不再保存，请重新上传"
            )
        return path, row.name

    async def _look(self, path: Path, name: str, choice: FileChoice) -> Seen:
        seen: Seen = await self._in_pool(examining.look, path, name, choice)
        return seen

    async def _in_pool(self, work: Any, *arguments: Any) -> Any:
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S):
                told = await self._pool.run(work, *arguments)
        except (WorkFailed, TimeoutError) as error:
            raise FileUnusable(
                "this file cannot be looked at: it takes too much memory or time, or is damaged",
                message_zh="无法读取该文件：占用内存或时间过多，或文件已损坏",
            ) from error
        if isinstance(told, Refused):
            raise _refusal(told)
        return told

    async def _examined(
        self, tenant_id: TenantId, file_id: int, seen: Seen, *, kind: ImportKind | None
    ) -> FileExamined:
        async with self._uows.app(tenant_id) as uow:
            queries = WizardQueries(uow)
            row, mappings = await queries.get_file(file_id), await queries.mappings()
        views = _column_views(seen, kind or guess_kind(one.name for one in seen.columns))
        return FileExamined(
            file=UploadedFileView(
                id=encode_id(FILE_PREFIX, row.id),
                name=row.name,
                size=row.size,
                created_by=row.created_by,
                created_at=row.created_at,
            ),
            format=seen.kind,
            choice=seen.choice,
            sheets=seen.sheets,
            columns=views,
            rows_seen=seen.rows,
            is_rejects=row.is_rejects,
            proposal=self._proposed(row.name, seen, views, kind),
            mapping=_fitting(seen, mappings),
        )

    def _proposed(
        self, name: str, seen: Seen, views: Sequence[ImportColumnView], kind: ImportKind | None
    ) -> ImportPlan:
        uses = tuple(view.proposal for view in views)
        timed = {one.column for one in uses if one.role is ColumnRole.TIME}
        dated = {one.column for one in uses if one.type in (CellType.TIME, CellType.DATE)}
        formats = [
            found
            for column in seen.columns
            if column.name in timed | dated
            for found in time_formats(column.texts)
        ]
        return ImportPlan(
            kind=(kind or guess_kind(one.name for one in seen.columns)).value,
            source=_SLUG.sub("_", Path(name).stem.casefold()).strip("_-")[:40] or "list",
            columns=uses,
            file=seen.choice,
            at=None if timed else self._uows.clock.now().replace(microsecond=0),
            formats=tuple(dict.fromkeys([*formats, *(["iso"] if formats else [])])),
        )

    async def _make_room(self, uow: UnitOfWork, size: int) -> None:
        """Remove the brand's oldest files until the new one fits; those that imports still read stay."""
        queries = WizardQueries(uow)
        files, used = await queries.files(), await queries.paths_in_use()
        total, gone = sum(row.size for row in files) + size, []
        for row in files:
            if total <= BRAND_BYTES_MAX:
                break
            if str(self._shelf.path_of(row.id, row.name)) not in used:
                total -= row.size
                gone.append(row.id)
        await queries.forget_files(gone)
        for file_id in gone:
            uow.after_commit(lambda file_id=file_id: self._shelf.remove(file_id))  # type: ignore[misc]


def _column_views(seen: Seen, kind: ImportKind) -> tuple[ImportColumnView, ...]:
    proposed = without_doubles(
        propose(one.name, one.texts, kind, is_unique=one.is_unique) for one in seen.columns
    )
    return tuple(
        ImportColumnView(
            name=column.name,
            samples=column.texts[:_SAMPLES_SHOWN],
            filled=column.filled,
            is_repeated=column.is_repeated,
            proposal=use.model_copy(update={"role": ColumnRole.SKIP}) if column.is_repeated else use,
            reason=reason,
        )
        for column, (use, reason) in zip(seen.columns, proposed, strict=True)
    )


def _fitting(seen: Seen, mappings: Sequence[Any]) -> str | None:
    """Return the saved mapping whose columns the file has, the one that uses most of them."""
    have = {one.name for one in seen.columns}
    best: tuple[int, str] | None = None
    for row in mappings:
        used = {one["column"] for one in row.plan["columns"] if one["role"] != ColumnRole.SKIP}
        if used <= have and (best is None or len(used) > best[0]):
            best = len(used), encode_id(MAPPING_PREFIX, row.id)
    return best[1] if best else None


def _mapping_view(row: Any) -> ImportMappingView:
    return ImportMappingView(
        id=encode_id(MAPPING_PREFIX, row.id),
        name=row.name,
        kind=ImportKind(row.kind),
        plan=ImportPlan.model_validate(row.plan),
        actor=row.actor,
        updated_at=row.updated_at,
    )


def _refusal(told: Refused) -> AppError:
    error = AppError(told.message, message_zh=told.message_zh)
    error.code, error.kind = told.code, ErrorKind.INVALID
    return error
