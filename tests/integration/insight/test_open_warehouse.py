"""The SQL page: figures of the documented views by hand, and every way around them refused."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from integration.segments.world import Api, Brand, build_brand, happened, order
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.open_warehouse import routes
from quanyu.modules.insight.open_warehouse.contracts import FileFormat
from quanyu.modules.insight.open_warehouse.errors import RefusedSql
from quanyu.modules.insight.open_warehouse.service import OpenQuestions
from quanyu.modules.insight.open_warehouse.views import views
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/warehouse"
HERE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=HERE)


class Names:
    """Two tags and a segment."""

    async def tags(self, uow: UnitOfWork) -> Sequence[tuple[int, str, str]]:
        return [(1, "新客", "阶段"), (2, "爱茶", "兴趣")]

    async def segments(self, uow: UnitOfWork) -> Sequence[tuple[int, str]]:
        return [(7, "杭州")]


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    await brand.tell(
        happened("Product Viewed", "a", at(1, 1), properties={"price": 12.5, "place": "app"}),
        order("a", "o1", at(1, 10), [("100.5", "1"), ("2", "3")]),
        order("b", "o2", at(2, 10), [("20", "1")]),
        happened("", "a", at(1, 9), kind="identify", traits={"city": "杭州"}),
    )
    return brand


@pytest.fixture
def questions(shop: Brand, warehouse: Warehouse, uows: UnitOfWorkFactory) -> OpenQuestions:
    return OpenQuestions(warehouse, Tenants(), uows, Names())


@pytest.fixture
def door(shop: Brand, questions: OpenQuestions) -> Api:
    return Api(shop, routes.router(questions))


async def ask(door: Api, sql: str) -> list[list[Any]]:
    status, answer = await door.call("POST", f"{PATH}/ask", {"sql": sql})
    assert status == 200, answer.get("detail")
    rows: list[list[Any]] = answer["rows"]
    return rows


async def test_figures_by_hand(shop: Brand, door: Api) -> None:
    a, b = await shop.person("a"), await shop.person("b")
    revenue = "SELECT local_day, sum(revenue) AS net FROM orders GROUP BY local_day ORDER BY local_day"
    assert await ask(door, revenue) == [["2026-03-01", "106.5000"], ["2026-03-02", "20.0000"]]
    assert await ask(door, "select person, sku, quantity from order_lines order by order_number, sku;") == [
        [a, "s0", "1.0000"],
        [a, "s1", "3.0000"],
        [b, "s0", "1.0000"],
    ]
    viewed = (
        "WITH viewed AS (SELECT person, properties.price.:Float64 AS price FROM events "
        "WHERE name = 'Product Viewed') "
        "SELECT p.person, v.price, p.attributes.city.:String FROM viewed v JOIN people p USING person -- once"
    )
    assert await ask(door, viewed) == [[a, 12.5, "杭州"]]
    funnel = (
        "SELECT windowFunnel(86400)(toUInt32(toUnixTimestamp(occurred_at)), name = 'Product Viewed', "
        "name = 'Order Completed') AS depth FROM events WHERE kind = 'track' GROUP BY person ORDER BY depth"
    )
    assert await ask(door, funnel) == [[0], [2]]


async def test_every_view_answers_with_the_columns_it_documents(
    shop: Brand, door: Api, questions: OpenQuestions
) -> None:
    _, described = await door.call("GET", PATH)
    assert [one["name"] for one in described["views"]] == list(views())
    for view in views().values():
        answer = await questions.ask(shop.tenant, f"SELECT * FROM {view.name}")
        found = [(one.name, _plain(one.type)) for one in answer.columns]
        assert found == [(one.name, one.type) for one in view.columns], view.name


def _plain(kind: str) -> str:
    """Return a type without how it is stored."""
    return "JSON" if kind.startswith("JSON(") else kind.replace("LowCardinality(String)", "String")


async def test_tags_and_segments_have_their_names(shop: Brand, door: Api) -> None:
    a = await shop.person("a")
    gate = shop.gate
    await gate.command(
        "INSERT INTO profiles SELECT tenant_id, person, attributes, first_seen_at, last_seen_at, deleted, "
        f"version + 1, [1, 2, 99] FROM profiles FINAL WHERE tenant_id = {{tenant:UInt32}} AND person = {a}"
    )
    await gate.command(
        "INSERT INTO segment_membership SELECT {tenant:UInt32}, 7, "
        f"{a}, toDateTime64('2026-03-01 00:00:00', 3, 'UTC'), 1, 1"
    )
    assert await ask(door, "SELECT * FROM person_tags ORDER BY tag") == [
        [a, "新客", "阶段"],
        [a, "爱茶", "兴趣"],
    ]
    assert await ask(door, "SELECT * FROM segment_members") == [[a, "杭州", "2026-03-01T00:00:00+00:00"]]


async def test_another_brands_rows_are_never_seen(
    shop: Brand,
    door: Api,
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
) -> None:
    stranger = TenantId(int(shop.tenant) + 500_000)
    async with uows.system(stranger) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, :key, '别家', 'Asia/Shanghai', 'CNY', :now)",
            {"tenant": stranger, "key": f"brand-{stranger}", "now": clock.now()},
        )
    other = build_brand(
        tenant=stranger, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    await other.tell(order("x", "secret", at(1, 10), [("999", "1")]), happened("Secret", "x", at(1, 9)))
    for sql in (
        "SELECT count() FROM events WHERE name = 'Secret'",
        "SELECT count() FROM orders WHERE order_number = 'secret'",
        "WITH events AS (SELECT * FROM orders) SELECT count() FROM events WHERE revenue = 999",
        "SELECT count() FROM (SELECT 1 AS x) WHERE x IN (SELECT 1 FROM events WHERE name = 'Secret')",
        "SELECT sum(n) FROM (SELECT count() AS n FROM people UNION ALL SELECT count() FROM orders) "
        "WHERE n > 3",
    ):
        [[count]] = await ask(door, sql)
        assert count in (0, None), sql


FORBIDDEN = (
    "SELECT file('/etc/passwd')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')",
    "SELECT * FROM system.tables",
    "SELECT * FROM person_alias",
    "SELECT 1 WHERE (1, 1, 1, 1) IN person_alias",
    "SELECT count() FROM `system`.`processes`",
    "SELECT * FROM merge('quanyu', '.*')",
    "SELECT * FROM numbers(10)",
    "SELECT dictGet('person_canonical', 'canonical', toUInt64(1))",
    "SELECT getSetting('additional_table_filters')",
    "SELECT hostName()",
    "SELECT sleep(3)",
    "SELECT fileIf(1, 1)",
    "SELECT 1; SELECT 2",
    "SELECT ';'; DROP TABLE events",
    "/* /* */ ; DROP TABLE events /* */",
    "DROP TABLE events",
    "INSERT INTO events SELECT * FROM events",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 FORMAT JSON",
    "SELECT * FROM events SETTINGS additional_table_filters = {}",
    "SELECT 1) SETTINGS readonly = 0, max_threads = (1",
    "SELECT 1) , file('/etc/passwd') AS f, (SELECT 2",
    "SELECT 1 /*",
    "SELECT 1 --",
    "EXPLAIN SELECT 1",
    "SHOW TABLES",
    "SELECT * FROM events SAMPLE 0.1",
    "SELECT {x:UInt8}",
    "",
    "   ",
)


@pytest.mark.parametrize("sql", FORBIDDEN)
async def test_every_way_around_the_views_is_refused(questions: OpenQuestions, shop: Brand, sql: str) -> None:
    if sql == "SELECT 1 --":  # A comment at the end is fine.
        assert (await questions.ask(shop.tenant, sql)).rows == ((1,),)
        return
    with pytest.raises(RefusedSql) as refused:
        await questions.ask(shop.tenant, sql)
    assert refused.value.message_zh
    # What the platform puts around a text is its own affair.
    assert "tenant_id" not in refused.value.message


async def test_a_mistake_is_explained_in_the_engines_words(questions: OpenQuestions, shop: Brand) -> None:
    with pytest.raises(RefusedSql, match=r"Unknown expression.*citty"):
        await questions.ask(shop.tenant, "SELECT citty FROM people")
    with pytest.raises(RefusedSql, match=r"no view shops; there are: events, orders"):
        await questions.ask(shop.tenant, "SELECT * FROM shops")
    with pytest.raises(RefusedSql, match=r"Syntax error"):
        await questions.ask(shop.tenant, "SELEC 1")


async def test_answers_are_taken_out_as_files(questions: OpenQuestions, shop: Brand) -> None:
    sql = "SELECT order_number, revenue FROM orders ORDER BY order_number"
    table = pq.read_table(io.BytesIO(await questions.export(shop.tenant, sql, FileFormat.PARQUET)))
    assert [str(one) for one in table.column("revenue").to_pylist()] == ["106.5000", "20.0000"]
    text = (await questions.export(shop.tenant, sql, FileFormat.CSV)).decode("utf-8-sig")
    assert text.splitlines() == ["order_number,revenue", "o1,106.5000", "o2,20.0000"]
    # What a spreadsheet would compute is quoted; numbers, lists and nothing stay what they are.
    text = (
        await questions.export(
            shop.tenant, "SELECT '=1+1' AS a, -5 AS b, ['x', 'y'] AS c, NULL AS d", FileFormat.CSV
        )
    ).decode("utf-8-sig")
    assert text.splitlines() == ["a,b,c,d", '\'=1+1,-5,"[""x"", ""y""]",']


async def test_long_answers_are_cut_and_say_so(questions: OpenQuestions, shop: Brand) -> None:
    answer = await questions.ask(shop.tenant, "SELECT arrayJoin(range(5000)) AS n ORDER BY n DESC")
    assert (len(answer.rows), answer.is_cut, answer.rows[0]) == (1000, True, (4999,))


async def test_questions_are_kept(door: Api) -> None:
    status, made = await door.call("POST", f"{PATH}/queries", {"name": " 每日 ", "sql": "SELECT 1"})
    assert status == 201
    status, _ = await door.call("PUT", f"{PATH}/queries/{made['id']}", {"name": "每日", "sql": "SELECT 2"})
    assert status == 204
    _, kept = await door.call("GET", f"{PATH}/queries")
    assert [(one["name"], one["sql"], one["saved_by"]) for one in kept["items"]] == [
        ("每日", "SELECT 2", "测试")
    ]
    assert (await door.call("DELETE", f"{PATH}/queries/{made['id']}"))[0] == 204
    assert (await door.call("GET", f"{PATH}/queries"))[1] == {"items": []}
    status, refused = await door.call("PUT", f"{PATH}/queries/{made['id']}", {"name": "x", "sql": "SELECT 2"})
    assert (status, refused["code"]) == (404, "insight.saved_query_not_found")
