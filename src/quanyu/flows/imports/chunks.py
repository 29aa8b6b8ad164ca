"""Prepared events on disk: sorted runs, merged into chunks in the order the events happened."""

import heapq
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from quanyu.flows.imports.prepared import PreparedEvent, encode_event

CHUNK_EVENTS_MAX: Final = 1_000
CHUNK_BYTES_MAX: Final = 1 << 20
_HEAD: Final = struct.Struct(">qI")  # Milliseconds since 1970, length of the encoded event.
_ARRAY: Final = struct.Struct(">BI")  # A MessagePack array of 32-bit length.
_READ_BYTES: Final = 128 << 10
_decoder: Final = msgspec.msgpack.Decoder(list[PreparedEvent])

Record = tuple[int, bytes]


class Runs:
    """Writes sorted runs and merges them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._paths: list[Path] = []
        directory.mkdir(parents=True, exist_ok=True)

    def add(self, events: Sequence[PreparedEvent]) -> None:
        """Write one run."""
        if not events:
            return
        ordered = sorted(events, key=lambda event: (event.occurred_ms, event.message_id))
        path = self._directory / f"run-{len(self._paths):05}"
        with path.open("wb", buffering=1 << 20) as file:
            for event in ordered:
                encoded = encode_event(event)
                file.write(_HEAD.pack(event.occurred_ms, len(encoded)))
                file.write(encoded)
        self._paths.append(path)

    def merged(self) -> Iterator[bytes]:
        """Read the encoded events of all runs, earliest first."""
        runs = [_records(path) for path in self._paths]
        for _, encoded in heapq.merge(*runs, key=lambda record: record[0]):
            yield encoded


def write_chunks(events: Iterator[bytes], directory: Path) -> int:
    """Write the chunks of an import, numbered from 1; return how many."""
    directory.mkdir(parents=True, exist_ok=True)
    count, size = 0, 0
    waiting: list[bytes] = []
    for encoded in events:
        waiting.append(encoded)
        size += len(encoded)
        if len(waiting) >= CHUNK_EVENTS_MAX or size >= CHUNK_BYTES_MAX:
            count += 1
            _write_chunk(chunk_path(directory, count), waiting)
            waiting, size = [], 0
    if waiting:
        count += 1
        _write_chunk(chunk_path(directory, count), waiting)
    return count


def read_chunk(directory: Path, number: int) -> list[PreparedEvent]:
    """Read one chunk back."""
    return _decoder.decode(chunk_path(directory, number).read_bytes())


def chunk_path(directory: Path, number: int) -> Path:
    """Return where the chunk lies."""
    return directory / f"chunk-{number:06}.msgpack"


def _write_chunk(path: Path, encoded: Sequence[bytes]) -> None:
    with path.open("wb") as file:
        file.write(_ARRAY.pack(0xDD, len(encoded)))
        file.writelines(encoded)


def _records(path: Path) -> Iterator[Record]:
    with path.open("rb", buffering=_READ_BYTES) as file:
        while head := file.read(_HEAD.size):
            occurred_ms, length = _HEAD.unpack(head)
            yield occurred_ms, _exactly(file, length)
    path.unlink()


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    assert len(data) == length, "a run was cut short"
    return data
