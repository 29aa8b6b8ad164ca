"""Rows of an Excel sheet. Whole numbers lose the point Excel gives them, dates become ISO 8601.

calamine is ten times faster but holds the whole sheet in memory, so large workbooks are streamed by openpyxl.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from quanyu.flows.imports.mapping import FileFormat
from quanyu.flows.imports.rows import BATCH_ROWS, RowCollector, header_names, unusable

# Unpacked; about 100,000 rows of eight columns, which calamine holds in some 60 MB.
_LARGE_BYTES: Final = 32 << 20

_Opened = tuple[Callable[[], None], Iterator[Any], int]  # Close, rows from the first, number of rows.
_Choose = Callable[[list[str]], str]


class ExcelRows:
    """An open sheet; rows have the numbers Excel shows."""

    def __init__(self, path: Path, fmt: FileFormat, *, shown: Path) -> None:
        self._shown = str(shown)
        self._format = fmt
        self._number = 0
        self._close, self._rows, self._height = self._open(path)
        self._first = self._first_row()
        self.names, self.repeated = self._names()
        self.rows_total: int | None = max(0, self._height - self._number)
        self._rows_read = 0

    def __enter__(self) -> "ExcelRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def share_read(self) -> float:
        """How much of the sheet was read, from 0 to 1."""
        return self._rows_read / self.rows_total if self.rows_total else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows once, from the first to the last."""
        collector, count = RowCollector(self.names), 0
        for number, row in self._numbered():
            self._rows_read += 1
            cells = [cell_text(cell) for cell in row]
            if not any(cells):
                continue
            count += 1
            collector.add(number, cells)
            if len(collector) >= BATCH_ROWS:
                yield collector.take()
        self.rows_total = count
        if len(collector):
            yield collector.take()

    def _open(self, path: Path) -> _Opened:
        try:
            with ExitStack() as stack:
                file = stack.enter_context(path.open("rb"))
                rows, height = (_stream if _is_large(path) else _whole)(file, self._chosen_sheet, stack)
                return stack.pop_all().close, rows, height
        except (CalamineError, OSError, zipfile.BadZipFile, KeyError) as error:
            raise unusable(
                self._shown, zh=f"无法读取 Excel：{error}", en=f"Excel cannot be read: {error}"
            ) from error

    def _chosen_sheet(self, names: list[str]) -> str:
        wanted = self._format.sheet or (names[0] if names else "")
        if wanted not in names:
            listed = ", ".join(names)
            raise unusable(
                self._shown,
                zh=f"没有工作表 {wanted!r}；有：{listed}",
                en=f"no sheet {wanted!r}; there is: {listed}",
            )
        return wanted

    def _first_row(self) -> list[Any] | None:
        """Return the first row that holds anything, after those the map skips."""
        for row in self._rows:
            self._number += 1
            if self._number > self._format.skip_rows and any(cell not in ("", None) for cell in row):
                return list(row)
        return None

    def _names(self) -> tuple[tuple[str, ...], frozenset[str]]:
        first = [cell_text(cell) or "" for cell in self._first or []]
        if self._format.header:
            self._first = None
            return header_names(first, file=self._shown)
        given = self._format.columns or tuple(str(place) for place in range(1, len(first) + 1))
        return header_names(given, file=self._shown)

    def _numbered(self) -> Iterator[tuple[int, list[Any]]]:
        if self._first is not None:
            yield self._number, self._first
        for row in self._rows:
            self._number += 1
            yield self._number, row


def cell_text(cell: Any) -> str | None:
    """Write a cell's value as text; an empty cell is ``None``."""
    match cell:
        case str():
            return cell or None
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            return cell.isoformat()
        case date():
            return f"{cell.isoformat()}T00:00:00"
        case time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return None


def sheet_names(path: Path, *, is_gzip: bool, shown: str) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, without reading their rows."""
    try:
        with gzip.open(path) if is_gzip else path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
            names = tuple(one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet)
            book.close()
            return names
    except (CalamineError, OSError, EOFError, zlib.error) as error:
        raise unusable(shown, zh=f"无法读取 Excel：{error}", en=f"Excel cannot be read: {error}") from error


def _is_large(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False  # The older .xls, which holds at most 65,536 rows.
    with zipfile.ZipFile(path) as packed:
        return sum(entry.file_size for entry in packed.infolist()) > _LARGE_BYTES


def _whole(file: BinaryIO, choose: _Choose, stack: ExitStack) -> tuple[Iterator[Any], int]:
    # By content, not by name: the file may be unpacked from gzip or misnamed.
    book = CalamineWorkbook.from_filelike(file)
    stack.callback(book.close)
    names = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    sheet = book.get_sheet_by_name(choose(names))
    return iter(sheet.iter_rows()), sheet.total_height


def _stream(file: BinaryIO, choose: _Choose, stack: ExitStack) -> tuple[Iterator[Any], int]:
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    stack.callback(book.close)
    sheet = book[choose([one.title for one in book.worksheets])]
    return sheet.iter_rows(values_only=True), sheet.max_row or 0
