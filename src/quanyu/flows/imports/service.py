"""Imports: the use cases. The worker in ``jobs`` does the reading and writing."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from quanyu.flows.imports.contracts import (
    ImportDetail,
    ImportFailure,
    ImportFindings,
    ImportPage,
    ImportPlanIssue,
    ImportStatus,
    ImportView,
    StartImport,
)
from quanyu.flows.imports.errors import (
    FileUnusable,
    ImportFinished,
    ImportNotFound,
    MapInvalid,
    NoRejects,
)
from quanyu.flows.imports.jobs import ImportWorker, folder_of
from quanyu.flows.imports.mapfile import parse_map, read_map
from quanyu.flows.imports.prepare import read_manifest
from quanyu.flows.imports.queries import ImportQueries
from quanyu.flows.imports.rejects import REJECTS
from quanyu.infra.spreadsheet import csv_blocks
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor

_OPEN = (ImportStatus.QUEUED, ImportStatus.RUNNING)


class Imports:
    """Start, watch and cancel imports of files that lie on this machine."""

    def __init__(self, worker: ImportWorker) -> None:
        self._worker = worker

    async def start(self, uow: UnitOfWork, command: StartImport, *, actor: str = "") -> ImportView:
        """Queue an import, or a dry run, which writes nothing.

        Idempotent while it is open: the same file by the same map joins the import that is under way, so
        running the command again after a crash continues it.

        Raises:
            MapInvalid: the map is not one we can follow, or is of another kind.
            FileUnusable: there is no such file.
        """
        map_name, map_text = _read_map(command)
        path = Path(command.path)
        row = await ImportQueries(uow).add(
            import_id=new_id(),
            kind=command.kind,
            file=str(path),
            map_name=map_name,
            map_text=map_text,
            identity=_identity(path, map_text, dry_run=command.dry_run),
            dry_run=command.dry_run,
            actor=actor,
        )
        uow.after_commit(self._worker.wake)
        return self._view(uow.clock, row)

    async def get(self, uow: UnitOfWork, import_id: str) -> ImportDetail:
        """Return one import with examples.

        Raises:
            ImportNotFound: there is none with this id.
        """
        row = await self._get(uow, import_id)
        view = self._view(uow.clock, row)
        manifest = read_manifest(folder_of(self._worker.directory, row.id))
        if manifest is None or view.status in _OPEN:
            return ImportDetail(**view.model_dump())
        return ImportDetail(
            **view.model_dump(),
            first_rejects=tuple(manifest.first_rejects),
            sample_events=tuple(manifest.sample),
            plan_issues=tuple(ImportPlanIssue(**asdict(one)) for one in manifest.plan_issues),
            first_at=manifest.first_at,
            last_at=manifest.last_at,
        )

    async def list_imports(self, uow: UnitOfWork, *, cursor: str | None, limit: int | None) -> ImportPage:
        """Return imports, newest first."""
        before = decode_cursor(cursor, int)[0] if cursor else None
        size = clamp_limit(limit)
        rows = await ImportQueries(uow).list_before(before, limit=size + 1)
        more = encode_cursor(rows[size - 1].id) if len(rows) > size else None
        return ImportPage(items=tuple(self._view(uow.clock, row) for row in rows[:size]), next_cursor=more)

    async def cancel(self, uow: UnitOfWork, import_id: str) -> ImportView:
        """Stop an import. What it has written stays; running it again later adds only the rest.

        Raises:
            ImportNotFound: there is none with this id.
            ImportFinished: it has ended already.
        """
        row = await self._get(uow, import_id, lock=True)
        if row.status not in _OPEN:
            raise ImportFinished(
                f"import {import_id} has ended already ({row.status})",
                message_zh=f"导入 {import_id} 已经结束（{row.status}）",
            )
        queries = ImportQueries(uow)
        await queries.request_cancel(row.id)
        uow.after_commit(self._worker.wake)
        return self._view(uow.clock, await queries.find(row.id))

    async def rejects(self, uow: UnitOfWork, import_id: str) -> Iterator[bytes]:
        """Return the rows an ended import refused, as blocks of CSV for a spreadsheet.

        Raises:
            ImportNotFound: there is none with this id.
            NoRejects: it refused nothing, has not ended, or its list was removed after 30 days.
        """
        row = await self._get(uow, import_id)
        path = folder_of(self._worker.directory, row.id) / REJECTS
        if row.finished_at is None or not path.exists():
            raise NoRejects(
                f"import {import_id} has no list of refused rows",
                message_zh=f"导入 {import_id} 没有被拒行清单",
            )
        return _csv_of(path)

    async def _get(self, uow: UnitOfWork, import_id: str, *, lock: bool = False) -> Any:
        row = await ImportQueries(uow).find(decode_id("imp", import_id), lock=lock)
        if row is None:
            raise ImportNotFound(f"there is no import {import_id}", message_zh=f"没有导入 {import_id}")
        return row

    def _view(self, clock: Clock, row: Any) -> ImportView:
        rejects = folder_of(self._worker.directory, row.id) / REJECTS
        has_rejects = row.finished_at is not None and rejects.exists()
        return ImportView(
            id=encode_id("imp", row.id),
            kind=row.kind,
            file=row.file,
            name=Path(row.file).name,
            actor=row.actor,
            map_name=row.map_name,
            dry_run=row.dry_run,
            status=row.status,
            phase=row.phase,
            share=row.share,
            rows_total=row.rows_total,
            rows_read=row.rows_read,
            rows_rejected=row.rows_rejected,
            rows_skipped=row.rows_skipped,
            rows_repeated=row.rows_repeated,
            reject_reasons=row.reject_reasons,
            events_total=row.events_total,
            events_by_name=row.events_by_name,
            events_of_nobody=row.events_of_nobody,
            events_written=row.events_written,
            events_duplicate=row.events_duplicate,
            events_differing=row.events_differing,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            queryable_at=row.queryable_at,
            took_s=_real_seconds(clock, row.started_at, row.finished_at or clock.now()),
            queryable_after_s=_real_seconds(clock, row.started_at, row.queryable_at),
            rejects_path=str(rejects) if has_rejects else None,
            has_rejects=has_rejects,
            error=_failure(row),
            findings=ImportFindings(**row.findings) if row.findings else None,
        )


def _failure(row: Any) -> ImportFailure | None:
    if not row.error:
        return None
    if not row.actor:
        return ImportFailure(**row.error)
    # Whoever uploaded a file knows it by its name, not by where it lies here.
    name = Path(row.file).name
    return ImportFailure(**{key: text.replace(row.file, name) for key, text in row.error.items()})


def _csv_of(path: Path) -> Iterator[bytes]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        yield from csv_blocks(next(rows), rows)


def _real_seconds(clock: Clock, start: datetime | None, end: datetime | None) -> float | None:
    return round(clock.real_seconds(end - start), 1) if start and end else None


def _read_map(command: StartImport) -> tuple[str, str]:
    if command.map_path is not None:
        name = command.map_path
        import_map, text = read_map(Path(name))
    else:
        name, text = "map", command.map or ""
        import_map = parse_map(text, file=name)
    if import_map.kind is not command.kind:
        raise MapInvalid(
            f"{name}: this map is for {import_map.kind}, the command is for {command.kind}",
            message_zh=f"{name}：这是 {import_map.kind} 的映射文件，而命令是 {command.kind}",
        )
    return name, text


def _identity(path: Path, map_text: str, *, dry_run: bool) -> bytes:
    """Digest what makes two calls the same import: the file as it lies there, the map, and the purpose."""
    if not path.is_absolute():
        raise FileUnusable(f"{path}: give the absolute path", message_zh=f"{path}：请给出绝对路径")
    try:
        stat = path.stat()
    except OSError as error:
        raise FileUnusable(
            f"{path}: {error.strerror}", message_zh=f"{path}：无法打开文件（{error.strerror}）"
        ) from error
    stated = f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{dry_run}\0{map_text}"
    return hashlib.blake2b(stated.encode(), digest_size=16).digest()
