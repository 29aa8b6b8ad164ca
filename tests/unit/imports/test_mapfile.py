"""Maps: what they say, and what is said to somebody who wrote one wrong."""

import re

import pytest

from quanyu.flows.imports.errors import MapInvalid
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.mapping import (
    CellType,
    CreditQuantities,
    Field,
    IdentifierField,
    ImportKind,
    RowTest,
)
from support.imports import ORDERS_MAP

PEOPLE_MAP = """
kind = "people"
source = "crm"
time_zone = "Asia/Shanghai"
null = ["-", "NULL"]
[time]
at = "2025-01-31T00:00:00+08:00"
[identifiers]
phone = "手机"
openid = { column = "openid", scope = "wx123" }
[traits]
nickname = "昵称"
level = { column = "等级", type = "integer" }
vip = { value = true }
"""


def test_an_orders_map_is_read_as_written() -> None:
    made = parse_map(ORDERS_MAP, file="map.toml")

    assert made.kind is ImportKind.ORDERS
    assert made.times.zone == "Europe/London"
    assert made.currency == Field(key="currency", constant="GBP")
    assert made.orders is not None
    assert made.orders.credit_note == RowTest(column="order", prefixes=("C",))
    assert made.orders.credit_quantities is CreditQuantities.SIGNED
    assert made.columns() == ("date", "customer", "order", "country", "sku", "name", "quantity", "price")


def test_a_people_map_is_read_as_written() -> None:
    made = parse_map(PEOPLE_MAP, file="map.toml")

    assert made.identifiers == (
        IdentifierField(namespace="phone", scope="", column="手机"),
        IdentifierField(namespace="openid", scope="wx123", column="openid"),
    )
    assert made.traits == (
        Field(key="nickname", columns=("昵称",)),
        Field(key="level", columns=("等级",), type=CellType.INTEGER),
        Field(key="vip", constant=True),
    )
    assert made.nulls == ("-", "NULL")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "orders"', 'kind = "order"', "map.toml: kind: expected people, events, orders or companies"),
        ('source = "shop"', "", "map.toml: source: missing: a name for where the data comes from"),
        ('source = "shop"', 'source = "My Shop"', "map.toml: source: use lower-case letters"),
        ('"Europe/London"', '"London"', "map.toml: time_zone: unknown zone; use an IANA name"),
        ('currency = "GBP"', "", "map.toml: currency: missing"),
        ('currency = "GBP"', 'currency = "pounds"', "map.toml: currency: expected three capital letters"),
        (
            'column = "date"',
            'colum = "date"',
            "map.toml: [time] colum: unknown setting; did you mean column?",
        ),
        ('"%Y-%m-%d %H:%M"', '"%Y-%m %H:%M"', "map.toml: [time] formats: '%Y-%m %H:%M' lacks the year"),
        (
            'user_id = "customer"',
            'userid = "customer"',
            "[identifiers] userid: unknown identifier; did you mean",
        ),
        ('user_id = "customer"', 'openid = "o"', "[identifiers] openid: needs a scope"),
        ('order_id = "order"', "", "map.toml: [orders] order_id: missing: the column of the order id"),
        ('prefix = "C"', "", "map.toml: [orders.credit_note] values: missing: values or prefix"),
        ('price = "price"', "", "map.toml: [lines] price: write either price (of one unit) or amount"),
        ('price = "price"', 'price = "p"\namount = "a"', "map.toml: [lines] price: write either price"),
        ('price = "price"', 'price = { value = "x" }', "map.toml: [lines] price: the value must be a number"),
        (
            'country = "country"',
            'country = { column = "c", type = "money" }',
            "type: expected one of: text, int",
        ),
        ('country = "country"', "country = { }", "map.toml: [properties] country: write either a column or"),
        ("[properties]", "[traits]", "map.toml: traits: unknown setting"),
        ('kind = "orders"', 'kind = "orders', "map.toml: not valid TOML: Illegal character"),
        (
            'kind = "orders"',
            'kind = "orders"\nthousands = "."',
            "thousands: expected one character other than",
        ),
        (
            'kind = "orders"',
            'kind = "orders"\nnull = 3',
            "map.toml: null: expected a text or a list of texts",
        ),
        ('kind = "orders"', 'kind = "orders"\nrejects_max_share = 2', "expected a number from 0 to 1"),
        (
            'kind = "orders"',
            'kind = "orders"\n[file]\nencoding = "utf-9"',
            "[file] encoding: unknown encoding",
        ),
        (
            'kind = "orders"',
            'kind = "orders"\n[file]\ndelimiter = "ab"',
            "[file] delimiter: expected one char",
        ),
        ('kind = "orders"', 'kind = "orders"\n[file]\ncolumns = ["a"]', "[file] columns: only together with"),
    ],
)
def test_a_wrong_map_says_where_and_what_to_do(old: str, new: str, message: str) -> None:
    assert old in ORDERS_MAP
    if "[file]" in new:  # A table must come after the plain keys.
        head, _, table = new.partition("[file]")
        text = ORDERS_MAP.replace(old, head) + "[file]" + table
    else:
        text = ORDERS_MAP.replace(old, new)

    with pytest.raises(MapInvalid, match=re.escape(message)) as caught:
        parse_map(text, file="map.toml")

    assert "map.toml" in caught.value.message_zh
    assert re.search("[\u4e00-\u9fff]", caught.value.message_zh)


def test_people_need_an_identifier_and_a_time() -> None:
    with pytest.raises(MapInvalid, match=r"\[identifiers\]: missing: at least one"):
        parse_map(PEOPLE_MAP.replace('phone = "手机"', "").replace("openid =", "#"), file="map.toml")
    with pytest.raises(MapInvalid, match=r"\[time\] column: missing: the column with the time"):
        parse_map(PEOPLE_MAP.replace("at =", "#"), file="map.toml")
    with pytest.raises(MapInvalid, match=r"\[time\] at: expected ISO 8601"):
        parse_map(PEOPLE_MAP.replace("2025-01-31T", "31 January"), file="map.toml")


def test_a_map_nested_without_end_is_refused() -> None:
    with pytest.raises(MapInvalid, match="nested too deep") as refused:
        parse_map("a = " + "[" * 100_000, file="map.toml")

    assert "嵌套过深" in refused.value.message_zh
