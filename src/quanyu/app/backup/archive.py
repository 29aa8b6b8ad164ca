"""The log's archive in a backup: files that never change, linked where that is possible."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quanyu.app.backup.errors import DamagedArchive
from quanyu.app.backup.manifest import CHUNK_BYTES
from quanyu.infra.data_directory import make_private


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """What the snapshot says of a file of the archive."""

    name: str  # Relative to the archive's directory.
    size_bytes: int
    sha256: str


def take_along(
    archive: Path, target: Path, files: Sequence[ArchivedFile], on_bytes: Callable[[int], None]
) -> None:
    """Put the files of a snapshot into a backup, comparing each with what was written.

    Raises:
        DamagedArchive: names the first file that is missing or differs.
    """
    done = 0
    for file in files:
        source, copy = archive / file.name, target / file.name
        make_private(copy.parent)
        try:
            _link_or_copy(source, copy)
            whole = _sha256(copy) == file.sha256
        except FileNotFoundError:
            whole = False
        if not whole:
            raise DamagedArchive(
                f"The archive file {source} is missing or was changed: `quanyu archive --verify` names all "
                "such files. Bring it back from an older backup.",
                message_zh=f"归档文件 {source} 缺失或已被修改；`quanyu archive --verify` 可列出全部。"
                "请从更早的备份取回。",
            )
        done += file.size_bytes
        on_bytes(done)


def bring_back(source: Path, archive: Path) -> None:
    """Copy a backup's archive to where it belongs. Names carry checksums, so what is there is the same."""
    for path in sorted(source.rglob("*.parquet")):
        target = archive / path.relative_to(source)
        if target.exists() and _sha256(target) == _sha256(path):
            continue
        for private in (archive, target.parent):
            make_private(private)
        partial = target.with_name(f".{target.name}.partial")
        shutil.copyfile(path, partial)
        partial.chmod(0o600)
        _flush(partial)
        partial.replace(target)
        _flush(target.parent)


def shares_disk(archive: Path, folder: Path) -> bool:
    """Whether files can be linked from one to the other."""
    return archive.exists() and archive.stat().st_dev == folder.stat().st_dev


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # Another disk, or one without links.
        shutil.copyfile(source, target)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
