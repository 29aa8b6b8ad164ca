"""What the wizard makes of a file's bytes: encodings, delimiters, bombs, lists of refused rows."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from quanyu.flows.imports.wizard import guards
from quanyu.flows.imports.wizard.contracts import FileChoice
from quanyu.flows.imports.wizard.examining import Refused, Seen, look
from quanyu.flows.imports.wizard.shelf import safe_name, unwrap_rejects
from quanyu.flows.imports.wizard.sniffing import find_delimiter, find_encoding
from quanyu.infra.spreadsheet import csv_blocks, plain_cell, stated_cell

TEXT = "姓名,手机号\n张三,13800138000\n李四,13800138001\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_found(encoding: str, found: str) -> None:
    assert find_encoding(TEXT.encode(encoding)) == found


def test_bytes_that_are_no_text_we_know_are_read_byte_by_byte() -> None:
    assert find_encoding(b"name,caf\xff\xff\n") == "latin-1"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = [["name", "note", "city"], ["a", "x, y", "b"], ["c", "", "d; e"]]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)

    assert find_delimiter(written.getvalue()) == delimiter


def test_a_chinese_spreadsheets_csv_is_read_without_being_asked(tmp_path: Path) -> None:
    file = tmp_path / "客户.csv"
    file.write_bytes(TEXT.replace(",", ";").encode("gbk"))

    seen = look(file, "客户.csv", FileChoice())

    assert isinstance(seen, Seen)
    assert (seen.choice.encoding, seen.choice.delimiter, seen.rows) == ("gb18030", ";", 2)
    assert [(one.name, one.texts[0]) for one in seen.columns] == [("姓名", "张三"), ("手机号", "13800138000")]


def test_a_workbook_tells_its_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "说明"
    sheet = book.create_sheet("名单")
    sheet.append(["手机号", "等级"])
    sheet.append([13800138000, "金卡"])
    book.active.append(["说明"])
    book.active.append(["x"])
    file = tmp_path / "list.xlsx"
    book.save(file)

    seen = look(file, "list.xlsx", FileChoice(sheet="名单"))

    assert isinstance(seen, Seen)
    assert seen.sheets == ("说明", "名单")
    assert [one.texts for one in seen.columns] == [("13800138000",), ("金卡",)]


def test_a_zip_that_unpacks_to_much_more_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (guards._RATIO_FROM_BYTES + 1))

    told = look(file, "bomb.xlsx", FileChoice())

    assert isinstance(told, Refused)
    assert "解压后" in told.message_zh
    assert str(tmp_path) not in told.message


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet", b"a" * 5_000)
    content = file.read_bytes()
    stated = (5_000).to_bytes(4, "little")
    file.write_bytes(content.replace(stated, (10).to_bytes(4, "little")))

    told = look(file, "liar.xlsx", FileChoice())

    assert isinstance(told, Refused)
    assert "已损坏" in told.message_zh


def test_a_gzip_is_measured_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "list.csv.gz"
    file.write_bytes(gzip.compress(TEXT.encode() * 100))
    assert isinstance(look(file, "list.csv.gz", FileChoice()), Seen)

    monkeypatch.setattr(guards, "UNPACKED_BYTES_MAX", 1_000)
    assert isinstance(look(file, "list.csv.gz", FileChoice()), Refused)
    file.write_bytes(file.read_bytes()[:-9])
    assert isinstance(look(file, "list.csv.gz", FileChoice()), Refused)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03", b"PK\x03\x04rubbish", b"a\n"])
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)

    told = look(file, "x.csv", FileChoice())

    assert isinstance(told, Refused)
    assert told.message_zh


def test_a_list_of_refused_rows_becomes_the_rows_again(tmp_path: Path) -> None:
    original = [["电话", "备注"], ["+8613800138000", "=1+1"], ["-5", "'quoted'"]]
    file = tmp_path / "rejects.csv"
    rows = [["3", "x", "原因", "why", *row] for row in original[1:]]
    file.write_bytes(b"".join(csv_blocks(["row", "reason", "message_zh", "message_en", *original[0]], rows)))
    assert b"'+86138" in file.read_bytes()  # A spreadsheet does not compute it.

    assert unwrap_rejects(file)

    with file.open(encoding="utf-8", newline="") as clean:
        assert list(csv.reader(clean)) == original
    assert not unwrap_rejects(file)


@pytest.mark.parametrize("text", ["=1+1", "+86138", "@x", "", "plain", "'quoted'", "-5", "-x"])
def test_a_cell_kept_from_being_computed_says_the_same_afterwards(text: str) -> None:
    assert stated_cell(plain_cell(text)) == text


def test_blocks_are_what_the_whole_would_be() -> None:
    blocks = list(csv_blocks(["a"], ([str(number)] for number in range(5)), block_rows=2))

    assert len(blocks) == 3
    assert b"".join(blocks).decode("utf-8-sig").split() == ["a", "0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("客户 名单.xlsx", "客户 名单.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\x00b\nc.csv", "a_b_c.csv"),
        ("...", "file"),
        ("x" * 300 + ".csv", "x" * 90 + ".csv"),
    ],
)
def test_a_files_name_cannot_lead_elsewhere(given: str, kept: str) -> None:
    assert safe_name(given) == kept
