"""Files: every format and dialect gives the same events; a file that does not fit is refused whole."""

import gzip
import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanyu.flows.imports import excel_rows
from quanyu.flows.imports.errors import FileUnusable
from quanyu.flows.imports.prepared import PreparedEvent
from support.imports import ORDERS_HEADER, ORDERS_MAP, items_of, lines, prepared

TEXT_ROWS = (
    "536365,85123A,红茶 HEART,6,2010-12-01 08:26,2.55,17850,United Kingdom",
    "536365,71053,LANTERN,8,2010-12-01 08:26,3.39,17850,United Kingdom",
    'C536379,D,"Discount, ""big""",-1,2011-06-01 09:41,27.50,14527,United Kingdom',
    "536414,22139,,56,2010-12-01 11:52,0.001,,United Kingdom",
)
TYPED_ROWS: tuple[tuple[Any, ...], ...] = (
    (
        "536365",
        "85123A",
        "红茶 HEART",
        6,
        datetime.fromisoformat("2010-12-01T08:26"),
        2.55,
        17850.0,
        "United Kingdom",
    ),
    (
        "536365",
        "71053",
        "LANTERN",
        8,
        datetime.fromisoformat("2010-12-01T08:26"),
        3.39,
        17850.0,
        "United Kingdom",
    ),
    (
        "C536379",
        "D",
        'Discount, "big"',
        -1,
        datetime.fromisoformat("2011-06-01T09:41"),
        27.5,
        14527.0,
        "United Kingdom",
    ),
    ("536414", "22139", None, 56, datetime.fromisoformat("2010-12-01T11:52"), 0.001, None, "United Kingdom"),
)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[PreparedEvent]:
    """What the plainest form of the file gives."""
    _, events = prepared(tmp_path_factory.mktemp("plain"), lines(*TEXT_ROWS), ORDERS_MAP)
    assert [(event.order_id, event.revenue) for event in events] == [
        ("536365", "42.42"),
        ("536414", "0.056"),
        ("C536379", "-27.5"),
    ]
    return events


def with_file(settings: str) -> str:
    return f"{ORDERS_MAP}\n[file]\n{settings}\n"


def workbook(*, top: int = 1, left: int = 1) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "订单"
    for down, row in enumerate((tuple(ORDERS_HEADER.split(",")), *TYPED_ROWS)):
        for right, value in enumerate(row):
            number = int(value) if isinstance(value, str) and value.isdigit() and down else value
            sheet.cell(top + down, left + right, number)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(**options: Any) -> bytes:
    columns = list(zip(*TYPED_ROWS, strict=True))
    arrays = [pa.array(column) for column in columns]
    if options.pop("nanoseconds", False):
        arrays[4] = arrays[4].cast(pa.timestamp("ns"))
    if options.pop("dictionary", False):
        arrays[1] = arrays[1].dictionary_encode()
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=ORDERS_HEADER.split(",")), buffer, **options)
    return buffer.getvalue()


CSV = lines(*TEXT_ROWS)
FORMS: dict[str, tuple[str, bytes, str]] = {
    "gzip": ("file.csv.gz", gzip.compress(CSV.encode()), ORDERS_MAP),
    "gzip under another name": ("file.csv", gzip.compress(CSV.encode()), ORDERS_MAP),
    "windows line ends and mark": (
        "file.csv",
        b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode(),
        ORDERS_MAP,
    ),
    "gb18030": ("file.csv", CSV.encode("gb18030"), with_file('encoding = "gb18030"')),
    "utf-16": ("file.csv", CSV.encode("utf-16"), with_file('encoding = "utf-16"')),
    "no line end": ("file.csv", CSV.rstrip().encode(), ORDERS_MAP),
    "blank lines": ("file.csv", CSV.replace("\n", "\n\n").encode(), ORDERS_MAP),
    "lines before the header": ("file.csv", b"Report\n2024\n" + CSV.encode(), with_file("skip_rows = 2")),
    "trailing delimiters": ("file.csv", re.sub(r"\n", ",,\n", CSV).encode(), ORDERS_MAP),
    "no header": (
        "file.csv",
        lines(*TEXT_ROWS[1:], header=TEXT_ROWS[0]).encode(),
        with_file(f"header = false\ncolumns = {ORDERS_HEADER.split(',')!r}"),
    ),
    "excel": ("file.xlsx", workbook(), ORDERS_MAP),
    "excel, other corner": ("file.xlsx", workbook(top=4, left=3), ORDERS_MAP),
    "excel, named sheet": ("file.xlsx", workbook(), with_file('sheet = "订单"')),
    "excel, packed": ("file.xlsx.gz", gzip.compress(workbook()), ORDERS_MAP),
    "parquet": ("file.parquet", parquet(), ORDERS_MAP),
    "parquet, small groups": ("file.parquet", parquet(row_group_size=1), ORDERS_MAP),
    "parquet, other types": ("file.parquet", parquet(nanoseconds=True, dictionary=True), ORDERS_MAP),
    "parquet, packed": ("file.parquet.gz", gzip.compress(parquet()), ORDERS_MAP),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_format_gives_the_same_events(form: str, tmp_path: Path, expected: list[PreparedEvent]) -> None:
    name, content, import_map = FORMS[form]
    if "trailing" in form:
        content = content.replace(b"country,,\n", b"country\n", 1)

    _, events = prepared(tmp_path, content, import_map, name=name)

    assert events == expected


def test_large_workbooks_are_streamed_with_the_same_result(
    tmp_path: Path, expected: list[PreparedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_rows, "_LARGE_BYTES", 0)

    _, events = prepared(tmp_path, workbook(top=4, left=3), ORDERS_MAP, name="file.xlsx")

    assert events == expected


def test_tabs_semicolons_and_decimal_commas(tmp_path: Path, expected: list[PreparedEvent]) -> None:
    german = lines(*(row for row in TEXT_ROWS if '"' not in row)).replace(",", ";").replace(".", ",")
    comma = "decimal_comma = true\n" + with_file('delimiter = ";"')
    _, events = prepared(tmp_path, german, comma)
    assert events == [event for event in expected if event.name == "Order Completed"]

    (tmp_path / "tab").mkdir()
    _, events = prepared(
        tmp_path / "tab", german.replace(";", "\t").replace(",", "."), ORDERS_MAP, name="f.tsv"
    )
    assert events == [event for event in expected if event.name == "Order Completed"]


def test_blank_separated_columns_and_quotes_as_text(tmp_path: Path) -> None:
    settings = (
        'delimiter = "whitespace"\nheader = false\ncolumns = ["order", "sku", "date", "quantity", "price"]'
    )
    sparse = (
        with_file(settings)
        .replace('"%Y-%m-%d %H:%M"', '"%Y%m%d"')
        .replace('name = "name"', "")
        .replace('user_id = "customer"', "")
        .replace('country = "country"', "")
    )

    _, (event,) = prepared(tmp_path, '  7  6"plate   20101201 \t 2  1.50 \n', sparse, name="file.txt")

    assert items_of(event) == [{"product_id": '6"plate', "price": "1.5", "quantity": "2"}]


def test_null_tokens_and_blanks_are_nothing(tmp_path: Path) -> None:
    nulls = 'null = ["NULL", "-"]\n' + ORDERS_MAP
    row = " 536365 , 85123A ,NULL, 6 ,2010-12-01 08:26,2.55, - ,United Kingdom"

    _, (event,) = prepared(tmp_path, lines(row), nulls)

    assert (event.order_id, event.names, event.revenue) == ("536365", [], "15.3")
    assert items_of(event) == [{"product_id": "85123A", "price": "2.55", "quantity": "6"}]


@pytest.mark.parametrize(
    ("content", "import_map", "message"),
    [
        ("", ORDERS_MAP, "the file is empty"),
        (" \n \n", ORDERS_MAP, "no header"),
        (ORDERS_HEADER + "\n", ORDERS_MAP, "there are no rows"),
        ("a,b,c\n1,2,3\n", ORDERS_MAP, "columns of the map are missing: date, customer, order, country"),
        (CSV.replace("sku", "name"), ORDERS_MAP, "columns of the map are missing: sku"),
        (
            CSV.replace("order,sku,name", "order,sku,sku"),
            ORDERS_MAP.replace('"name"', '"country"'),
            "more than once",
        ),
        (
            CSV.encode("gb18030"),
            ORDERS_MAP,
            "bytes near line 2 are not utf-8; files from Chinese Excel often need",
        ),
        (CSV + '1,"never closed\n' + "x\n" * 9, ORDERS_MAP, "the quote that opens in line 6 never ends"),
        (CSV, with_file('format = "parquet"'), "the map says parquet, but this is csv"),
        (
            CSV,
            ORDERS_MAP.replace("%Y-%m-%d", "%d/%m/%Y"),
            "4 of 4 rows cannot be imported, so nothing was written",
        ),
        (gzip.compress(CSV.encode(), mtime=0)[:-20], ORDERS_MAP, "damaged"),
        (parquet()[:-30] + b"x" * 30, ORDERS_MAP, "not a valid Parquet file"),
        (workbook()[:-200], ORDERS_MAP, "Excel cannot be read"),
        (workbook(), with_file('sheet = "Sheet9"'), "no sheet 'Sheet9'; there is: 订单"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole(
    content: str | bytes, import_map: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(FileUnusable, match=re.escape(message)) as caught:
        prepared(tmp_path, content, import_map)

    assert str(tmp_path / "file.csv") in caught.value.message
    assert re.search("[\u4e00-\u9fff]", caught.value.message_zh)
    assert not (tmp_path / "job" / "manifest.json").exists()


def test_a_stray_quote_rejects_its_row_only(tmp_path: Path) -> None:
    content = lines(TEXT_ROWS[0], '5,"6" plate",X,1,2010-12-01 08:26,1,,UK', TEXT_ROWS[3])

    manifest, events = prepared(tmp_path, content, ORDERS_MAP)

    assert manifest.reasons == {"row.quotes": 1}
    assert manifest.first_rejects[0]["row"] == 3
    assert len(events) == 2


def test_row_numbers_are_those_an_editor_shows(tmp_path: Path) -> None:
    content = "# made by hand\n" + lines(
        TEXT_ROWS[0], '9,A,"two\nlines",x,2010-12-01 08:26,1,,UK', TEXT_ROWS[3].replace("56", "y")
    )

    manifest, _ = prepared(tmp_path, content, "rejects_max_share = 1\n" + with_file("skip_rows = 1"))

    assert [one["row"] for one in manifest.first_rejects] == [4, 6]


def test_a_dry_run_writes_no_chunks(tmp_path: Path, expected: list[PreparedEvent]) -> None:
    manifest, events = prepared(tmp_path, CSV, ORDERS_MAP, dry_run=True)

    assert (manifest.events, manifest.chunks, events) == (3, 0, [])
    assert manifest.events_by_name == {"Order Completed": 2, "Order Refunded": 1}
    assert manifest.events_of_nobody == 1
    assert manifest.sample[0]["items"][0]["price"] == "3.39"
    assert not (tmp_path / "job" / "chunks").exists()
    assert not (tmp_path / "job" / "scratch").exists()
