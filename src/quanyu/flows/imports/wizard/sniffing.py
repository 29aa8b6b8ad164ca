"""Finding out how a text file is written: its encoding and what sets its columns apart. Pure."""

import csv
from collections.abc import Sequence
from typing import Final

HEAD_BYTES: Final = 1 << 20
_DELIMITERS: Final = (",", "\t", ";", "|")
_LINES: Final = 60
_LONGEST_CHARACTER: Final = 4  # Bytes; the head may be cut inside one.


def find_encoding(head: bytes) -> str:
    """Return the encoding of a text by its first bytes.

    UTF-8 proves itself: text in another encoding is hardly ever valid UTF-8 by chance. What is not UTF-8 is
    what Chinese Excel writes, GB 18030, of which GBK is a part; anything else at last is read byte by byte.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf") or _reads_as(head, "utf-8"):
        return "utf-8"
    return "gb18030" if _reads_as(head, "gb18030") else "latin-1"


def find_delimiter(text: str) -> str:
    """Return what sets the columns apart: what cuts most lines into the same, greatest number of cells."""
    lines = text.splitlines()[:_LINES]
    if len(text) >= HEAD_BYTES // _LONGEST_CHARACTER and len(lines) > 1:
        lines = lines[:-1]  # Cut short.
    return max(_DELIMITERS, key=lambda one: _score(lines, one))


def _score(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    alike = sum(width == widths[0] for width in widths) / len(widths)
    return round(alike, 1), widths[0]


def _reads_as(head: bytes, encoding: str) -> bool:
    for cut in range(_LONGEST_CHARACTER if len(head) >= HEAD_BYTES else 1):
        try:
            head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return "\x00" not in head[:1000].decode("latin-1")
    return False
