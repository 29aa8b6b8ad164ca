"""Cells: numbers exactly, times by zone, and the reason where a text is neither."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from quanyu.flows.imports.cells import NumberReader, TimeReader, plain, read_column, scalar_reader
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapping import (
    Ambiguous,
    CellType,
    Decimals,
    Field,
    Nonexistent,
    NumberFormat,
    Scalar,
    TimeFormat,
)
from support.imports import NOW


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.55", "2.55"),
        ("2.5500", "2.55"),
        ("-0", "0"),
        ("+3", "3"),
        (".5", "0.5"),
        ("7.", "7"),
        ("38970", "38970"),
        ("1e3", "1000"),
        ("¥12.50", "12.5"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_numbers_are_exact(text: str, number: str) -> None:
    assert NumberReader(NumberFormat(), "price")(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NUMBER),
        ("abc", Reason.NUMBER),
        ("1,234.50", Reason.NUMBER),
        ("1_000", Reason.NUMBER),
        ("NaN", Reason.NUMBER),
        ("Infinity", Reason.NUMBER),
        ("９９", Reason.NUMBER),
        ("(12.50)", Reason.NUMBER),
        ("1e99", Reason.NUMBER_RANGE),
        ("100000000000000", Reason.NUMBER_RANGE),
        ("1.23456", Reason.NUMBER_DECIMALS),
    ],
)
def test_what_is_no_number_is_rejected(text: str, reason: Reason) -> None:
    assert NumberReader(NumberFormat(), "price")(text) == Fault(reason, "price")


def test_number_formats_of_other_countries() -> None:
    german = NumberReader(NumberFormat(decimal_comma=True, thousands="."), "Preis")
    assert german("1.234,50") == Decimal("1234.5")
    comma_only = NumberReader(NumberFormat(decimal_comma=True), "Preis")
    assert comma_only("0,99") == Decimal("0.99")
    # Read as a thousand it would be a thousandfold, read as a point a different number: neither is guessed.
    assert comma_only("1.234") == Fault(Reason.NUMBER, "Preis")


def test_too_many_decimals_are_rounded_half_to_even_where_the_map_says_so() -> None:
    read = NumberReader(NumberFormat(decimals=Decimals.ROUND), "price")
    assert [read("1.00005"), read("1.00015"), read("3.33333")] == [
        Decimal("1"),
        Decimal("1.0002"),
        Decimal("3.3333"),
    ]


def test_equal_amounts_have_equal_texts() -> None:
    assert [plain(Decimal(text)) for text in ("2.50", "2.5", "100", "1E+2", "-0.0", "0.0001")] == [
        "2.5",
        "2.5",
        "100",
        "100",
        "0",
        "0.0001",
    ]


def london(**more: Ambiguous | Nonexistent) -> TimeReader:
    times = TimeFormat(zone="Europe/London", formats=("%Y-%m-%d %H:%M",), **more)  # type: ignore[arg-type]
    return TimeReader(times, "date", now=NOW)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2010-12-01 08:26", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2011-07-01 08:26", datetime(2011, 7, 1, 7, 26, tzinfo=UTC)),
        ("2011-07-01T08:26:00", datetime(2011, 7, 1, 7, 26, tzinfo=UTC)),
        ("2011-07-01T08:26:00+08:00", datetime(2011, 7, 1, 0, 26, tzinfo=UTC)),
        ("2011-07-01T08:26:00.123456Z", datetime(2011, 7, 1, 8, 26, 0, 123000, tzinfo=UTC)),
    ],
)
def test_local_times_become_instants(text: str, instant: datetime) -> None:
    assert london()(text) == instant


def test_a_local_time_that_happens_twice_has_a_defined_outcome() -> None:
    text = "2011-10-30 01:30"  # The clocks went back from 02:00 to 01:00.
    assert london()(text) == datetime(2011, 10, 30, 0, 30, tzinfo=UTC)
    assert london(ambiguous=Ambiguous.LATER)(text) == datetime(2011, 10, 30, 1, 30, tzinfo=UTC)
    assert london(ambiguous=Ambiguous.REJECT)(text) == Fault(Reason.TIME_AMBIGUOUS, "date")


def test_a_local_time_that_never_happens_has_a_defined_outcome() -> None:
    text = "2011-03-27 01:30"  # The clocks went forward from 01:00 to 02:00.
    assert london()(text) == datetime(2011, 3, 27, 1, 30, tzinfo=UTC)  # 02:30 in London.
    assert london(nonexistent=Nonexistent.REJECT)(text) == Fault(Reason.TIME_NONEXISTENT, "date")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01/12/2010", Reason.TIME),
        ("2010-12-01 08:26:59", Reason.TIME),
        ("2010-02-30 08:26", Reason.TIME),
        ("0001-01-01 00:00", Reason.TIME_RANGE),
        ("1815-06-18 11:00", Reason.TIME_RANGE),
        ("2026-03-06 08:26", Reason.TIME_FUTURE),
        ("9999-12-31 23:59", Reason.TIME_RANGE),
    ],
)
def test_what_is_no_time_is_rejected(text: str, reason: Reason) -> None:
    assert london()(text) == Fault(reason, "date")


@pytest.mark.parametrize(
    ("name", "text", "instant"),
    [
        ("unix", "1291191960", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("unix", "1291191960.5", datetime(2010, 12, 1, 8, 26, 0, 500000, tzinfo=UTC)),
        ("unix_ms", "1291191960007", datetime(2010, 12, 1, 8, 26, 0, 7000, tzinfo=UTC)),
        ("iso", "2010-12-01 08:26+00:00", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("%Y%m%d", "20101201", datetime(2010, 11, 30, 16, 0, tzinfo=UTC)),
        ("%d.%m.%Y %H:%M %z", "01.12.2010 08:26 +0000", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
    ],
)
def test_formats_of_times(name: str, text: str, instant: datetime) -> None:
    read = TimeReader(TimeFormat(zone="Asia/Shanghai", formats=(name,)), "date", now=NOW)
    assert read(text) == instant


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (CellType.TEXT, "hello", "hello"),
        (CellType.TEXT, "x" * 5000, Fault(Reason.TOO_LONG, "c")),
        (CellType.INTEGER, "42", 42),
        (CellType.INTEGER, "42.0", 42),
        (CellType.INTEGER, "42.5", Fault(Reason.NUMBER, "c")),
        (CellType.NUMBER, "3.14159", 3.14159),
        (CellType.BOOLEAN, "是", True),
        (CellType.BOOLEAN, "FALSE", False),
        (CellType.BOOLEAN, "maybe", Fault(Reason.BOOLEAN, "c")),
        (CellType.DATE, "1990-05-01", "1990-05-01"),
        (CellType.DATE, "1990-05-01T23:30:00-08:00", "1990-05-01"),
        (CellType.DATE, "1990-05-32", Fault(Reason.TIME, "c")),
        (CellType.TIME, "2030-01-01T00:00:00Z", "2030-01-01T00:00:00.000Z"),
    ],
)
def test_traits_and_properties_have_types(kind: CellType, text: str, value: Scalar | Fault) -> None:
    field = Field(key="k", columns=("c",), type=kind)
    read = scalar_reader(field, numbers=NumberFormat(), times=TimeFormat(zone="UTC"), now=NOW)
    assert read(text) == value


def test_each_distinct_text_is_read_once() -> None:
    asked: list[str] = []

    def read(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert read_column(["a", None, "b", "a"], read) == ["A", None, "B", "A"]
    assert sorted(asked) == ["a", "b"]
