"""Rows on disk, divided by a hash of their key, so that rows that belong together can be read together.

Memory is bounded by one buffer and one part, whatever the size of the file and the order of its rows.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from quanyu.flows.imports.arrow import Column
from quanyu.flows.imports.arrow import compute as pc
from quanyu.flows.imports.table import clean

PARTS_MAX: Final = 512
PART_ROWS: Final = 20_000  # What one part should hold.
_BUFFER_BYTES: Final = 12 << 20
_SEPARATOR: Final = "\x1f"


def parts_for(rows: int) -> int:
    """Return how many parts a file of about ``rows`` rows needs."""
    return max(1, min(PARTS_MAX, -(-rows // PART_ROWS)))


class Spill:
    """Divides batches of rows over files."""

    def __init__(self, directory: Path, *, parts: int, key_columns: tuple[str, ...], nulls: Column) -> None:
        self._directory = directory
        self._parts = parts
        self._key_columns = key_columns
        self._nulls = nulls
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self.rows = 0
        directory.mkdir(parents=True, exist_ok=True)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch; it reaches the disk when enough has gathered."""
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        self.rows += batch.num_rows
        if self._waiting_bytes >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered."""
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting).combine_chunks()
        self._waiting, self._waiting_bytes = [], 0
        if self._parts == 1:
            self._write(0, table)
            return
        places = self._places(table)
        order = np.argsort(places, kind="stable")
        sorted_table = table.take(order)
        bounds = np.searchsorted(places[order], np.arange(self._parts + 1))
        for part in range(self._parts):
            start, end = int(bounds[part]), int(bounds[part + 1])
            if end > start:
                self._write(part, sorted_table.slice(start, end - start))

    def tables(self) -> Iterator[pa.Table]:
        """Read each part that has rows, in order, and remove it afterwards."""
        self.flush()
        for part in range(self._parts):
            path = self._path(part)
            if path.exists():
                yield _read(path)
                path.unlink()

    def keys(self, table: pa.Table) -> Column:
        """Return each row's key as one text; rows that belong together have the same."""
        columns = [pc.fill_null(clean(table.column(name), self._nulls), "") for name in self._key_columns]
        key = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, _SEPARATOR)
        return key.combine_chunks() if isinstance(key, pa.ChunkedArray) else key

    def _places(self, table: pa.Table) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
        encoded = self.keys(table).dictionary_encode()
        # Hashed by hand because the place of a key must be the same in every flush.
        hashes = [zlib.crc32(key.encode()) % self._parts for key in encoded.dictionary.to_pylist()]
        places: np.ndarray[tuple[int], np.dtype[np.uint32]] = np.array(hashes, dtype=np.uint32)[
            encoded.indices.to_numpy()
        ]
        return places

    def _write(self, part: int, table: pa.Table) -> None:
        # Streams one after the other in one file: no file stays open, so their number has no limit.
        with self._path(part).open("ab") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)

    def _path(self, part: int) -> Path:
        return self._directory / f"part-{part:04}.arrows"


def _read(path: Path) -> pa.Table:
    tables = []
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            with pa.ipc.open_stream(file) as reader:
                tables.append(reader.read_all())
    return pa.concat_tables(tables)
