"""CSV for spreadsheets: they tell UTF-8 by a mark, and compute what looks like a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MARK: Final = "\ufeff"


def plain_cell(text: str) -> str:
    """Return a cell a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def stated_cell(text: str) -> str:
    """Return what a cell said before ``plain_cell`` kept it from being computed."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def csv_blocks(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, block_rows: int = 1_000
) -> Iterator[bytes]:
    """Write what ``write_csv`` would, block by block, for files too long to hold."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    written.write(_MARK)
    table.writerow([plain_cell(one) for one in head])
    for number, row in enumerate(rows, start=1):
        table.writerow([plain_cell(one) for one in row])
        if number % block_rows == 0:
            yield written.getvalue().encode()
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode()


def write_csv(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Write rows under a head; ``None`` becomes an empty cell, everything else its text, never a formula."""
    return _MARK.encode() + csv_lines([head]) + csv_lines(rows)


def csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    """Write rows as ``write_csv`` does, to follow what it began."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    for row in rows:
        table.writerow(["" if one is None else plain_cell(str(one)) for one in row])
    return written.getvalue().encode()


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
