"""The pieces of a file: what each commit adds to it, as CSV or as a workbook of Excel. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from quanyu.infra.spreadsheet import write_csv
from quanyu.infra.workbook import BookPlan, BookState, append_rows, finish
from quanyu.kernel.ids import encode_id
from quanyu.modules.people.export.contracts import EXPORT_PREFIX, ExportFormat
from quanyu.modules.people.export.queries import ExportRow
from quanyu.modules.people.export.rows import attribute_places, head_of

_MARK: Final = b"\xef\xbb\xbf"  # By which spreadsheets tell UTF-8; once, at the beginning.
_AMOUNT: Final = "revenue"
_ABOUT: Final = "导出说明 About"


@dataclass(frozen=True, slots=True)
class Slice:
    """What one commit writes; ``is_last``: the file is whole with it, and ``people`` are in it."""

    lines: Sequence[Sequence[object]]
    people: int
    is_last: bool


def piece_of(row: ExportRow, written: Slice, *, zone: ZoneInfo) -> tuple[bytes, Any]:
    """Return what follows in the file, and what is to be remembered of it to go on."""
    if row.format == ExportFormat.XLSX:
        return _book_piece(row, written, zone)
    content = _lines(row, written.lines)
    if written.is_last:
        content += _mark(row, written.people)
    return content, None


# --- CSV --------------------------------------------------------------------------------------------------


def _lines(row: ExportRow, lines: Sequence[Sequence[object]]) -> bytes:
    """Return lines as CSV, with mark and head at the beginning of the file alone."""
    told = [[_plain(one) for one in line] for line in lines]
    if row.size == 0:
        return write_csv(head_of(row.columns), told)
    return write_csv((), told).removeprefix(_MARK).removeprefix(b"\r\n") if lines else b""


def _mark(row: ExportRow, people: int) -> bytes:
    """Return the last line: whose export this is, so that a file found somewhere tells where it came from."""
    told = (
        f"导出 export {encode_id(EXPORT_PREFIX, row.id)} · {row.actor} · {row.created_at.isoformat()} · "
        f"{_kind(row)} · {people} · {row.reason}"
    )
    return write_csv((), [[told]]).removeprefix(_MARK).removeprefix(b"\r\n")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


# --- Excel ------------------------------------------------------------------------------------------------


def _book_piece(row: ExportRow, written: Slice, zone: ZoneInfo) -> tuple[bytes, Any]:
    export = encode_id(EXPORT_PREFIX, row.id)
    plan = BookPlan(
        title="people", head=tuple(head_of(row.columns)), footer=f"{export} · {row.actor} · {_kind(row)}"
    )
    state = BookState() if row.book is None else msgspec.convert(row.book, BookState)
    typed = _Typed(row.columns, zone)
    piece, state = append_rows(plan, state, [typed.line(one) for one in written.lines])
    if written.is_last:
        piece += finish(plan, state, about=_ABOUT, told=_about(row, written.people, zone))
    return piece, msgspec.to_builtins(state)


class _Typed:
    """Cells as a workbook keeps them: amounts as numbers, times and attributes that are dates as dates."""

    def __init__(self, columns: Sequence[str], zone: ZoneInfo) -> None:
        self._zone = zone
        head = head_of(columns)
        self._amounts = {place for place, name in enumerate(head) if name == _AMOUNT and _AMOUNT in columns}
        self._told = attribute_places(columns)

    def line(self, cells: Sequence[object]) -> list[object]:
        """Return one line."""
        return [self._cell(place, value) for place, value in enumerate(cells)]

    def _cell(self, place: int, value: object) -> object:
        if isinstance(value, datetime):
            return _local(value, self._zone)
        if not isinstance(value, str):
            return value
        if place in self._told:
            return _dated(value, self._zone)
        return Decimal(value) if place in self._amounts else value


def _about(row: ExportRow, people: int, zone: ZoneInfo) -> list[tuple[object, ...]]:
    return [
        ("导出编号 export", encode_id(EXPORT_PREFIX, row.id)),
        ("导出人 by", row.actor),
        ("导出时间 asked at", _local(row.created_at, zone)),
        ("时区 time zone", zone.key),
        ("导出原因 reason", row.reason),
        ("标识 identifiers", _kind(row)),
        ("人数 people", people),
        ("列 columns", ", ".join(head_of(row.columns))),
        ("平台删除时间 deleted here", _local(row.expires_at, zone)),
    ]


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a time as clocks of the brand show it: workbooks know no zones."""
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _dated(text: str, zone: ZoneInfo) -> object:
    """Return the day or time a text states in full; a time without a zone stays text."""
    if not text[:1].isdigit() or text[4:5] != "-":
        return text
    try:
        if len(text) == len("2024-01-31"):
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
        return text if at.tzinfo is None else _local(at, zone)
    except (ValueError, OverflowError):
        return text


def _kind(row: ExportRow) -> str:
    return "明文 in clear" if row.is_unmasked else "脱敏 masked"
