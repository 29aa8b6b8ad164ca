"""Reading a TOML map; ``docs/reference/import-map.md`` describes every key."""

import codecs
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quanyu.flows.imports.errors import MapInvalid
from quanyu.flows.imports.mapping import (
    CONTEXT_KEYS,
    NAMESPACES,
    PRODUCT_KEYS,
    Ambiguous,
    CellType,
    CreditQuantities,
    Decimals,
    EventRules,
    Field,
    FileFormat,
    FileKind,
    IdenticalRows,
    IdentifierField,
    ImportKind,
    ImportMap,
    LineRules,
    NegativeLines,
    Nonexistent,
    NumberFormat,
    OrderRules,
    RowTest,
    TimeFormat,
)
from quanyu.flows.imports.sections import Section, suggest

MAP_BYTES_MAX: Final = 256 * 1024
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_KEY = re.compile(r"[^\W][\w.$-]{0,99}")


def read_map(path: Path) -> tuple[ImportMap, str]:
    """Read the map file; return it with its text.

    Raises:
        MapInvalid: the file is missing or not a map we can follow.
    """
    try:
        if path.stat().st_size > MAP_BYTES_MAX:
            raise _whole(str(path), zh="映射文件过大", en="too large for a map")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _whole(
            str(path), zh=f"无法读取映射文件：{error.strerror}", en=f"cannot read the map: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise _whole(str(path), zh="映射文件须为 UTF-8", en="a map must be UTF-8 text") from error
    return parse_map(text, file=str(path)), text


def parse_map(text: str, *, file: str) -> ImportMap:
    """Read a map's text; ``file`` names it in errors.

    Raises:
        MapInvalid: it is not TOML, or not a map we can follow.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _whole(file, zh=f"不是有效的 TOML：{error}", en=f"not valid TOML: {error}") from error
    return map_of(values, file=file)


def map_of(values: dict[str, Any], *, file: str) -> ImportMap:
    """Check a map's values and return it as plain data."""
    top = Section("", values, file=file)
    kind = _kind(top)
    times = _times(top)
    made = ImportMap(
        kind=kind,
        source=_source(top),
        file=_file(top.section("file")),
        numbers=_numbers(top),
        nulls=top.texts("null", ("",)),
        rejects_max_share=_share(top, "rejects_max_share", default=0.5),
        times=times,
        time=_time_field(top, kind),
        identifiers=_identifiers(top, kind),
        currency=_currency(top, kind),
        skip=_row_test(top, "skip"),
        traits=_fields(top.section("traits")) if kind is ImportKind.PEOPLE else (),
        properties=_fields(top.section("properties")),
        context=_fields(top.section("context"), known=CONTEXT_KEYS, only_text=True),
        event=_event(top) if kind is ImportKind.EVENTS else None,
        orders=_orders(top) if kind is ImportKind.ORDERS else None,
        lines=_lines(top) if kind is ImportKind.ORDERS else None,
    )
    top.finish()
    return made


def _whole(file: str, *, zh: str, en: str) -> MapInvalid:
    return MapInvalid(f"{file}: {en}", message_zh=f"{file}：{zh}")


def _kind(top: Section) -> ImportKind:
    text = top.required_text("kind", zh="people、events 或 orders", en="people, events or orders")
    if text not in tuple(ImportKind):
        raise top.fail("kind", zh="应为 people、events 或 orders", en="expected people, events or orders")
    return ImportKind(text)


def _source(top: Section) -> str:
    text = top.required_text(
        "source",
        zh='数据来源的名称，如 "pos_shanghai"',
        en='a name for where the data comes from, like "pos_shanghai"',
    )
    if not _SOURCE.fullmatch(text):
        raise top.fail(
            "source",
            zh="只能用小写字母、数字和 _ . -，最多 64 个字符",
            en="use lower-case letters, digits and _ . -, at most 64 characters",
        )
    return text


def _file(section: Section) -> FileFormat:
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


def _share(top: Section, key: str, *, default: float) -> float:
    value = top.take(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise top.fail(key, zh="应为 0 到 1 的数", en="expected a number from 0 to 1")
    return float(value)


def _numbers(top: Section) -> NumberFormat:
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


def _times(top: Section) -> TimeFormat:
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


def _time_field(top: Section, kind: ImportKind) -> Field:
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


def _identifiers(top: Section, kind: ImportKind) -> tuple[IdentifierField, ...]:
    section = top.section("identifiers")
    made = []
    for namespace in section.chosen_keys():
        if namespace not in NAMESPACES:
            zh, en = suggest(namespace, NAMESPACES)
            raise section.fail(namespace, zh=f"未知的标识{zh}", en=f"unknown identifier{en}")
        made.append(_identifier(section, namespace))
    if kind is not ImportKind.ORDERS and not made:
        raise section.fail(
            "",
            zh='缺少：至少一个标识，如 user_id = "客户编号"',
            en='missing: at least one, like user_id = "customer"',
        )
    return tuple(made)


def _identifier(section: Section, namespace: str) -> IdentifierField:
    if isinstance(section.take(namespace), str):
        column, scope = section.required_text(namespace, zh="列名", en="a column"), ""
    else:
        inner = section.section(namespace)
        column = inner.required_text("column", zh="列名", en="a column")
        scope = inner.text("scope", "") or ""
        inner.finish()
    if namespace in ("openid", "external_userid") and not scope:
        raise section.fail(
            namespace,
            zh="须写明 scope：openid 的 appid 或企业的 corpid",
            en="needs a scope: the appid of an openid, the corp id of an external_userid",
        )
    return IdentifierField(namespace=namespace, scope=scope, column=column)


def _currency(top: Section, kind: ImportKind) -> Field | None:
    value = top.take("currency")
    if value is None:
        if kind is ImportKind.ORDERS:
            raise top.fail("currency", zh='缺少：如 "CNY"', en='missing: like "CNY"')
        return None
    if isinstance(value, dict):
        inner = top.section("currency")
        column = inner.required_text("column", zh="列名", en="a column")
        inner.finish()
        return Field(key="currency", columns=(column,), is_required=True)
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise top.fail(
            "currency", zh='应为三个大写字母，如 "CNY"', en='expected three capital letters like "CNY"'
        )
    return Field(key="currency", constant=value)


def _row_test(
    parent: Section, key: str, *, column: str | None = None, more: tuple[str, ...] = ()
) -> RowTest | None:
    if key not in parent:
        return None
    section = parent.section(key)
    named = section.text("column", column)
    values, prefixes = section.texts("values"), section.texts("prefix")
    if named is None:
        raise section.fail("column", zh="缺少：列名", en="missing: the column to look at")
    if not values and not prefixes:
        raise section.fail("values", zh="缺少：values 或 prefix", en="missing: values or prefix")
    for other in more:
        section.take(other)
    section.finish()
    return RowTest(column=named, values=values, prefixes=prefixes)


def _fields(section: Section, *, known: tuple[str, ...] = (), only_text: bool = False) -> tuple[Field, ...]:
    made = []
    for key in section.chosen_keys():
        if known and key not in known:
            zh, en = suggest(key, known)
            raise section.fail(key, zh=f"未知的名称{zh}", en=f"unknown name{en}")
        if not _KEY.fullmatch(key):
            raise section.fail(
                key, zh="名称只能含字母、数字和 _ . $ -", en="use letters, digits and _ . $ - in names"
            )
        one = _field(section, key)
        if only_text and (one.type is not CellType.TEXT or not isinstance(one.constant, str | None)):
            raise section.fail(key, zh="只能是文本", en="this is always text")
        made.append(one)
    return tuple(made)


def _field(section: Section, key: str) -> Field:
    value = section.take(key)
    if isinstance(value, str | list):
        columns = section.texts(key)
        if not columns or not all(columns):
            raise section.fail(key, zh="缺少列名", en="expected the name of a column")
        return Field(key=key, columns=columns)
    inner = section.section(key)
    columns, constant = inner.texts("column"), inner.take("value")
    kind = inner.choice("type", CellType.TEXT)
    inner.finish()
    if bool(columns) == (constant is not None):
        raise section.fail(key, zh="写 column 或 value 其中之一", en="write either a column or a value")
    if constant is not None and not isinstance(constant, str | int | float | bool):
        raise section.fail(
            key, zh="value 应为文本、数字或 true/false", en="a value is a text, a number or true/false"
        )
    return Field(key=key, columns=columns, constant=constant, type=kind)


def _event(top: Section) -> EventRules:
    section = top.section("event")
    if isinstance(section.take("name"), str):
        name = Field(key="name", constant=section.text("name"))
    elif "name" in section:
        name = _field(section, "name")
    else:
        raise section.fail(
            "name",
            zh='缺少：事件名，如 "Product Viewed"，或 { column = "…" }',
            en='missing: the event\'s name, like "Product Viewed", or { column = "…" }',
        )
    if isinstance(name.constant, str) and len(name.constant) > 200:
        raise section.fail("name", zh="最多 200 个字符", en="at most 200 characters")
    message_id = section.text("message_id")
    made = EventRules(
        name=Field(key="name", columns=name.columns, constant=name.constant, is_required=True),
        message_id=Field(key="message_id", columns=(message_id,), is_required=True) if message_id else None,
        identical_rows=section.choice("identical_rows", IdenticalRows.ONCE),
    )
    section.finish()
    return made


def _orders(top: Section) -> OrderRules:
    section = top.section("orders")
    order_id = section.take("order_id")
    is_numbered = False
    if isinstance(order_id, dict):
        inner = section.section("order_id")
        columns = inner.texts("columns")
        is_numbered = inner.flag("numbered", default=False)
        inner.finish()
    else:
        columns = section.texts("order_id")
    if not columns:
        raise section.fail(
            "order_id",
            zh='缺少：订单号所在的列；没有订单号时用 { columns = ["客户", "日期"], numbered = true }',
            en="missing: the column of the order id; where there is none: "
            '{ columns = ["customer", "date"], numbered = true }',
        )
    note = section.section("credit_note")
    quantities = note.choice("quantities", CreditQuantities.SIGNED)
    returned_time = section.section("returned").texts("time_column")
    made = OrderRules(
        id_columns=columns,
        is_numbered=is_numbered,
        credit_note=_row_test(section, "credit_note", column=columns[0], more=("quantities",)),
        credit_quantities=quantities,
        returned=_row_test(section, "returned", more=("time_column",)),
        returned_time=returned_time,
        negative_lines=section.choice("negative_lines", NegativeLines.KEEP),
    )
    section.finish()
    return made


def _lines(top: Section) -> LineRules:
    section = top.section("lines")
    products = tuple(_text_field(section, key) for key in PRODUCT_KEYS if key in section)
    price = _number_field(section, "price") if "price" in section else None
    amount = _number_field(section, "amount") if "amount" in section else None
    if (price is None) == (amount is None):
        raise section.fail(
            "price",
            zh="写 price（单价）或 amount（整行金额）其中之一",
            en="write either price (of one unit) or amount (of the whole line)",
        )
    quantity = (
        _number_field(section, "quantity")
        if "quantity" in section
        else Field(key="quantity", constant=1, type=CellType.NUMBER)
    )
    number = section.text("number")
    section.finish()
    return LineRules(products=products, number=number, quantity=quantity, price=price, amount=amount)


def _text_field(section: Section, key: str) -> Field:
    made = _field(section, key)
    if made.type is not CellType.TEXT or not isinstance(made.constant, str | None):
        raise section.fail(key, zh="只能是文本", en="this is always text")
    return made


def _number_field(section: Section, key: str) -> Field:
    made = _field(section, key)
    if not made.columns and (isinstance(made.constant, bool) or not isinstance(made.constant, int | float)):
        raise section.fail(key, zh="value 应为数字", en="the value must be a number")
    return Field(
        key=key, columns=made.columns, constant=made.constant, type=CellType.NUMBER, is_required=True
    )
