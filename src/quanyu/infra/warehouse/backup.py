"""Backups of the embedded warehouse, written and read by the engine itself."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from quanyu.infra.warehouse.gate import Warehouse
from quanyu.kernel.errors import InvalidInput

POLL_S = 0.5


class BackupNotPossible(InvalidInput):
    """The warehouse is a server of its own, or no folder for backups was named."""

    code = "warehouse.backup_not_possible"


async def back_up(warehouse: Warehouse, *, on_bytes: Callable[[int], None]) -> Path:
    """Write the whole database into one file of the backup folder and return its path.

    Inserts go on meanwhile; the file holds the parts that were there when it began.

    Raises:
        BackupNotPossible: only the embedded engine with a backup folder can.
        WarehouseUnavailable: no room, or the engine is busy; nothing is left behind.
    """
    folder = _folder(warehouse)
    target = folder / f"{secrets.token_hex(8)}.tar"
    statement = f"BACKUP DATABASE {warehouse.settings.database} TO File({_quoted(target)})"
    working = asyncio.create_task(warehouse.run_without_database(statement))
    try:
        while not (await asyncio.wait({working}, timeout=POLL_S))[0]:
            on_bytes(target.stat().st_size if target.exists() else 0)
        working.result()
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


async def load_backup(warehouse: Warehouse, source: Path) -> None:
    """Load a backup file, which must lie in the backup folder, into an empty warehouse.

    Raises:
        BackupNotPossible: only the embedded engine with a backup folder can.
        WarehouseRefused: the database exists already, or the file is not such a backup.
    """
    folder = _folder(warehouse)
    if source.parent.resolve() != folder.resolve():
        raise BackupNotPossible(f"{source} is not in the backup folder {folder}.")
    database = warehouse.settings.database
    await warehouse.run_without_database(f"RESTORE DATABASE {database} FROM File({_quoted(source)})")


def _folder(warehouse: Warehouse) -> Path:
    folder = warehouse.settings.backups
    if not warehouse.settings.address.is_embedded or folder is None:
        raise BackupNotPossible(
            "Only the embedded warehouse is backed up here; a server has its own backups "
            "(docs/runbooks/backup-and-restore.md).",
            message_zh="此处仅备份内置数据仓库；独立服务器请使用其自带备份。",
        )
    return folder


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
