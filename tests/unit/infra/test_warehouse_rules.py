"""The parts of the gate that need no engine: addresses, errors, migration files."""

from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from quanyu.infra.warehouse import (
    Address,
    InvalidAddress,
    WarehouseLimitExceeded,
    WarehouseRefused,
    WarehouseSettings,
    WarehouseUnavailable,
)
from quanyu.infra.warehouse.errors import translate
from quanyu.infra.warehouse.migrations import Migration, MigrationsDisagree, load
from quanyu.kernel.errors import AppError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("chdb:///var/lib/quanyu/warehouse", Address(path=Path("/var/lib/quanyu/warehouse"))),
        ("chdb:///a%20b", Address(path=Path("/a b"))),
        ("http://ch", Address(host="ch", port=8123, username="default")),
        (
            "https://me:p%40ss@ch.example:9443",
            Address(host="ch.example", port=9443, secure=True, username="me", password="p@ss"),
        ),
    ],
)
def test_addresses(url: str, expected: Address) -> None:
    assert Address.parse(url) == expected


@pytest.mark.parametrize(
    "url", ["", "chdb://", "chdb:///", "chdb://host/path", "postgres://x", "/path", "http://"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InvalidAddress):
        Address.parse(url)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OperationalError("Connection refused"), WarehouseUnavailable),
        (OSError(28, "No space left on device"), WarehouseUnavailable),
        (
            DatabaseError("Code: 243. DB::Exception: no room (NOT_ENOUGH_SPACE)", code=243),
            WarehouseUnavailable,
        ),
        (DatabaseError("Code: 252. DB::Exception: x (TOO_MANY_PARTS)"), WarehouseUnavailable),
        (
            DatabaseError("Code: 241. DB::Exception: x (MEMORY_LIMIT_EXCEEDED)", code=241),
            WarehouseLimitExceeded,
        ),
        (DatabaseError("Code: 62. DB::Exception: x (SYNTAX_ERROR)", code=62), WarehouseRefused),
        (ProgrammingError("The client has been closed"), WarehouseRefused),
    ],
)
def test_the_drivers_errors_become_ours(error: Exception, kind: type[AppError]) -> None:
    assert type(translate(error)) is kind


def test_data_quoted_by_the_engine_stays_out_of_our_message() -> None:
    error = DatabaseError("Code: 27. DB::Exception: Cannot parse '13800138000' (CANNOT_PARSE_INPUT)", code=27)
    assert translate(error).message == "The warehouse refused a statement: CANNOT_PARSE_INPUT (27)."


def test_a_migration_is_split_at_line_ends_and_filled_in() -> None:
    text = (
        "-- says; why\nCREATE TABLE {{database}}.a (x String DEFAULT 'b;c');\n\n"
        "SOURCE({{local_user}} DB 'd');\n"
    )
    embedded = WarehouseSettings(Address(path=Path("/w")), database="shop")
    server = WarehouseSettings(Address(host="h", port=1, username="me", password="it's"), database="shop")

    assert Migration("0001_x", text).statements(embedded) == (
        "CREATE TABLE shop.a (x String DEFAULT 'b;c')",
        "SOURCE( DB 'd')",
    )
    assert Migration("0001_x", text).statements(server)[1] == "SOURCE(USER 'me' PASSWORD 'it\\'s' DB 'd')"


def test_migration_files_come_in_order_and_are_named_properly(tmp_path: Path) -> None:
    for name in ("0002_b.sql", "0001_a.sql", "__init__.py"):
        (tmp_path / name).write_text("SELECT 1;\n")
    assert [migration.name for migration in load(tmp_path)] == ["0001_a", "0002_b"]

    (tmp_path / "3_c.sql").write_text("")
    with pytest.raises(MigrationsDisagree, match=r"3_c\.sql"):
        load(tmp_path)
