"""Reads an uploaded table: which cells of which rows are identifiers of which kind. No I/O."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from quanyu.modules.people.lookup.service import PERSON
from quanyu.modules.segments.lists.contracts import ANY, LINES_MAX, ReadFile
from quanyu.modules.segments.lists.errors import ListTooLarge, UnreadableList

VALUE_MAX: Final = 256
_CELL_MAX: Final = 131_072
_DELIMITERS: Final = ",\t;"
_HEADS: Final = {
    "person": PERSON, "person_id": PERSON, "人员id": PERSON, "人员编号": PERSON, "id": PERSON,
    "phone": "phone", "mobile": "phone", "telephone": "phone", "手机": "phone", "手机号": "phone",
    "电话": "phone", "手机号码": "phone",
    "email": "email", "e-mail": "email", "邮箱": "email", "电子邮箱": "email",
    "openid": "openid", "unionid": "unionid",
    "external_userid": "external_userid", "外部联系人id": "external_userid",
    "user_id": "user_id", "userid": "user_id", "用户id": "user_id",
    "member_no": "member_no", "member_number": "member_no", "会员号": "member_no", "会员卡号": "member_no",
    "会员编号": "member_no", "卡号": "member_no",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column with identifiers; of whatever kind where ``namespace`` is ``None``."""

    place: int
    namespace: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row with something in it: its number in the file, and its cell of every column."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read."""

    columns: tuple[Column, ...]
    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(content: bytes, asked: ReadFile) -> Table:
    """Read a file: UTF-8 or GB18030, cells apart by comma, tab or semicolon, with or without a head.

    Raises:
        UnreadableList: no text, a quote that never ends, or no such column.
        ListTooLarge: more than ``LINES_MAX`` rows.
    """
    rows = _rows(_text(content))
    first = next(rows, None)
    if first is None:
        raise UnreadableList("the file is empty", message_zh="文件是空的")
    columns, is_head = _columns(first[1], asked)
    heads = tuple(
        first[1][one.place].strip() if is_head else str(one.place + 1)
        for one in columns
        if not is_head or one.place < len(first[1])
    )
    lines: list[Line] = []
    if not is_head:
        lines += _line(first, columns)
    for row in rows:
        lines += _line(row, columns)
        if len(lines) > LINES_MAX:
            raise ListTooLarge(
                f"a file has at most {LINES_MAX:,} rows", message_zh=f"一个文件最多 {LINES_MAX:,} 行"
            )
    return Table(columns, heads, tuple(lines))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableList(
        "the file is not text in UTF-8 or GB18030; save the sheet as CSV",
        message_zh="文件不是 UTF-8 或 GB18030 文本，请将表格另存为 CSV 再上传",
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    csv.field_size_limit(_CELL_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num
            raise UnreadableList(
                f"line {line} cannot be read as CSV: {error}",
                message_zh=f"第 {line} 行不是有效的 CSV",
                line=line,
            ) from error
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _columns(first: Sequence[str], asked: ReadFile) -> tuple[tuple[Column, ...], bool]:
    """Return the columns with identifiers, and whether the first row names them."""
    named = [cell.strip().casefold() for cell in first]
    wanted = None if asked.identifier == ANY else asked.identifier
    if asked.column:
        place = _place_of(asked.column.strip().casefold(), named)
        return (Column(place, wanted or _HEADS.get(named[place])),), True
    known = [(place, _HEADS[name]) for place, name in enumerate(named) if name in _HEADS]
    if wanted is None:
        if known:
            return tuple(Column(place, namespace) for place, namespace in known), True
        return (Column(0, None),), False
    fitting = [place for place, namespace in known if namespace == wanted]
    fitting += [place for place, name in enumerate(named) if name == wanted.casefold()]
    if not fitting and len(first) > 1 and known:
        raise UnreadableList(
            f"no column of the file is called {wanted}; say which one holds it",
            message_zh=f"文件中没有名为 {wanted} 的列，请指明所在的列",
        )
    return (Column(fitting[0] if fitting else 0, wanted),), bool(fitting or known)


def _place_of(column: str, named: Sequence[str]) -> int:
    if column not in named:
        raise UnreadableList(
            f"the first row names no column {column[:60]!r}", message_zh=f"首行没有名为“{column[:60]}”的列"
        )
    return named.index(column)


def _line(row: tuple[int, list[str]], columns: Sequence[Column]) -> list[Line]:
    number, cells = row
    mine = tuple(cells[one.place].strip()[:VALUE_MAX] if one.place < len(cells) else "" for one in columns)
    return [Line(number, mine)]
