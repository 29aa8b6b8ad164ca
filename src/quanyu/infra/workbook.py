"""Workbooks of Excel, written piece by piece: whatever is on disk can be gone on with after a crash.

openpyxl makes everything about a workbook but the rows. A sheet is one deflated member of the archive whose
pieces each end on a byte, so that they only have to stand one behind the other; what the archive's directory
needs to know of them is in ``BookState``. Texts are inline and in the text format: nothing of them is
computed, also not when somebody edits the cell.

Format: ECMA-376 part 1, 18.3.1 (cells) and 22.9.2.19 (escaped characters); PKWARE APPNOTE 4.3.9 (data
descriptor).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from openpyxl import Workbook  # Imported where it is used: not every process writes workbooks.

SHEET_BYTES: Final = 1 << 30  # Of one sheet's text; another one begins behind it.
_TEXT_MAX: Final = 32_767  # Of one cell.
_DIGITS_MAX: Final = 15  # Of a number Excel keeps exactly.
_FIRST_DAY: Final = date(1900, 3, 1)  # Before it Excel counts a day that never was.
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones.
_DESCRIBED: Final = 0x08  # Sizes follow the content.
_DESCRIPTOR: Final = struct.Struct("<4sLLL")
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NO_ROWS: Final = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
_EXTENT: Final = re.compile(rb"<dimension [^>]*/>")  # Known at the end alone, and may be missing.
_DATE: Final = "yyyy-mm-dd"
_TIME: Final = "yyyy-mm-dd hh:mm:ss"
_TEXT: Final = "@"
_BESIDE: Final = 11  # Where empty cells carry the styles, beside all that is told.
_FORMATS: Final = {"text": _TEXT, "date": _DATE, "time": _TIME, "head": _TEXT}


@dataclass(frozen=True, slots=True)
class SheetState:
    """A sheet of the archive so far: where it begins, its checksum, its length and its length packed."""

    at: int
    rows: int = 0
    crc: int = 0
    length: int = 0
    packed: int = 0


@dataclass(frozen=True, slots=True)
class BookState:
    """What is written of a workbook: bytes in all, and its sheets of rows."""

    length: int = 0
    sheets: tuple[SheetState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPlan:
    """What stays the same through a workbook: its title and head, and what is printed under each page."""

    title: str
    head: tuple[str, ...]
    footer: str = ""


def append_rows(
    plan: BookPlan, state: BookState, rows: Sequence[Sequence[object]], *, sheet_bytes: int = SHEET_BYTES
) -> tuple[bytes, BookState]:
    """Return the piece that holds the next rows, and what is written then.

    A cell is ``None``, a text, a number, a boolean, a date or a time without zone.
    """
    piece = b""
    if not state.sheets:
        piece, state = _begin(plan, state)
    elif state.sheets[-1].length >= sheet_bytes:
        ended, state = _end(plan, state)
        begun, state = _begin(plan, state)
        piece = ended + begun
    written, state = _write(state, rows)
    return piece + written, state


def finish(plan: BookPlan, state: BookState, *, about: str, told: Sequence[Sequence[object]]) -> bytes:
    """Return the last piece: a sheet named ``about`` that tells of the workbook, and the directory."""
    piece = b""
    if not state.sheets:
        piece, state = _begin(plan, state)
    ended, state = _end(plan, state)
    sink = _Sink(state.length)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, sheet in enumerate(state.sheets, start=1):
            archive.filelist.append(_member(number, sheet))
        own = {_path(number) for number in range(1, len(state.sheets) + 1)}
        for path, content in _parts(plan, len(state.sheets), about=about, told=told).items():
            if path not in own:
                archive.writestr(zipfile.ZipInfo(path, _MADE), content, zipfile.ZIP_DEFLATED)
    return piece + ended + sink.getvalue()


def _begin(plan: BookPlan, state: BookState) -> tuple[bytes, BookState]:
    number = len(state.sheets) + 1
    sheet = SheetState(at=state.length)
    header = _member(number, sheet).FileHeader(zip64=False)
    state = BookState(state.length + len(header), (*state.sheets, sheet))
    before, _ = _around(plan, number)
    opened, state = _pack(state, before)
    head, state = _write(state, [plan.head], style=_styles()["head"])
    return header + opened + head, state


def _end(plan: BookPlan, state: BookState) -> tuple[bytes, BookState]:
    _, behind = _around(plan, len(state.sheets))
    closed, state = _pack(state, behind, is_last=True)
    sheet = state.sheets[-1]
    descriptor = _DESCRIPTOR.pack(b"PK\x07\x08", sheet.crc, sheet.packed, sheet.length)
    return closed + descriptor, replace(state, length=state.length + len(descriptor))


def _write(
    state: BookState, rows: Iterable[Sequence[object]], style: int | None = None
) -> tuple[bytes, BookState]:
    first = state.sheets[-1].rows + 1
    lines = [_row(number, cells, style) for number, cells in enumerate(rows, start=first)]
    piece, state = _pack(state, "".join(lines).encode())
    sheet = replace(state.sheets[-1], rows=first - 1 + len(lines))
    return piece, replace(state, sheets=(*state.sheets[:-1], sheet))


def _pack(state: BookState, content: bytes, *, is_last: bool = False) -> tuple[bytes, BookState]:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    piece = packer.compress(content) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)
    sheet = state.sheets[-1]
    sheet = replace(
        sheet,
        crc=zlib.crc32(content, sheet.crc),
        length=sheet.length + len(content),
        packed=sheet.packed + len(piece),
    )
    return piece, BookState(state.length + len(piece), (*state.sheets[:-1], sheet))


# --- cells ------------------------------------------------------------------------------------------------


def _row(number: int, cells: Sequence[object], style: int | None) -> str:
    written = [
        _cell(f"{_letter(place)}{number}", value, style)
        for place, value in enumerate(cells, start=1)
        if value is not None
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(at: str, value: object, style: int | None) -> str:
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | Decimal) and _is_exact(value):
        return f'<c r="{at}"><v>{value}</v></c>'
    if isinstance(value, date) and _day(value) >= _FIRST_DAY:
        name = "time" if isinstance(value, datetime) else "date"
        return f'<c r="{at}" s="{_styles()[name]}"><v>{_serial(value)}</v></c>'
    shown = f'<is><t xml:space="preserve">{_text(str(value))}</t></is>'
    return f'<c r="{at}" s="{style or _styles()["text"]}" t="inlineStr">{shown}</c>'


def _text(text: str) -> str:
    if len(text) > _TEXT_MAX:
        text = f"{text[: _TEXT_MAX - 1]}…"
    kept = _LIKE_ESCAPED.sub("_x005F_", _IMPOSSIBLE.sub("\ufffd", text))
    return escape(kept).replace("\r", "_x000D_")


def _is_exact(value: int | float | Decimal) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    digits = Decimal(value).as_tuple()
    return isinstance(digits.exponent, int) and len(digits.digits) <= _DIGITS_MAX


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _serial(value: date) -> float:
    """Return a date as Excel counts: days, and parts of a day."""
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (at - _DAY_ZERO) / timedelta(days=1)


@cache
def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place)


# --- everything but the rows ------------------------------------------------------------------------------


class _Sink(io.BytesIO):
    """The end of a file whose beginning is written already."""

    def __init__(self, behind: int) -> None:
        super().__init__()
        self._behind = behind

    def tell(self) -> int:
        return self._behind + super().tell()

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation

    def seekable(self) -> bool:
        return False


def _path(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _member(number: int, sheet: SheetState) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(_path(number), _MADE)
    member.compress_type, member.flag_bits = zipfile.ZIP_DEFLATED, _DESCRIBED
    member.header_offset, member.CRC = sheet.at, sheet.crc
    member.file_size, member.compress_size = sheet.length, sheet.packed
    return member


def _around(plan: BookPlan, number: int) -> tuple[bytes, bytes]:
    """Return what stands before and behind the rows of a sheet."""
    sheet = _parts(plan, number)[_path(number)]
    before, behind = _NO_ROWS.split(_EXTENT.sub(b"", sheet, count=1))
    return before + b"<sheetData>", b"</sheetData>" + behind


def _parts(
    plan: BookPlan, sheets: int, *, about: str = "about", told: Sequence[Sequence[object]] = ()
) -> dict[str, bytes]:
    """Return all members of a workbook whose sheets of rows are empty."""
    book = _book()
    book["styles"].title = about
    for number in range(1, sheets + 1):
        sheet = book.create_sheet(plan.title if number == 1 else f"{plan.title} {number}", number - 1)
        sheet.freeze_panes = "A2"
        sheet.oddFooter.center.text = plan.footer.replace("&", "&&") or None
        for place in range(1, len(plan.head) + 1):
            sheet.column_dimensions[_letter(place)].width = 18
    _tell(book[about], told)
    book.active = 0
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def _tell(sheet: Any, told: Sequence[Sequence[object]]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 60
    for row, cells in enumerate(told, start=1):
        for place, value in enumerate(cells, start=1):
            cell = sheet.cell(row=row, column=place)
            if isinstance(value, str):
                cell.value = _IMPOSSIBLE.sub("\ufffd", value)[:_TEXT_MAX]
                cell.data_type, cell.number_format = "s", _TEXT  # Also what begins like a formula.
            else:
                cell.value = value
                cell.number_format = _TIME if isinstance(value, datetime) else cell.number_format


def _book() -> "Workbook":
    """Return a workbook that knows the styles of rows, always under the same numbers."""
    from openpyxl import Workbook

    book = Workbook()
    _number_styles(book)
    return book


def _number_styles(book: "Workbook") -> dict[str, int]:
    """Add the styles of rows; openpyxl numbers them in the order their numbers are asked for."""
    from openpyxl.styles import Font

    sheet = book.worksheets[0]
    sheet.title = "styles"
    cells = {name: sheet.cell(row=1, column=place) for place, name in enumerate(_FORMATS, start=_BESIDE)}
    for name, cell in cells.items():
        cell.number_format = _FORMATS[name]
    cells["head"].font = Font(bold=True)
    return {name: cell.style_id for name, cell in cells.items()}


@cache
def _styles() -> dict[str, int]:
    from openpyxl import Workbook

    return _number_styles(Workbook())
