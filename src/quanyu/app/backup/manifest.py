"""The manifest of a backup: what it holds, of which moment, and the checksum of every file."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from quanyu.app.backup.errors import DamagedBackup

FORMAT = "quanyu-backup-1"
MANIFEST = "manifest.json"
POSTGRES_DUMP = "postgres.dump"
WAREHOUSE_BACKUP = "warehouse.tar"
MASTER_KEY = "master.key"
ERASURES = "erasures.jsonl"  # The register of erasures; only there when somebody was erased.
ARCHIVE = "archive"  # A folder: the log's old days, as they lie in the deployment's archive.
CHUNK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoreCursor:
    """How far one brand's events had reached the warehouse when PostgreSQL was read."""

    tenant_id: int
    batch_id: int
    events: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last: a folder without one is no backup."""

    created_at: str
    release: str
    postgres_version: int
    postgres_schema: str
    system_identifier: str
    next_transaction: int  # The first id not yet given out: a restored cluster begins above it.
    master_key_fingerprint: str
    has_master_key: bool
    has_warehouse: bool
    cursors: tuple[StoreCursor, ...]
    files: Mapping[str, FileEntry]

    def serialise(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a backup folder.

        Raises:
            DamagedBackup: there is none, or it is not one of ours.
        """
        try:
            document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            return _parse(document)
        except FileNotFoundError:
            raise DamagedBackup(
                f"{folder} holds no {MANIFEST}: it is no backup, or one that was cut short.",
                message_zh=f"{folder} 中没有 {MANIFEST}：不是备份，或备份未完成。",
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedBackup(
                f"{folder / MANIFEST} cannot be read ({error}).",
                message_zh=f"{folder / MANIFEST} 无法读取（{error}）。",
            ) from error

    def verify(self, folder: Path, *, on_bytes: Callable[[int], None]) -> None:
        """Compare every file with its checksum.

        Raises:
            DamagedBackup: names the first file that is missing or differs.
        """
        done = 0
        for name, entry in sorted(self.files.items()):
            path = folder / name
            found = checksum(path, on_bytes=_shifted(on_bytes, done))
            if found != entry:
                raise DamagedBackup(
                    f"{path} is missing or was changed: its checksum differs from the manifest.",
                    message_zh=f"{path} 缺失或被修改：校验和与清单不符。",
                )
            done += entry.bytes


def checksum(path: Path, *, on_bytes: Callable[[int], None]) -> FileEntry | None:
    """Return size and checksum of a file; ``None`` when it is missing."""
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                on_bytes(size)
    except FileNotFoundError:
        return None
    return FileEntry(size, digest.hexdigest())


def _shifted(on_bytes: Callable[[int], None], before: int) -> Callable[[int], None]:
    return lambda size: on_bytes(before + size)


def _leaves(name: str) -> bool:
    """Whether a name is more than a file of the backup or of its archive."""
    path = PurePosixPath(name)
    inside = len(path.parts) == 1 or path.parts[0] == ARCHIVE
    return path.is_absolute() or ".." in path.parts or not inside or str(path) != name


def _parse(document: dict[str, Any]) -> Manifest:
    if document.pop("format") != FORMAT:
        raise ValueError("unknown format")
    cursors = tuple(StoreCursor(**cursor) for cursor in document.pop("cursors"))
    files = {name: FileEntry(**entry) for name, entry in document.pop("files").items()}
    if any(_leaves(name) for name in files):
        raise ValueError("a file lies outside the backup")
    return Manifest(cursors=cursors, files=files, **document)
