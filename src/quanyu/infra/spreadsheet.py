"""CSV for spreadsheets: they tell UTF-8 by a mark, and compute what looks like a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MARK: Final = "\ufeff"


def plain_cell(text: str) -> str:
    """Return a cell a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def write_csv(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Write rows under a head; ``None`` becomes an empty cell, everything else its text, never a formula."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow([plain_cell(one) for one in head])
    for row in rows:
        table.writerow(["" if one is None else plain_cell(str(one)) for one in row])
    return f"{_MARK}{written.getvalue()}".encode()


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
