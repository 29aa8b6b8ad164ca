"""Files of the archive: written whole or not at all, and read by batch."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from quanyu.infra.data_directory import make_private
from quanyu.modules.events.archive.errors import ArchiveDamaged, ArchiveFileMissing
from quanyu.modules.events.archive.schema import SCHEMA, Table, compute

_HASH_CHUNK: Final = 4 * 2**20
_PARTIAL: Final = ".partial"
_WHOSE: Final = "resolved_person_id"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is on the disk under its name, flushed."""

    name: str  # Relative to the archive's directory.
    events: int
    size_bytes: int
    sha256: bytes


class PartFile:
    """A part being written: under a temporary name until it is whole. Methods block; use them in a thread."""

    def __init__(self, directory: Path, tenant_id: int, day: date, part: int) -> None:
        folder = directory / str(tenant_id)
        for private in (directory, folder):
            make_private(private)
        self._directory = directory
        self._stem = folder / f"{day.isoformat()}-{part:03}"
        self._path = folder / f".{day.isoformat()}-{part:03}-{os.getpid()}{_PARTIAL}"
        # Readable by its owner alone: sealed or not, it is what people did.
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        self._writer: Any = pq.ParquetWriter(self._path, SCHEMA, compression="zstd")
        self.events = 0

    @property
    def size_bytes(self) -> int:
        """How much of it is on the disk by now."""
        return self._path.stat().st_size

    def append(self, table: Table) -> None:
        """Add the next stretch as one row group."""
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self.events += table.num_rows

    def finish(self) -> WrittenFile:
        """Flush, read back, and give the file its name, which holds its checksum: names never clash.

        Raises:
            ArchiveDamaged: what came back from the disk is not what was written.
        """
        self._writer.close()
        _flush(self._path)
        _read_back(self._path, self.events)
        digest, size = checksum(self._path)
        final = self._stem.with_name(f"{self._stem.name}-{digest.hex()[:8]}.parquet")
        self._path.replace(final)
        for folder in (final.parent, self._directory):
            _flush(folder)
        return WrittenFile(final.relative_to(self._directory).as_posix(), self.events, size, digest)

    def discard(self) -> None:
        """Remove what was begun."""
        with suppress(Exception):
            self._writer.close()
        self._path.unlink(missing_ok=True)


def sweep(directory: Path) -> int:
    """Remove what crashes left half written; return how many files. Only while nobody writes."""
    left = list(directory.glob(f"*/.*{_PARTIAL}"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def checksum(path: Path) -> tuple[bytes, int]:
    """Return the SHA-256 and the size of a file.

    Raises:
        ArchiveFileMissing: there is none.
    """
    digest, size = hashlib.sha256(), 0
    with opened(path) as file:
        while chunk := file.read(_HASH_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.digest(), size


def read_batches(
    path: Path, *, first: int, last: int, columns: Sequence[str] | None = None
) -> Iterator[Table]:
    """Yield the rows of the batches ``first`` to ``last``, a row group at a time.

    Raises:
        ArchiveFileMissing: there is no such file.
        ArchiveDamaged: it cannot be read.
    """
    try:
        with opened(path) as file:
            parquet: Any = pq.ParquetFile(file)
            index = SCHEMA.get_field_index("batch_id")
            for group in range(parquet.num_row_groups):
                within = parquet.metadata.row_group(group).column(index).statistics
                if within.max < first or within.min > last:
                    continue
                table = parquet.read_row_group(group, columns=columns, use_threads=False)
                batches = table.column("batch_id")
                yield table.filter(
                    compute.and_(compute.greater_equal(batches, first), compute.less_equal(batches, last))
                )
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error


def read_people(path: Path, people: Sequence[int], *, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the events of people, a row group held at a time.

    Raises:
        ArchiveFileMissing: there is no such file.
        ArchiveDamaged: it cannot be read.
    """
    wanted = pa.array(people, pa.int32())
    found: list[Mapping[str, Any]] = []
    try:
        with opened(path) as file:
            parquet: Any = pq.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                whose = parquet.read_row_group(group, columns=[_WHOSE], use_threads=False).column(_WHOSE)
                theirs = compute.is_in(whose, value_set=wanted)
                if compute.any(theirs).as_py():
                    table = parquet.read_row_group(group, columns=list(columns), use_threads=False)
                    found += table.filter(theirs).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error
    return found


def _read_back(path: Path, events: int) -> None:
    """Count what is there, and see that it is in order."""
    found, last = 0, (-1, -1)
    parquet: Any = pq.ParquetFile(path)
    for group in range(parquet.num_row_groups):
        table = parquet.read_row_group(group, columns=["xid", "position"], use_threads=False)
        places = list(zip(table.column("xid").to_pylist(), table.column("position").to_pylist(), strict=True))
        if any(after <= before for before, after in zip([last, *places], places, strict=False)):
            raise _damaged(path)
        found += len(places)
        last = places[-1]
    if found != events:
        raise _damaged(path)


def opened(path: Path) -> Any:
    """Open a file for reading.

    Raises:
        ArchiveFileMissing: there is none.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise ArchiveFileMissing(
            f"The archive file {path} is missing: bring it back from a backup of the archive.",
            message_zh=f"归档文件 {path} 缺失，请从归档备份中取回。",
        ) from None


def _damaged(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"The archive file {path} is damaged: bring it back from a backup of the archive.",
        message_zh=f"归档文件 {path} 已损坏，请从归档备份中取回。",
    )


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
