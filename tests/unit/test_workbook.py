"""Workbooks written piece by piece open as one, hold what was said, and compute nothing."""

import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import python_calamine
from openpyxl import load_workbook

from quanyu.infra.workbook import BookPlan, BookState, append_rows, finish

PLAN = BookPlan(title="people", head=("id", "text", "number", "day", "time", "yes"), footer="A & B")
TIME = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - workbooks know no zones.
ROWS: list[list[Any]] = [
    ["per_1", "=1+1", Decimal("12.50"), date(2026, 1, 2), TIME, True],
    ["per_2", "+86 <a> & b", 7, None, None, False],
    ["per_3", "_x0041_ and\rreturn", 10**18, date(1899, 1, 1), None, None],
    ["per_4", "bell \x07", float("nan"), None, None, None],
]


def book_of(rows: list[list[Any]], *, at_once: int, sheet_bytes: int = 1 << 30) -> bytes:
    """Write rows in pieces."""
    state, written = BookState(), b""
    for start in range(0, len(rows), at_once):
        piece, state = append_rows(PLAN, state, rows[start : start + at_once], sheet_bytes=sheet_bytes)
        written += piece
        assert state.length == len(written)
    return written + finish(PLAN, state, about="about", told=[("by", "=小林"), ("at", TIME)])


def test_cells_are_what_they_were_and_never_formulas() -> None:
    content = book_of(ROWS, at_once=2)

    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["people", "about"]
    sheet = book["people"]
    assert [cell.value for cell in sheet[1]] == list(PLAN.head)
    first = sheet[2]
    assert [cell.data_type for cell in first] == ["s", "s", "n", "d", "d", "b"]
    assert [cell.value for cell in first][1:] == ["=1+1", 12.5, datetime(2026, 1, 2), TIME, True]  # noqa: DTZ001
    assert first[1].number_format == "@", "edited, it stays a text"
    assert sheet[3][1].value == "+86 <a> & b"
    assert [cell.value for cell in sheet[4]][2:4] == [str(10**18), "1899-01-01"], "never rounded"
    assert (sheet[5][1].value, sheet[5][2].value) == ("bell \ufffd", "nan")
    about = book["about"]
    assert (about["B1"].value, about["B1"].data_type, about["B2"].value) == ("=小林", "s", TIME)


def test_another_reader_sees_what_looks_escaped_as_it_was() -> None:
    read = python_calamine.CalamineWorkbook.from_filelike(BytesIO(book_of(ROWS, at_once=1)))
    assert read.get_sheet_by_index(0).to_python()[3][1] == ROWS[2][1]


def test_a_full_sheet_is_followed_by_another_with_the_same_head() -> None:
    rows = [[f"per_{number}", None, number, None, None, None] for number in range(100)]
    book = load_workbook(BytesIO(book_of(rows, at_once=10, sheet_bytes=2_000)))

    sheets = book.worksheets[:-1]
    assert len(sheets) > 1
    assert all(sheet["A1"].value == "id" for sheet in sheets)
    told = [row[0].value for sheet in sheets for row in sheet.iter_rows(min_row=2)]
    assert told == [f"per_{number}" for number in range(100)]


def test_nobody_makes_a_book_with_a_head() -> None:
    book = load_workbook(BytesIO(finish(PLAN, BookState(), about="about", told=())))
    assert [cell.value for cell in book["people"][1]] == list(PLAN.head)
