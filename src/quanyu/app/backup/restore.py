"""Restoring a backup into an empty data directory: PostgreSQL first, then the warehouse cut to fit it.

The new cluster's transaction ids begin above those of the old one, so positions in the log keep their order.
The platform then starts as always: it migrates, and the pipeline stores what the warehouse lacks.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from quanyu.app.backup.archive import bring_back
from quanyu.app.backup.errors import NoErasureRegister, TargetNotEmpty, WrongMasterKey
from quanyu.app.backup.manifest import (
    ARCHIVE,
    ERASURES,
    MASTER_KEY,
    POSTGRES_DUMP,
    WAREHOUSE_BACKUP,
    Manifest,
)
from quanyu.app.backup.progress import Progress, ProgressCallback, Step, ignore_progress
from quanyu.app.backup.reconcile import Reconciled, hold_sending, reconcile
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.flows.rights.remembered import ErasureRegister
from quanyu.infra.crypto import KeyFile, KeyRing, open_key_ring
from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.embedded_postgres.dump import load
from quanyu.infra.secret_file import read_secret, write_secret
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse.backup import load_backup
from quanyu.modules.events.reader import note_epoch


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore found and did."""

    created_at: str  # When the backup was made: nothing later is in it.
    brands: int
    rows_cut: int  # Warehouse rows past PostgreSQL's snapshot, deleted.
    batches_reopened: int  # Batches the warehouse lacks; the pipeline stores them again.
    archived_days: int  # Days of the log that lie in the archive alone.
    replaced: Path | None  # Where the data that was there before is kept.
    erasures: int  # On record: whoever the backup brings back of them is erased again at the next start.


async def restore_backup(
    source: Path,
    data: DataDirectory,
    *,
    now: datetime,
    archive: Path | None = None,
    master_key: Path | None = None,
    erasures: Path | None = None,
    replace: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> RestoreReport:
    """Restore the backup folder ``source`` into ``data``. Repeat it when it was cut short.

    The master key comes from ``master_key``, from the backup, or is in place already. With ``replace``, data
    that is there is moved aside, never deleted. ``archive`` is where the log's archive goes, by default into
    ``data``; files that lie there stay. What is known of erasures is put together from the data directory,
    this backup, those beside it, and ``erasures``: a copy of the register, or a folder with one. Sending is
    held until somebody has looked: see ``messaging.hold``.

    Raises:
        DamagedBackup, WrongMasterKey, NoErasureRegister, TargetNotEmpty, AlreadyLocked: nothing was changed.
        DumpFailed, WarehouseRefused: cut short; the platform refuses to start on what is there.
    """
    source = await asyncio.to_thread(source.resolve)
    manifest = Manifest.read(source)
    await asyncio.to_thread(_verify, manifest, source, progress)
    keys = _find_master_key(manifest, source, data, master_key)
    registers = await asyncio.to_thread(_find_registers, source, erasures)
    data.prepare(restoring=True)
    with data.lock():
        known = ErasureRegister(data.erasures, KeyRing(KeyFile.parse(keys)))
        erased = await asyncio.to_thread(known.take_in, registers)
        replaced = await asyncio.to_thread(_make_room, data, now, replace=replace)
        _install_master_key(data, keys)
        result = await _load(source, manifest, data, archive or data.archive, now, progress)
        data.restore_marker.unlink()
    progress(Progress(Step.DONE))
    return RestoreReport(
        manifest.created_at,
        result.brands,
        result.rows_cut,
        result.batches_reopened,
        result.archived_days,
        replaced,
        erased,
    )


def _find_registers(source: Path, given: Path | None) -> list[Path]:
    """Return copies of the register: of the backup, of all beside it, newer ones too, and the one named."""
    found = [source / ERASURES, *sorted(source.parent.glob(f"*/{ERASURES}"))]
    if given is not None:
        named = given / ERASURES if given.is_dir() else given
        if not named.exists():
            raise NoErasureRegister(
                f"There is no register of erasures at {named}.", message_zh=f"{named} 处没有删除登记文件。"
            )
        found.append(named)
    return found


async def _load(
    source: Path,
    manifest: Manifest,
    data: DataDirectory,
    archive: Path,
    now: datetime,
    progress: ProgressCallback,
) -> Reconciled:
    progress(Progress(Step.ARCHIVE))
    await asyncio.to_thread(bring_back, source / ARCHIVE, archive)
    progress(Progress(Step.STARTING_POSTGRES))
    async with _new_cluster(data, manifest) as server:
        dsn = server.dsn(Role.OWNER)
        progress(Progress(Step.POSTGRES))
        await load(dsn, source / POSTGRES_DUMP)
        # The backup may be of an older release; what follows speaks of today's tables.
        await asyncio.to_thread(migrate_postgres, dsn)
        progress(Progress(Step.WAREHOUSE))
        warehouse = Warehouse.at(f"chdb://{data.warehouse}", backup_directory=source)
        try:
            if manifest.has_warehouse:
                await load_backup(warehouse, source / WAREHOUSE_BACKUP)
            await migrate_warehouse(warehouse)
            progress(Progress(Step.RECONCILING))
            async with await psycopg.AsyncConnection.connect(dsn) as connection:
                await note_epoch(connection, now=now)
                await hold_sending(connection, now=now, made_at=manifest.created_at)
                await connection.commit()
                return await reconcile(connection, warehouse)
        finally:
            await warehouse.close()


@asynccontextmanager
async def _new_cluster(data: DataDirectory, manifest: Manifest) -> AsyncIterator[EmbeddedPostgres]:
    epoch = (manifest.next_transaction >> 32) + 1
    server = EmbeddedPostgres(data.root, first_transaction_epoch=epoch)
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)


def _verify(manifest: Manifest, source: Path, progress: ProgressCallback) -> None:
    total = sum(entry.bytes for entry in manifest.files.values())
    manifest.verify(source, on_bytes=lambda done: progress(Progress(Step.CHECKING, done, total)))


def _find_master_key(manifest: Manifest, source: Path, data: DataDirectory, given: Path | None) -> bytes:
    """Return the content of the key file that fits the backup, looking where it may be."""
    places = [given] if given is not None else [source / MASTER_KEY, data.master_key]
    for place in places:
        if place.exists():
            content = read_secret(place)
            if KeyFile.parse(content).fingerprint() == manifest.master_key_fingerprint:
                return content
    raise WrongMasterKey(
        f"The backup was sealed with the master key {manifest.master_key_fingerprint}, which is not in "
        f"{', '.join(str(place) for place in places)}. Name its file with --master-key.",
        message_zh=f"备份使用的主密钥（{manifest.master_key_fingerprint}）未找到，"
        "请用 --master-key 指定密钥文件。",
    )


def _make_room(data: DataDirectory, now: datetime, *, replace: bool) -> Path | None:
    """Clear the way and mark the directory: throw a restore cut short away, move other data aside.

    The marker tells a later try how far this one came: while *moving*, what is still in place is the old
    data; from *loading* on, it is ours.
    """
    phase, _, aside_name = _read_marker(data).partition(" ")
    parts = [part for part in (data.postgres, data.warehouse, data.archive) if _holds_something(part)]
    if phase == "loading":
        EmbeddedPostgres(data.root).stop()
        for part in parts:
            shutil.rmtree(part)
        return data.root / aside_name if aside_name else None
    if parts and not (replace or phase == "moving"):
        raise TargetNotEmpty(
            f"{data.root} holds data already. Choose an empty QUANYU_DATA, or move what is there aside "
            "with --replace.",
            message_zh=f"{data.root} 已有数据。请另选空的 QUANYU_DATA，或使用 --replace 将现有数据移开。",
        )
    if not parts and not aside_name:
        _write_marker(data, "loading")
        return None
    aside = data.root / (aside_name or f"replaced-{now:%Y%m%dT%H%M%SZ}")
    _write_marker(data, f"moving {aside.name}")
    _move_aside(data, parts, aside)
    _write_marker(data, f"loading {aside.name}")
    return aside


def _move_aside(data: DataDirectory, parts: list[Path], aside: Path) -> None:
    EmbeddedPostgres(data.root).stop()
    aside.mkdir(mode=0o711, exist_ok=True)
    if data.master_key.exists():
        write_secret(aside / MASTER_KEY, read_secret(data.master_key))
    for part in parts:
        part.rename(aside / part.name)


def _holds_something(part: Path) -> bool:
    return part.exists() and any(part.iterdir())


def _read_marker(data: DataDirectory) -> str:
    return data.restore_marker.read_text().strip() if data.restore_marker.exists() else ""


def _write_marker(data: DataDirectory, text: str) -> None:
    write_secret(data.restore_marker, f"{text}\n".encode())


def _install_master_key(data: DataDirectory, content: bytes) -> None:
    write_secret(data.master_key, content)
    (data.root / "master-key.fingerprint").unlink(missing_ok=True)
    open_key_ring(data)
