"""Making a backup while the platform runs: nothing stops, nobody waits.

PostgreSQL is read in one snapshot, then the warehouse is copied. The warehouse may thus be ahead of the
snapshot, never behind it; a restore cuts off what is ahead, and the pipeline stores it again.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from quanyu import __version__
from quanyu.app.backup.archive import ArchivedFile, shares_disk, take_along
from quanyu.app.backup.errors import TargetNotEmpty
from quanyu.app.backup.manifest import (
    ARCHIVE,
    ERASURES,
    MANIFEST,
    MASTER_KEY,
    POSTGRES_DUMP,
    WAREHOUSE_BACKUP,
    FileEntry,
    Manifest,
    StoreCursor,
    checksum,
)
from quanyu.app.backup.progress import Progress, ProgressCallback, Step, ignore_progress
from quanyu.infra.data_directory import DataDirectory, DiskFull
from quanyu.infra.embedded_postgres.dump import dump
from quanyu.infra.secret_file import read_secret, write_secret
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse.backup import back_up
from quanyu.modules.events.archive.queries import DROP_LOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSources:
    """What is backed up. Without a warehouse (a server with backups of its own) only PostgreSQL is."""

    data: DataDirectory
    archive: Path
    owner_dsn: str
    warehouse: Warehouse | None
    master_key_fingerprint: str


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What the manifest says, read in the very snapshot that is dumped."""

    name: str
    server_version: int
    schema: str
    system_identifier: str
    next_transaction: int
    database_bytes: int
    cursors: tuple[StoreCursor, ...]
    archive: tuple[ArchivedFile, ...]


async def create_backup(
    sources: BackupSources,
    target: Path,
    *,
    now: datetime,
    include_master_key: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> Manifest:
    """Write a backup into the new folder ``target``; it appears there whole or not at all.

    With ``include_master_key`` whoever holds the backup can read everything in it; without, a restore needs
    the master key from where you keep it.

    Raises:
        TargetNotEmpty: ``target`` exists.
        DiskFull: too little room there.
        DamagedArchive: a file of the log's archive is missing or is not what was written.
        DumpFailed, WarehouseUnavailable: nothing is left behind.
    """
    building = await asyncio.to_thread(_begin, target)
    try:
        manifest = await _fill(sources, building, now, include_master_key, progress)
        await asyncio.to_thread(_finish, building, target, manifest)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    progress(Progress(Step.DONE))
    return manifest


async def _fill(
    sources: BackupSources, folder: Path, now: datetime, include_master_key: bool, progress: ProgressCallback
) -> Manifest:
    async with _snapshot(sources.owner_dsn) as snapshot:
        _require_room(folder, snapshot, sources)
        await dump(
            sources.owner_dsn,
            folder / POSTGRES_DUMP,
            snapshot=snapshot.name,
            on_bytes=_reporter(progress, Step.POSTGRES),
        )
    if sources.warehouse is not None:
        written = await back_up(sources.warehouse, on_bytes=_reporter(progress, Step.WAREHOUSE))
        await asyncio.to_thread(shutil.move, written, folder / WAREHOUSE_BACKUP)
    await asyncio.to_thread(
        take_along, sources.archive, folder / ARCHIVE, snapshot.archive, _reporter(progress, Step.ARCHIVE)
    )
    if sources.data.erasures.exists():  # Last: it may know more than the snapshot, never less.
        await asyncio.to_thread(shutil.copyfile, sources.data.erasures, folder / ERASURES)
    if include_master_key:
        write_secret(folder / MASTER_KEY, read_secret(sources.data.master_key))
    files = await asyncio.to_thread(_checksums, folder, _reporter(progress, Step.CHECKSUMS))
    return Manifest(
        created_at=now.isoformat(),
        release=__version__,
        postgres_version=snapshot.server_version,
        postgres_schema=snapshot.schema,
        system_identifier=snapshot.system_identifier,
        next_transaction=snapshot.next_transaction,
        master_key_fingerprint=sources.master_key_fingerprint,
        has_master_key=include_master_key,
        has_warehouse=sources.warehouse is not None,
        cursors=snapshot.cursors,
        files=files,
    )


@asynccontextmanager
async def _snapshot(dsn: str) -> AsyncIterator[_Snapshot]:
    """Hold one snapshot open. It reads only, so it has no transaction id and does not hold the log back.

    Nor does the log let go of a day meanwhile: the dump would look for its partition.
    """
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock_shared(%s, 0)", (DROP_LOCK,))
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield await _describe(connection)


async def _describe(connection: psycopg.AsyncConnection[Any]) -> _Snapshot:
    async def value(sql: str) -> Any:
        row = await (await connection.execute(sql)).fetchone()
        assert row is not None
        return row[0]

    cursors = await connection.execute(
        "SELECT tenant_id, batch_id, events FROM log_cursor WHERE consumer = 'store' ORDER BY tenant_id"
    )
    archive = await connection.execute("SELECT file, bytes, sha256 FROM log_archive ORDER BY file")
    return _Snapshot(
        name=await value("SELECT pg_export_snapshot()"),
        server_version=connection.info.server_version,
        schema=await value("SELECT version_num FROM alembic_version"),
        system_identifier=str(await value("SELECT system_identifier FROM pg_control_system()")),
        next_transaction=await value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"),
        database_bytes=await value("SELECT pg_database_size(current_database())"),
        cursors=tuple([StoreCursor(*row) async for row in cursors]),
        archive=tuple([ArchivedFile(row[0], row[1], row[2].hex()) async for row in archive]),
    )


def _require_room(folder: Path, snapshot: _Snapshot, sources: BackupSources) -> None:
    """Refuse early: a dump is compressed to well below half, the warehouse is copied as it is."""
    stored = sum(path.stat().st_size for path in sources.data.warehouse.rglob("*") if path.is_file())
    archived = sum(file.size_bytes for file in snapshot.archive)
    needed = snapshot.database_bytes // 2 + stored
    if archived and not shares_disk(sources.archive, folder):
        needed += archived  # On the same disk its files are linked, not copied.
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"The backup needs up to {needed // 2**20} MiB at {folder.parent}; {free // 2**20} MiB are free.",
            message_zh=f"备份最多需要 {needed // 2**20} MiB，而 {folder.parent} 仅剩 {free // 2**20} MiB。",
        )


def _checksums(folder: Path, on_bytes: Callable[[int], None]) -> dict[str, FileEntry]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = {path.relative_to(folder).as_posix(): checksum(path, on_bytes=on_bytes) for path in files}
    return {name: entry for name, entry in entries.items() if entry is not None}


def _reporter(progress: ProgressCallback, step: Step) -> Callable[[int], None]:
    progress(Progress(step))
    return lambda done: progress(Progress(step, done))


def _begin(target: Path) -> Path:
    """Make the folder the backup grows in, beside its final place."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetNotEmpty(
            f"{target} exists already; give a folder that does not.",
            message_zh=f"{target} 已存在，请指定一个新目录。",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(f"{target.name}.partial")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    return building


def _finish(building: Path, target: Path, manifest: Manifest) -> None:
    """Write the manifest last, flush everything, and give the folder its name."""
    (building / MANIFEST).write_text(manifest.serialise(), encoding="utf-8")
    for path in building.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    _sync(building)
    if target.exists():
        target.rmdir()
    building.rename(target)


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder, folder.parent]:
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
