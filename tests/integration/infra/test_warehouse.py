"""The gate and the schema on a real engine: exact amounts, tokens, limits, kills, tenants, absence."""

import asyncio
import contextvars
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from quanyu.app.migrate import migrate_warehouse
from quanyu.infra.warehouse import (
    MissingTenantFilter,
    QueryLimits,
    TenantWarehouse,
    Warehouse,
    WarehouseLimitExceeded,
    WarehouseRefused,
    WarehouseUnavailable,
)
from quanyu.kernel.ids import TenantId

COLUMNS = (
    "tenant_id", "person", "name", "kind", "occurred_at", "received_at", "applied_at", "position", "batch_id",
    "source", "message_id", "order_id", "revenue", "currency", "quantity", "context_json", "items_json",
    "properties",
)  # fmt: skip
SLOW = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
TENANT = TenantId(41)


def line(number: int, *, tenant: int = TENANT, batch: int = 1, **values: Any) -> str:
    """One row as PostgreSQL's COPY writes it."""
    given: dict[str, Any] = {"revenue": None, "items": [], "properties": {}, "context": {}, **values}
    fields = [
        tenant, given.get("person", 0), given.get("name", "Order Completed"), "track",
        given.get("occurred_at", "2024-05-01 00:00:00.123456+00"), "2024-05-01 08:00:00+08",
        "2024-05-01 08:00:01+08", number, batch, "shop", f"m{number}", f"A-{number}", given["revenue"], "CNY",
        given.get("quantity"), given["context"], given["items"], given["properties"],
    ]  # fmt: skip
    return "\t".join(_copy_text(field) for field in fields) + "\n"


def _copy_text(value: Any) -> str:
    if value is None:
        return "\\N"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


@pytest.fixture
def gate(warehouse: Warehouse) -> TenantWarehouse:
    return warehouse.for_tenant(TENANT)


@pytest.fixture(autouse=True)
async def empty(warehouse: Warehouse) -> None:
    for table in ("events", "person_alias"):
        await warehouse.command(f"TRUNCATE TABLE {table}")


async def insert(warehouse: Warehouse, *lines: str, token: str = "") -> None:
    await warehouse.insert_tsv("events", COLUMNS, "".join(lines).encode(), deduplication_token=token)


async def count(gate: TenantWarehouse) -> int:
    rows = await gate.query("SELECT count() FROM events WHERE tenant_id = {tenant:UInt32}")
    return int(rows[0][0])


async def test_amounts_arrive_to_the_last_decimal(warehouse: Warehouse, gate: TenantWarehouse) -> None:
    items = [
        {"product_id": "p1", "sku": "s1", "name": "龙井", "price": "92233720368547.7581", "quantity": "-2"},
        {"sku": "s2", "price": "0.0001", "quantity": "1.5", "occurred_at": "2024-01-02T03:04:05.678Z"},
    ]
    await insert(warehouse, line(1, revenue="-0.1", items=items), line(2))

    rows = await gate.query(
        "SELECT position, revenue, items.product_id, items.sku, items.price, items.quantity, "
        "items.occurred_at FROM events WHERE tenant_id = {tenant:UInt32} ORDER BY position"
    )

    happened = datetime(2024, 5, 1, 0, 0, 0, 123000, tzinfo=UTC)
    assert rows == [
        (
            1,
            Decimal("-0.1000"),
            ["p1", ""],
            ["s1", "s2"],
            [Decimal("92233720368547.7581"), Decimal("0.0001")],
            [Decimal("-2.0000"), Decimal("1.5000")],
            [happened, datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)],
        ),
        (2, None, [], [], [], [], []),
    ]


async def test_context_and_properties_arrive_as_they_were(
    warehouse: Warehouse, gate: TenantWarehouse
) -> None:
    context = {"channel": "official_account", "app": "wx1", "campaign": "春\t茶", "unknown": "x"}
    properties = {
        "date": "2024-01-01",
        "big": 2**40,
        "ratio": 1.5,
        "yes": True,
        "text": '制表\t"\\ \n',
        "a": {"b": "c"},
    }
    await insert(warehouse, line(1, context=context, properties=properties))

    rows = await gate.query(
        "SELECT channel, app, campaign, store, properties.date.:String, properties.big.:Int64, "
        "properties.ratio.:Float64, properties.yes.:Bool, properties.text.:String, properties.a.b.:String "
        "FROM events WHERE tenant_id = {tenant:UInt32}"
    )

    assert rows == [
        ("official_account", "wx1", "春\t茶", "", "2024-01-01", 2**40, 1.5, True, '制表\t"\\ \n', "c")
    ]


async def test_a_token_inserts_once_also_after_its_rows_were_deleted(
    warehouse: Warehouse, gate: TenantWarehouse
) -> None:
    rows = (line(1), line(2, occurred_at="2024-06-01 00:00:00+00"))
    await insert(warehouse, *rows, token="b1")
    await insert(warehouse, *rows, token="b1")
    assert await count(gate) == 2

    await gate.command("DELETE FROM events WHERE tenant_id = {tenant:UInt32} AND batch_id = 1")
    assert await count(gate) == 0
    await insert(warehouse, *rows, token="b1")
    assert await count(gate) == 0
    await insert(warehouse, *rows, token="b1 again")
    assert await count(gate) == 2


async def test_a_brand_sees_its_own_rows_only(warehouse: Warehouse, gate: TenantWarehouse) -> None:
    await insert(warehouse, line(1), line(2, tenant=42))

    assert await count(gate) == 1
    with pytest.raises(MissingTenantFilter):
        await gate.query("SELECT count() FROM events")
    with pytest.raises(MissingTenantFilter):
        await gate.command("DELETE FROM events WHERE 1")
    # A parameter of the caller's cannot take the brand's place.
    rows = await gate.query("SELECT {tenant:UInt32}", {"tenant": 42})
    assert rows == [(41,)]


async def test_columns_come_whole_also_when_there_are_none(
    warehouse: Warehouse, gate: TenantWarehouse
) -> None:
    await insert(warehouse, line(1, person=5), line(2, person=6))
    sql = (
        "SELECT person, message_id FROM events WHERE tenant_id = {tenant:UInt32} AND person > {least:UInt32} "
        "ORDER BY person"
    )

    both = await gate.query_columns(sql, {"least": 0})
    none = await gate.query_columns(sql, {"least": 100})

    assert (list(both["person"]), list(both["message_id"]), len(both)) == ([5, 6], ["m1", "m2"], 2)
    assert (list(none["person"]), len(none)) == ([], 0)


async def test_parameters_are_never_part_of_the_statement(gate: TenantWarehouse) -> None:
    nasty = "'; DROP TABLE events; -- \\ \t {tenant:UInt32}"
    rows = await gate.query("SELECT {text:String}, {tenant:UInt32}", {"text": nasty})
    assert rows == [(nasty, 41)]


async def test_canonical_people_follow_merges_and_unmerges(warehouse: Warehouse) -> None:
    sql = "SELECT dictGetOrDefault('person_canonical', 'canonical', toUInt64({p:UInt32}), {p:UInt32})"

    async def canonical(person: int) -> int:
        return int((await warehouse.query(sql, {"p": person}))[0][0])

    async def alias(person: int, of: int, version: int) -> None:
        row = f"{TENANT}\t{person}\t{of}\t{version}\n".encode()
        await warehouse.insert_tsv("person_alias", ["tenant_id", "person", "canonical", "version"], row)
        await warehouse.reload_people()

    await warehouse.reload_people()
    assert await canonical(700_000) == 700_000
    await alias(700_000, 3, version=1)
    assert (await canonical(700_000), await canonical(4), await canonical(4_000_000)) == (3, 4, 4_000_000)
    await alias(700_000, 700_000, version=2)
    assert await canonical(700_000) == 700_000


async def test_a_statement_ends_at_its_limits(warehouse: Warehouse) -> None:
    began = time.monotonic()
    with pytest.raises(WarehouseLimitExceeded, match="TIMEOUT_EXCEEDED"):
        await warehouse.query(SLOW, limits=QueryLimits(threads=1, time_s=0.5))
    assert time.monotonic() - began < 20

    with pytest.raises(WarehouseLimitExceeded, match="MEMORY_LIMIT_EXCEEDED"):
        await warehouse.query(
            "SELECT groupArray(number) FROM numbers(100000000)",
            limits=QueryLimits(1, memory_bytes=50_000_000),
        )


async def test_whoever_goes_away_takes_the_statement_along(warehouse: Warehouse) -> None:
    running = (
        "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'"
    )
    asking = asyncio.create_task(warehouse.query(SLOW))
    await until(warehouse, running, 1)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await until(warehouse, running, 0)


async def until(warehouse: Warehouse, sql: str, expected: int) -> None:
    """Ask again until the answer is the expected one."""
    deadline = time.monotonic() + 30
    while (await warehouse.query(sql))[0][0] != expected:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_slow_questions_do_not_hold_inserts_up(warehouse: Warehouse, gate: TenantWarehouse) -> None:
    limits = QueryLimits(threads=1, time_s=3)
    questions = [asyncio.create_task(warehouse.query(SLOW, limits=limits)) for _ in range(4)]
    await asyncio.sleep(0)

    await insert(warehouse, line(1), token="beside")

    assert not any(question.done() for question in questions)
    for question in questions:
        question.cancel()
    await asyncio.gather(*questions, return_exceptions=True)
    assert await count(gate) == 1


async def test_a_refusal_names_the_error_and_quotes_no_data(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseRefused) as caught:
        await warehouse.insert_tsv("events", ["tenant_id"], b"13800138000x\n")
    assert caught.value.error_code == 27
    assert "13800138000" not in caught.value.message

    with pytest.raises(WarehouseRefused, match="UNKNOWN_TABLE") as caught:
        await warehouse.query("SELECT 1 FROM nowhere")
    assert caught.value.error_code == 60


async def test_migrating_again_changes_nothing(warehouse: Warehouse, gate: TenantWarehouse) -> None:
    await insert(warehouse, line(1))
    applied = await warehouse.query("SELECT name, checksum FROM schema_migration ORDER BY name")

    await migrate_warehouse(warehouse)

    assert await warehouse.query("SELECT name, checksum FROM schema_migration ORDER BY name") == applied
    assert await count(gate) == 1


@pytest.fixture
def nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def nobody_answers() -> Iterator[int]:
    """A port that takes connections and says nothing, as a machine that hangs does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield int(listening.getsockname()[1])


async def test_a_server_that_is_down_is_unavailable_and_nothing_else(nobody_listens: int) -> None:
    away = Warehouse.at(f"http://127.0.0.1:{nobody_listens}")

    with pytest.raises(WarehouseUnavailable):
        await away.query("SELECT 1")
    with pytest.raises(WarehouseUnavailable):
        await away.insert_tsv("events", COLUMNS, line(1).encode())
    assert await away.ping() is False
    await away.close()


async def test_a_server_that_hangs_is_given_up_in_time(nobody_answers: int) -> None:
    hanging = Warehouse.at(
        f"http://127.0.0.1:{nobody_answers}", limits=QueryLimits(time_s=0.2), answer_slack_s=0.8
    )
    began = time.monotonic()

    with pytest.raises(WarehouseUnavailable):
        await hanging.query("SELECT 1")

    assert time.monotonic() - began < 15
    await hanging.close()


async def test_whoever_cannot_wait_is_answered_in_time(nobody_answers: int) -> None:
    hanging = Warehouse.at(f"http://127.0.0.1:{nobody_answers}", silence_limit_s=6)
    began = time.monotonic()

    with pytest.raises(WarehouseUnavailable, match=r"did not answer within 0\.3 s"):
        await hanging.query("SELECT 1", limits=QueryLimits(wait_s=0.3))

    assert time.monotonic() - began < 5
    await hanging.close()


async def test_nothing_passes_before_it_was_prepared(warehouse: Warehouse) -> None:
    prepared: list[bool] = []

    async def prepare(gate: Warehouse) -> None:
        # Its own statements pass; everybody else's wait for it.
        assert await gate.query("SELECT 1") == [(1,)]
        with pytest.raises(WarehouseUnavailable, match="being prepared"):
            await asyncio.create_task(gate.query("SELECT 2"), context=contextvars.Context())
        prepared.append(True)

    address = f"chdb://{warehouse.settings.address.path}"
    here = Warehouse.at(
        address,
        database=warehouse.settings.database,
        backup_directory=warehouse.settings.backup_directory,
    )
    here.prepare_with(prepare)

    assert await here.query("SELECT 3") == [(3,)]
    assert await here.query("SELECT 4") == [(4,)]
    assert prepared == [True]
    await here.close()


async def test_too_many_waiting_questions_are_turned_away(warehouse: Warehouse) -> None:
    narrow = Warehouse.at(
        f"chdb://{warehouse.settings.address.path}",
        database=warehouse.settings.database,
        backup_directory=warehouse.settings.backup_directory,
        read_threads=1,
        waiting_max=1,
    )
    limits = QueryLimits(threads=1, time_s=5)
    two = [asyncio.create_task(narrow.query(SLOW, limits=limits)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(WarehouseUnavailable, match="2 statements wait"):
        await narrow.query("SELECT 1")

    for task in two:
        task.cancel()
    await asyncio.gather(*two, return_exceptions=True)
    await narrow.close()
