"""What was gathered, piece by piece: rows of a section, or a file that goes along."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

_ROWS: Final = b"R"
_FILE: Final = b"F"
_LENGTH: Final = struct.Struct(">I")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowsFrame:
    """Rows of one section from one store, as JSON can say them."""

    section: str
    store: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class FileFrame:
    """A file, and where in the package it is to lie."""

    path: str
    content: bytes


Frame = RowsFrame | FileFrame


def write_frame(frame: Frame) -> bytes:
    """Return a frame as bytes."""
    if isinstance(frame, FileFrame):
        path = frame.path.encode()
        return _FILE + _LENGTH.pack(len(path)) + path + frame.content
    return _ROWS + to_json([frame.section, frame.store, list(frame.rows)]).encode()


def read_frame(content: bytes) -> Frame:
    """Return what ``write_frame`` wrote."""
    if content[:1] == _FILE:
        (length,) = _LENGTH.unpack_from(content, 1)
        start = 1 + _LENGTH.size + length
        return FileFrame(content[1 + _LENGTH.size : start].decode(), content[start:])
    section, store, rows = json.loads(content[1:])
    return RowsFrame(section, store, rows)


def to_json(value: Any) -> str:
    """Return a value as JSON; amounts keep their decimals as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)
