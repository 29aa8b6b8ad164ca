"""Rows and arrays as PostgreSQL text, built by hand for statements that move thousands of rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

NULL: Final = "\\N"
_COPY_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


def copy_text(value: str) -> str:
    """Write text as a field of COPY."""
    return value.translate(_COPY_ESCAPES)


def copy_bytea(value: bytes) -> str:
    """Write bytes as a field of COPY."""
    return "\\\\x" + value.hex()


def bytea_array(values: Iterable[bytes]) -> str:
    """Write an array literal; use as ``%s::bytea[]``."""
    return "{" + ",".join(['"\\\\x' + value.hex() + '"' for value in values]) + "}"


def int_array(values: Iterable[int | None]) -> str:
    """Write an array literal; use as ``%s::int[]`` or ``%s::bigint[]``."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def time_array(values: Iterable[datetime]) -> str:
    """Write an array literal; use as ``%s::timestamptz[]``."""
    return "{" + ",".join([value.isoformat() for value in values]) + "}"


def text_array(values: Iterable[str | None]) -> str:
    """Write an array literal; use as ``%s::text[]``. Zero bytes are left out: text cannot hold them."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\0", "").replace("\\", "\\\\").replace('"', '\\"') + '"'
