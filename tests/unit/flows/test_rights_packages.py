"""ID-3: how a package reads uploaded files, tells its language, and shows what was found."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from quanyu.flows.rights.packages.contracts import Gathered, PackageLanguage, Store
from quanyu.flows.rights.packages.frames import FileFrame, Frame, RowsFrame, read_frame, write_frame
from quanyu.flows.rights.packages.gathering import all_sources
from quanyu.flows.rights.packages.languages import read_language
from quanyu.flows.rights.packages.overview import SHOWN_MAX, Cover, write_overview
from quanyu.flows.rights.packages.packing import Sink, pack
from quanyu.flows.rights.packages.sources.aside import rows_naming
from quanyu.flows.rights.packages.sources.base import Tools
from quanyu.flows.rights.packages.words import SECTIONS

PHONE = "+8613800138000"
AT = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
ZH, EN = PackageLanguage.ZH, PackageLanguage.EN


def cover(language: PackageLanguage = ZH, *gathered: Gathered) -> Cover:
    return Cover(
        package="rpk_1",
        brand="茶 & 社",
        zone="Asia/Shanghai",
        language=language,
        made_at=AT,
        gathered=gathered,
    )


@pytest.mark.parametrize(
    ("told", "language"),
    [("zh_CN", ZH), ("ZH-hant", ZH), ("中文", ZH), ("", ZH), ("en_US", EN), ("英语", EN), ("de", EN)],
)
def test_the_language_is_the_one_the_profile_tells(told: str, language: PackageLanguage) -> None:
    assert read_language(told) is language


def test_every_sheet_of_a_workbook_is_looked_through(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机"])
    book.active.append(["别人", "13900139000"])
    other = book.create_sheet("老会员")
    other.append(["手机", "备注"])
    other.append(["138-0013-8000", "老客"])
    book.save(tmp_path / "a.xlsx")
    found = rows_naming(tmp_path / "a.xlsx", "a.xlsx", [PHONE])
    assert found == [{"sheet": "老会员", "row": 2, "cells": {"手机": "138-0013-8000", "备注": "老客"}}]


def test_packed_text_in_another_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("姓名;手机\n安娜;13800138000\n别人;13900139000\n".encode("gb18030")))
    assert rows_naming(path, "a.csv.gz", [PHONE]) == [
        {"row": 2, "cells": {"姓名": "安娜", "手机": "13800138000"}}
    ]


def test_a_file_nobody_can_read_is_told_instead_of_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    (told,) = rows_naming(path, "a.xlsx", [PHONE])
    assert told == {"problem": "the file cannot be read (FileUnusable)"}


def test_every_section_has_a_name_people_can_read() -> None:
    nothing: Any = None
    sources = all_sources(
        Tools(nothing, nothing),
        warehouse=nothing,
        archive=nothing,
        intake=nothing,
        pool=nothing,
        imports=Path(),
    )
    sections = [one.section for one in sources]
    for language in (ZH, EN):
        nameless = set(sections) - set(SECTIONS[language])
        assert not nameless, "say in src/quanyu/flows/rights/packages/words.py what people call these"
    # Rows of one section come one after the other: the data is written as it is read.
    assert len(list(groupby(sections))) == len(set(sections))


@pytest.mark.parametrize(
    "frame", [RowsFrame("events", "log", [{"name": "买茶"}]), FileFrame("files/小票.png", b"\x00R\xff")]
)
def test_a_frame_reads_as_it_was_written(frame: Frame) -> None:
    assert read_frame(write_frame(frame)) == frame


def test_amounts_and_instants_keep_what_they_say() -> None:
    frame = RowsFrame("payments", "postgres", [{"amount": Decimal("19.9000"), "at": AT}])
    (row,) = read_frame(write_frame(frame)).rows  # type: ignore[union-attr]
    assert row == {"amount": "19.9000", "at": "2026-03-04T16:30:00+00:00"}


def test_the_page_shows_words_as_words_and_times_of_the_brand() -> None:
    rows = [{"name": "<script>alert(1)</script>", "occurred_at": AT.isoformat()}] * (SHOWN_MAX + 1)
    gathered = (
        Gathered(section="events", store=Store.LOG, rows=len(rows)),
        Gathered(section="payments", store=Store.POSTGRES, rows=0),
    )
    page = write_overview(cover(ZH, *gathered), [RowsFrame("events", "log", rows)], [])
    assert "<script" not in page
    assert "茶 &amp; 社" in page
    assert page.count("2026-03-05 00:30:00") == SHOWN_MAX
    assert f"共 {SHOWN_MAX + 1} 条" in page
    assert "没有关于您的内容：支付与退款" in page


def test_a_package_of_nothing_is_whole_and_orders_are_put_together() -> None:
    def packed(*frames: Frame) -> zipfile.ZipFile:
        pieces: list[bytes] = []
        sink = Sink(pieces.append, piece=64)
        pack(lambda: frames, cover(EN), sink)
        sink.finish()
        assert {len(one) for one in pieces[:-1]} <= {64}
        return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))

    assert json.loads(packed().read("data.json"))["data"] == {"orders": []}
    later = {"name": "Order Refunded", "order_id": "A", "occurred_at": "2026-03-05", "revenue": "-1"}
    first = {"name": "Order Completed", "order_id": "A", "occurred_at": "2026-03-04", "revenue": "2"}
    archive = packed(
        RowsFrame("identifiers", "postgres", [{"value": "x"}]),
        RowsFrame("events", "log", [later]),
        FileFrame("files/a.png", b"a"),
        RowsFrame("events", "archive", [first, {"name": "Said"}]),
    )
    data = json.loads(archive.read("data.json"))["data"]
    assert [one["name"] for one in data["events"]] == ["Order Refunded", "Order Completed", "Said"]
    assert [(one["order_id"], [row["revenue"] for row in one["happened"]]) for one in data["orders"]] == [
        ("A", ["2", "-1"])
    ]
    assert archive.namelist() == ["data.json", "overview.html", "files/a.png"]
