"""Metrics worked out by hand: each figure, who is behind it, and the same figure in SQL over the views."""

from typing import Any

import pytest

from integration.insight.test_behaviour import HERE, PAY, PERIOD, VIEW, at, people
from integration.segments.world import Api, Brand, happened, order
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import decode_id
from quanyu.modules.insight.metrics import routes
from quanyu.modules.insight.metrics.builtin import BUILTIN
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.insight.open_warehouse import routes as warehouse_routes
from quanyu.modules.insight.open_warehouse.service import OpenQuestions
from quanyu.modules.tenants.service import Tenants

from .test_open_warehouse import Names

PATH = "/api/v1/metrics"
DEAR = {
    "name": "大额订单", "name_en": "Dear orders", "unit": "orders",
    "formula": {
        "kind": "events",
        "event": {"name": PAY, "where": [{"field": "revenue", "op": "gte", "value": 50}]},
        "measure": "unique",
        "field": "order_id",
    },
}  # fmt: skip


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    def viewed(user: str, day: int, **more: Any) -> Any:
        return happened(VIEW, user, at(day, 9), **more)

    await brand.tell(
        viewed("a", 1, properties={"place": "app"}, context={"app": "wx1"}),
        viewed("b", 1, properties={"place": "web"}),
        viewed("c", 2, properties={"place": "it's \\ web"}),
        viewed("d", 3),
        # a buys twice, one of them told twice under two messages; b's order is refunded in part.
        order("a", "a1", at(1, 10), [("100.5", "1")]),
        happened(PAY, "a", at(1, 11), properties={"order_id": "a1", "revenue": 9.5}),
        order("a", "a2", at(2, 10), [("40", "1")]),
        order("b", "b1", at(2, 12), [("60", "1")]),
        happened("Order Refunded", "b", at(3, 10), properties={"order_id": "b1", "revenue": 25}),
        # The days before: one order.
        order("d", "d1", at(27, 9, month=2), [("50", "1")]),
    )
    return brand


@pytest.fixture
def door(shop: Brand, warehouse: Warehouse, uows: UnitOfWorkFactory) -> Api:
    metrics = Metrics(shop.behaviour, Tenants(), uows)
    questions = OpenQuestions(warehouse, Tenants(), uows, Names())
    return Api(shop, routes.router(metrics), warehouse_routes.router(questions))


async def ask(door: Api, metric: str, **more: Any) -> dict[str, Any]:
    body = {"metric": metric, "period": PERIOD, "compare": True, **more}
    status, answer = await door.call("POST", f"{PATH}/ask", body)
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def values(answer: dict[str, Any]) -> list[str | None]:
    return [one["value"] for one in answer["current"]["buckets"]]


BY_HAND: dict[str, tuple[list[str | None], str, str | None]] = {
    "sales": (["110.00", "100.00", "0.00"], "210.00", "50.00"),
    "revenue": (["110.00", "100.00", "-25.00"], "185.00", "50.00"),
    "orders": (["1", "2", "0"], "3", "1"),
    "buyers": (["1", "2", "0"], "2", "1"),
    "visitors": (["2", "1", "1"], "4", "0"),
    "order_value": (["110", "50", None], "70", "50"),
    "buyer_value": (["110", "50", None], "105", "50"),
    "purchase_rate": (["0.5", "2", "0"], "0.5", None),
    "refund_rate": (["0", "0", None], "0.333333", "0"),
}


async def test_figures_by_hand_and_the_same_in_sql(door: Api) -> None:
    for metric, (by_day, total, before) in BY_HAND.items():
        answer = await ask(door, metric)
        assert values(answer) == by_day, metric
        assert (answer["current"]["total"]["value"], answer["previous"]["total"]["value"]) == (total, before)

        # The SQL it shows gives the same figures by day, and no day without events.
        status, told = await door.call("POST", "/api/v1/warehouse/ask", {"sql": answer["sql"]})
        assert status == 200, (metric, told)
        found = {day: value for day, value in told["rows"] if day >= "2026-03-01"}
        for bucket, value in zip(answer["current"]["buckets"], by_day, strict=True):
            assert float(found.get(bucket["bucket"]) or 0) == pytest.approx(float(value or 0)), metric


async def test_every_metric_of_the_platform_can_be_asked_and_has_sql(door: Api) -> None:
    _, listed = await door.call("GET", PATH)
    assert {one["id"] for one in listed["items"]} >= set(BUILTIN)
    for one in listed["items"]:
        assert all((one["sql"], one["text"]["zh"], one["text"]["en"])), one["id"]
        status, told = await door.call("POST", "/api/v1/warehouse/ask", {"sql": one["sql"]})
        assert status == 200, (one["id"], told)


async def test_a_figure_leads_to_its_people_also_within_filters(shop: Brand, door: Api) -> None:
    answer = await ask(door, "orders")
    assert answer["current"]["total"]["people"] == 2
    trend = {"query": answer["people_of"], "bucket": "2026-03-02"}
    assert await people(shop, door, "trend", trend) == await shop.ids("a", "b")

    only = {"where": [{"field": "context.app", "op": "eq", "value": "wx1"}]}
    answer = await ask(door, "visitors", **only)
    assert (values(answer), answer["people_of"]["where"][0]["value"]) == (["1", "0", "0"], "wx1")
    assert await people(shop, door, "trend", {"query": answer["people_of"]}) == await shop.ids("a")


async def test_a_segment_narrows_every_question_to_its_members(shop: Brand, door: Api) -> None:
    looked = {
        "kind": "event",
        "name": VIEW,
        "where": [{"field": "properties.place", "op": "eq", "value": "web"}],
    }
    _, made = await door.call("POST", "/api/v1/segments", {"name": "网页来客", "definition": looked})
    await shop.refresher.refresh(shop.tenant, decode_id("seg", made["id"]))
    within = {"segment": made["id"]}
    answer = await ask(door, "orders", **within)
    assert values(answer) == ["0", "1", "0"]
    trend = {"query": answer["people_of"]}
    assert await people(shop, door, "trend", trend) == await shop.ids("b")
    common = {"period": PERIOD, **within}
    _, funnel = await door.call(
        "POST", "/api/v1/behaviour/funnel", {**common, "steps": [{"name": VIEW}, {"name": PAY}]}
    )
    assert funnel["total"]["reached"] == [1, 1]
    _, table = await door.call(
        "POST", "/api/v1/behaviour/retention", {**common, "first": {"name": VIEW}, "back": {"name": PAY}}
    )
    assert [row["people"] for row in table["cohorts"]] == [1, 0, 0]
    _, spread = await door.call("POST", "/api/v1/behaviour/distribution", {**common, "event": {"name": PAY}})
    _, paths = await door.call("POST", "/api/v1/behaviour/paths", {**common, "anchor": {"name": VIEW}})
    assert (spread["people"], paths["people"]) == (1, 1)


async def test_a_metric_of_ones_own_has_versions_and_its_sql_holds_odd_texts(door: Api) -> None:
    status, made = await door.call("POST", PATH, DEAR)
    assert (status, made["version"], made["owner"], made["changed_by"]) == (201, 1, "测试", "测试")
    assert made["text"] == {
        "zh": "order_id 去重计数：Order Completed（revenue gte 50）",
        "en": "different order_id of Order Completed where revenue gte 50",
    }
    assert values(await ask(door, made["id"])) == ["1", "1", "0"]

    odd = {
        "kind": "events",
        "event": {"name": VIEW, "where": [{"field": "properties.place", "op": "eq", "value": "it's \\ web"}]},
        "measure": "people",
    }
    change = {**DEAR, "name": "怪文本", "formula": odd, "unit": "people", "version": 1}
    status, changed = await door.call("PUT", f"{PATH}/{made['id']}", change)
    assert (status, changed["version"], [one["version"] for one in changed["versions"]]) == (200, 2, [2, 1])
    assert changed["versions"][1]["draft"]["name"] == "大额订单"
    answer = await ask(door, made["id"])
    assert values(answer) == ["0", "1", "0"]
    _, told = await door.call("POST", "/api/v1/warehouse/ask", {"sql": answer["sql"]})
    assert told["rows"] == [["2026-03-02", 1]]

    status, problem = await door.call("PUT", f"{PATH}/{made['id']}", change)
    assert (status, problem["code"]) == (409, "insight.metric_changed")


async def test_ratios_read_metrics_and_archived_ones_go_on(door: Api) -> None:
    _, dear = await door.call("POST", PATH, DEAR)
    ratio = {
        "name": "大额占比",
        "unit": "share",
        "formula": {"kind": "ratio", "of": dear["id"], "to": "orders"},
    }
    _, share = await door.call("POST", PATH, ratio)
    answer = await ask(door, share["id"])
    assert (values(answer), answer["text"]["zh"]) == (["1", "0.5", None], "大额订单 ÷ 成交订单")
    _, read = await door.call("GET", f"{PATH}/{dear['id']}")
    assert read["used_by"] == ["大额占比"]

    assert (await door.call("DELETE", f"{PATH}/{dear['id']}"))[0] == 204
    _, listed = await door.call("GET", PATH)
    assert dear["id"] not in {one["id"] for one in listed["items"]}
    assert values(await ask(door, share["id"])) == ["1", "0.5", None]

    # What a ratio reads cannot become one.
    into = {**ratio, "formula": {"kind": "ratio", "of": "buyers", "to": "orders"}, "version": 1}
    refused = await door.call("PUT", f"{PATH}/{dear['id']}", into)
    assert (refused[0], refused[1]["code"]) == (422, "insight.invalid_metric")
    assert values(await ask(door, share["id"])) == ["1", "0.5", None]


async def test_what_no_figure_follows_from_is_refused(door: Api) -> None:
    def draft(**formula: Any) -> dict[str, Any]:
        return {"name": "x", "formula": formula}

    events = {"kind": "events", "event": {"name": PAY}}
    refused: list[tuple[dict[str, Any], int, str]] = [
        (draft(**events, measure="sum"), 422, "insight.invalid_analysis"),
        (draft(**events, measure="unique"), 422, "insight.invalid_analysis"),
        (draft(**events, measure="sum", field="properties.phone"), 422, "insight.invalid_analysis"),
        (draft(kind="ratio", of="order_value", to="orders"), 422, "insight.invalid_metric"),
        (draft(kind="ratio", of="nothing", to="orders"), 404, "insight.metric_not_found"),
    ]
    for body, expected, code in refused:
        status, problem = await door.call("POST", PATH, body)
        assert (status, problem["code"]) == (expected, code), body
        question = {"formula": body["formula"], "period": PERIOD}
        assert (await door.call("POST", f"{PATH}/try", question))[0] == expected
    for method, body in (("PUT", {**DEAR, "version": 1}), ("DELETE", None)):
        status, problem = await door.call(method, f"{PATH}/revenue", body)
        assert (status, problem["code"]) == (422, "insight.invalid_metric")
    _, tried = await door.call("POST", f"{PATH}/try", {"formula": DEAR["formula"], "period": PERIOD})
    assert values(tried) == ["1", "1", "0"]
    assert tried["time_zone"] == HERE.key
