"""Reading a TOML map; ``docs/reference/import-map.md`` describes every key."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from quanyu.flows.imports.errors import MapInvalid
from quanyu.flows.imports.map_fields import (
    read_consents,
    read_field,
    read_fields,
    read_identifiers,
    read_number_field,
    read_row_test,
    read_tags,
    read_text_field,
    read_traits,
)
from quanyu.flows.imports.map_formats import read_file, read_numbers, read_time_field, read_times
from quanyu.flows.imports.mapping import (
    CONTEXT_KEYS,
    PRODUCT_KEYS,
    CellType,
    CreditQuantities,
    EventRules,
    Field,
    IdenticalRows,
    ImportKind,
    ImportMap,
    LineRules,
    NegativeLines,
    OrderRules,
)
from quanyu.flows.imports.sections import Section

MAP_BYTES_MAX: Final = 256 * 1024
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")


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
    except RecursionError as error:
        raise _whole(file, zh="嵌套过深，不是映射文件", en="nested too deep for a map") from error
    return map_of(values, file=file)


def map_of(values: dict[str, Any], *, file: str) -> ImportMap:
    """Check a map's values and return it as plain data."""
    top = Section("", values, file=file)
    kind = _kind(top)
    times = read_times(top)
    made = ImportMap(
        kind=kind,
        source=_source(top),
        file=read_file(top.section("file")),
        numbers=read_numbers(top),
        nulls=top.texts("null", ("",)),
        rejects_max_share=_share(top, "rejects_max_share", default=0.5),
        times=times,
        time=read_time_field(top, kind),
        identifiers=read_identifiers(top, kind),
        currency=_currency(top, kind),
        skip=read_row_test(top, "skip"),
        traits=read_traits(top.section("traits")) if kind is ImportKind.PEOPLE else (),
        tags=read_tags(top.section("tags")) if kind is ImportKind.PEOPLE else (),
        consents=read_consents(top.section("consent")) if kind is ImportKind.PEOPLE else (),
        properties=read_fields(top.section("properties")),
        context=read_fields(top.section("context"), known=CONTEXT_KEYS, only_text=True),
        event=_event(top) if kind is ImportKind.EVENTS else None,
        company=_company(top) if kind is ImportKind.COMPANIES else None,
        orders=_orders(top) if kind is ImportKind.ORDERS else None,
        lines=_lines(top) if kind is ImportKind.ORDERS else None,
    )
    top.finish()
    return made


def _whole(file: str, *, zh: str, en: str) -> MapInvalid:
    return MapInvalid(f"{file}: {en}", message_zh=f"{file}：{zh}")


def _kind(top: Section) -> ImportKind:
    zh, en = "people、events、orders 或 companies", "people, events, orders or companies"
    text = top.required_text("kind", zh=zh, en=en)
    if text not in tuple(ImportKind):
        raise top.fail("kind", zh=f"应为 {zh}", en=f"expected {en}")
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


def _share(top: Section, key: str, *, default: float) -> float:
    value = top.take(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise top.fail(key, zh="应为 0 到 1 的数", en="expected a number from 0 to 1")
    return float(value)


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


def _event(top: Section) -> EventRules:
    section = top.section("event")
    if isinstance(section.take("name"), str):
        name = Field(key="name", constant=section.text("name"))
    elif "name" in section:
        name = read_field(section, "name")
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


def _company(top: Section) -> Field:
    section = top.section("company")
    column = section.required_text("id", zh="企业编号所在的列", en="the column of the company's id")
    section.finish()
    return Field(key="group_id", columns=(column,), is_required=True)


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
        credit_note=read_row_test(section, "credit_note", column=columns[0], more=("quantities",)),
        credit_quantities=quantities,
        returned=read_row_test(section, "returned", more=("time_column",)),
        returned_time=returned_time,
        negative_lines=section.choice("negative_lines", NegativeLines.KEEP),
    )
    section.finish()
    return made


def _lines(top: Section) -> LineRules:
    section = top.section("lines")
    products = tuple(read_text_field(section, key) for key in PRODUCT_KEYS if key in section)
    price = read_number_field(section, "price") if "price" in section else None
    amount = read_number_field(section, "amount") if "amount" in section else None
    if (price is None) == (amount is None):
        raise section.fail(
            "price",
            zh="写 price（单价）或 amount（整行金额）其中之一",
            en="write either price (of one unit) or amount (of the whole line)",
        )
    quantity = (
        read_number_field(section, "quantity")
        if "quantity" in section
        else Field(key="quantity", constant=1, type=CellType.NUMBER)
    )
    number = section.text("number")
    section.finish()
    return LineRules(products=products, number=number, quantity=quantity, price=price, amount=amount)
