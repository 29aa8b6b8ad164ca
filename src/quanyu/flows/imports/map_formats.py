"""How a map says that its file is written: the file itself, its numbers and its times."""

import codecs
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quanyu.flows.imports.mapping import (
    Ambiguous,
    CellType,
    Decimals,
    Field,
    FileFormat,
    FileKind,
    ImportKind,
    Nonexistent,
    NumberFormat,
    TimeFormat,
)
from quanyu.flows.imports.sections import Section


def read_file(section: Section) -> FileFormat:
    """Return how the file is laid out."""
    kind = section.text("format")
    if kind is not None and kind not in tuple(FileKind):
        raise section.fail("format", zh="应为 csv、xlsx 或 parquet", en="expected csv, xlsx or parquet")
    made = FileFormat(
        kind=FileKind(kind) if kind else None,
        delimiter=_delimiter(section),
        quote=_quote(section),
        encoding=_encoding(section),
        header=section.flag("header", default=True),
        columns=section.texts("columns"),
        sheet=section.text("sheet"),
        skip_rows=section.count("skip_rows", default=0, most=1000),
    )
    if made.columns and made.header:
        raise section.fail("columns", zh="只在 header = false 时使用", en="only together with header = false")
    if len(set(made.columns)) != len(made.columns):
        raise section.fail("columns", zh="列名重复", en="a name is there twice")
    section.finish()
    return made


def _delimiter(section: Section) -> str:
    text = section.text("delimiter", "") or ""
    if text not in ("", "whitespace") and (len(text) != 1 or text in "\r\n\0"):
        raise section.fail(
            "delimiter", zh='应为一个字符或 "whitespace"', en='expected one character, or "whitespace"'
        )
    return text


def _quote(section: Section) -> str:
    value = section.take("quote")
    if value is None:
        return '"'
    if not isinstance(value, str) or len(value) > 1:
        raise section.fail(
            "quote", zh='应为一个字符，或 ""（无引号）', en='expected one character, or "" for none'
        )
    return value


def _encoding(section: Section) -> str:
    text = section.text("encoding", "utf-8") or "utf-8"
    try:
        codecs.lookup(text)
    except LookupError as error:
        raise section.fail(
            "encoding",
            zh="未知的编码；常用 utf-8、gb18030、utf-16",
            en="unknown encoding; common ones: utf-8, gb18030, utf-16",
        ) from error
    return text


def read_numbers(top: Section) -> NumberFormat:
    """Return how numbers are written."""
    decimal_comma = top.flag("decimal_comma", default=False)
    thousands = top.text("thousands", "") or ""
    if thousands and (
        len(thousands) != 1 or thousands.isalnum() or thousands == (",." if decimal_comma else ".")[0]
    ):
        raise top.fail(
            "thousands",
            zh="应为一个字符，且不同于小数点",
            en="expected one character other than the decimal sign",
        )
    return NumberFormat(
        decimal_comma=decimal_comma, thousands=thousands, decimals=top.choice("decimals", Decimals.REJECT)
    )


def read_times(top: Section) -> TimeFormat:
    """Return how times are written, and in which zone."""
    zone = top.text("time_zone")
    section = top.section("time")
    if zone is None:
        raise top.fail(
            "time_zone",
            zh='缺少：时间所在时区，如 "Asia/Shanghai"',
            en='missing: the zone of times without an offset, like "Asia/Shanghai"',
        )
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise top.fail(
            "time_zone",
            zh='未知的时区；用 IANA 名称，如 "Europe/London"',
            en='unknown zone; use an IANA name like "Europe/London"',
        ) from error
    return TimeFormat(
        zone=zone,
        formats=_formats(section),
        ambiguous=section.choice("ambiguous", Ambiguous.EARLIER),
        nonexistent=section.choice("nonexistent", Nonexistent.SHIFT),
    )


def _formats(section: Section) -> tuple[str, ...]:
    formats = section.texts("formats")
    for one in formats:
        if one in ("iso", "unix", "unix_ms"):
            continue
        moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
        try:
            read = datetime.strptime(moment.strftime(one), one)  # noqa: DTZ007 - only tries the format.
        except ValueError as error:
            raise section.fail(
                "formats",
                zh=f'无法使用 {one!r}；用 "%Y-%m-%d %H:%M" 这样的格式，或 iso、unix、unix_ms',
                en=f'cannot use {one!r}; write it like "%Y-%m-%d %H:%M", or iso, unix, unix_ms',
            ) from error
        if (read.year, read.month, read.day) != (2001, 2, 3):
            raise section.fail(
                "formats", zh=f"{one!r} 缺少年、月或日", en=f"{one!r} lacks the year, the month or the day"
            )
    return formats


def read_time_field(top: Section, kind: ImportKind) -> Field:
    """Return the column with the time of a row, or the one instant for all of them."""
    section = top.section("time")
    # Read by _times already; asked for again so that finish() knows them.
    for key in ("formats", "ambiguous", "nonexistent"):
        section.take(key)
    columns = section.texts("column")
    at = section.take("at")
    section.finish()
    if columns and at is not None:
        raise section.fail("at", zh="column 与 at 只能用一个", en="use either column or at")
    if columns:
        return Field(key="time", columns=columns, type=CellType.TIME, is_required=True)
    if at is None:
        raise section.fail(
            "column",
            zh='缺少：时间所在的列；若文件没有时间，用 at = "2025-01-31T00:00:00Z" 说明这些信息何时成立',
            en="missing: the column with the time; where the file has none, say since when it holds: "
            'at = "2025-01-31T00:00:00Z"',
        )
    if kind is ImportKind.ORDERS:
        raise section.fail("at", zh="订单需要时间列", en="orders need a column with the time")
    return Field(key="time", constant=_fixed_time(section, at), type=CellType.TIME, is_required=True)


def _fixed_time(section: Section, at: Any) -> str:
    try:
        read = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    except ValueError as error:
        raise section.fail(
            "at",
            zh='应为 ISO 8601 时间，如 "2025-01-31T00:00:00Z"',
            en='expected ISO 8601 like "2025-01-31T00:00:00Z"',
        ) from error
    if not 1900 < read.year < 2261:
        raise section.fail("at", zh="年份超出范围", en="the year is out of range")
    return read.isoformat()
