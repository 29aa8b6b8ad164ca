"""Behaviour worked out by hand: every figure, the people behind it, and the same people as a segment.

SG:sequence — the same millisecond counts as ordered, the window's end is met, one millisecond later is not.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integration.segments.world import Api, Brand, happened, order
from quanyu.kernel.ids import decode_id
from quanyu.modules.segments.tree import parse_definition

PATH = "/api/v1/behaviour"
HERE = ZoneInfo("Asia/Shanghai")
MS = timedelta(milliseconds=1)
# The clock stands at noon of 4 March in Shanghai.
PERIOD = {"kind": "dates", "from": "2026-03-01", "to": "2026-03-03"}
VIEW, CART, PAY = "Product Viewed", "Product Added", "Order Completed"
FUNNEL: dict[str, Any] = {
    "period": PERIOD,
    "steps": [{"name": VIEW}, {"name": CART}, {"name": PAY}],
    "window": {"amount": 24, "unit": "hours"},
}
RETENTION: dict[str, Any] = {"period": PERIOD, "first": {"name": VIEW}, "back": {"name": PAY}, "periods": 2}


def at(day: int, hour: int, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=HERE)


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    def viewed(user: str, when: datetime, **properties: Any) -> Any:
        return happened(VIEW, user, when, properties=properties)

    await brand.tell(
        # a pays 24 hours after looking, to the millisecond; b one millisecond later.
        viewed("a", at(1, 10), place="app"),
        happened(CART, "a", at(1, 10)),
        order("a", "a1", at(2, 10), [("100.5", "1")]),
        viewed("b", at(1, 10), place="web"),
        happened(CART, "b", at(1, 11)),
        order("b", "b1", at(2, 10) + MS, [("20", "1")]),
        # c has it the wrong way round, d looked before the period, e goes on after it.
        happened(CART, "c", at(2, 8)),
        viewed("c", at(2, 9), place="web"),
        viewed("d", at(28, 9, month=2)),
        happened(CART, "d", at(1, 9)),
        order("d", "d1", at(28, 9, month=2), [("50", "1")]),
        viewed("e", at(3, 23)),
        happened(CART, "e", at(4, 1)),
        happened("", "a", at(1, 9), kind="identify", traits={"city": "杭州"}),
        happened("", "b", at(1, 9), kind="identify", traits={"city": "上海"}),
    )
    return brand


async def people(shop: Brand, api: Api, path: str, body: dict[str, Any]) -> list[int]:
    """Ask for the people of a figure, page by page; where it can be a segment, that selects the same."""
    found: list[int] = []
    cursor = None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        status, page = await api.call("POST", f"{PATH}/{path}/people", body, **query)
        assert status == 200, page
        found += [decode_id("per", row["id"]) for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert page["total"] == len(found)
    if page["definition"] is not None:
        at = await shop.segments.evaluation(shop.uows, shop.tenant)
        selected = await shop.segments.select(
            shop.tenant, parse_definition(page["definition"]), at, limit=100
        )
        assert list(selected.people) == found, page["definition"]
    return found


async def test_a_funnel_by_hand(shop: Brand, api: Api) -> None:
    status, answer = await api.call("POST", f"{PATH}/funnel", FUNNEL)
    assert (status, answer["total"]["reached"]) == (200, [4, 3, 1]), answer
    assert (answer["first_day"], answer["last_day"], answer["time_zone"]) == (
        "2026-03-01", "2026-03-03", "Asia/Shanghai",
    )  # fmt: skip
    asked = {"query": {**FUNNEL, "as_of": answer["as_of"]}, "step": 2}
    assert await people(shop, api, "funnel", {**asked, "which": "dropped"}) == await shop.ids("b", "e")
    assert await people(shop, api, "funnel", {**asked, "which": "reached"}) == await shop.ids("a", "b", "e")

    by_city = {**FUNNEL, "breakdown": {"kind": "person", "key": "city"}}
    _, answer = await api.call("POST", f"{PATH}/funnel", by_city)
    assert [(one["group"], one["reached"]) for one in answer["groups"]] == [
        ({"kind": "missing", "value": None}, [2, 1, 0]),
        ({"kind": "value", "value": "上海"}, [1, 1, 0]),
        ({"kind": "value", "value": "杭州"}, [1, 1, 1]),
    ]
    group = {"kind": "value", "value": "上海"}
    assert await people(
        shop, api, "funnel", {"query": by_city, "step": 1, "which": "reached", "group": group}
    ) == await shop.ids("b")

    by_place = {**FUNNEL, "breakdown": {"kind": "event", "field": "properties.place"}}
    _, answer = await api.call("POST", f"{PATH}/funnel", by_place)
    assert {one["group"]["value"]: one["reached"] for one in answer["groups"]} == {
        "web": [2, 1, 0], None: [1, 1, 0], "app": [1, 1, 1],
    }  # fmt: skip


async def test_strict_and_any_order_by_hand(shop: Brand, api: Api) -> None:
    # Strictly, nothing else of the funnel lies between: c added, then viewed; b and a go straight on.
    _, strict = await api.call("POST", f"{PATH}/funnel", {**FUNNEL, "order": "strict"})
    assert strict["total"]["reached"] == [4, 3, 1]
    # In any order c has two steps too, and d, who added within the period, has one.
    _, loose = await api.call("POST", f"{PATH}/funnel", {**FUNNEL, "order": "any"})
    assert loose["total"]["reached"] == [5, 4, 1]


async def test_retention_by_hand(shop: Brand, api: Api) -> None:
    status, answer = await api.call("POST", f"{PATH}/retention", RETENTION)
    assert status == 200, answer
    rows = [
        (row["cohort"], row["people"], [(cell["people"], cell["is_complete"]) for cell in row["cells"]])
        for row in answer["cohorts"]
    ]
    # d is in no cohort: they first looked before the period. What has not begun is left out.
    assert rows == [
        ("2026-03-01", 2, [(0, True), (2, True), (0, True)]),
        ("2026-03-02", 1, [(0, True), (0, True), (0, False)]),
        ("2026-03-03", 1, [(0, True), (0, False)]),
    ]
    assert [(one["people"], one["retained"]) for one in answer["totals"]] == [(4, 0), (3, 2), (2, 0)]
    cell = {"query": RETENTION, "cohort": "2026-03-01", "n": 1}
    assert await people(shop, api, "retention", {**cell, "which": "retained"}) == await shop.ids("a", "b")
    assert await people(shop, api, "retention", {**cell, "which": "lost"}) == []
    assert await people(shop, api, "retention", {**cell, "n": 2, "which": "lost"}) == await shop.ids("a", "b")
    every = {**RETENTION, "entry": "every", "back": {"name": CART}, "mode": "on_or_after"}
    late = {"query": every, "cohort": "2026-03-03", "n": 1, "which": "retained"}
    assert await people(shop, api, "retention", late) == await shop.ids("e")


async def test_trends_by_hand(shop: Brand, api: Api) -> None:
    spent = {
        "period": PERIOD, "event": {"name": PAY}, "measure": "sum", "field": "revenue", "compare": True,
    }  # fmt: skip
    status, answer = await api.call("POST", f"{PATH}/trend", spent)
    assert status == 200, answer
    assert [one["value"] for one in answer["total"]["buckets"]] == ["0.00", "120.50", "0.00"]
    total, before = answer["total"]["total"], answer["previous"]["total"]
    assert (total["value"], total["people"], before["value"], before["people"]) == ("120.50", 2, "50.00", 1)
    assert (answer["currency"], answer["previous"]["buckets"][2]["bucket"]) == ("CNY", "2026-02-28")
    assert await people(shop, api, "trend", {"query": spent, "bucket": "2026-03-02"}) == await shop.ids(
        "a", "b"
    )
    assert await people(shop, api, "trend", {"query": spent, "previous": True}) == await shop.ids("d")

    _, average = await api.call("POST", f"{PATH}/trend", {**spent, "measure": "avg"})
    assert [one["value"] for one in average["total"]["buckets"]] == [None, "60.25", None]

    by_place = {
        "period": PERIOD, "event": {"name": VIEW}, "measure": "people", "unit": "week",
        "breakdown": {"kind": "event", "field": "properties.place"},
    }  # fmt: skip
    _, answer = await api.call("POST", f"{PATH}/trend", by_place)
    # 1 March is a Sunday: the weeks begin on 23 February and 2 March.
    assert [(one["bucket"], one["value"]) for one in answer["total"]["buckets"]] == [
        ("2026-02-23", "2"), ("2026-03-02", "2"),
    ]  # fmt: skip
    assert [(one["group"]["value"], one["total"]["value"]) for one in answer["groups"]] == [
        ("web", "2"), (None, "1"), ("app", "1"),
    ]  # fmt: skip
    web = {"kind": "value", "value": "web"}
    asked = {"query": by_place, "bucket": "2026-03-02", "group": web}
    assert await people(shop, api, "trend", asked) == await shop.ids("c")


async def test_what_cannot_be_answered_is_refused_with_a_reason(api: Api) -> None:
    tea = {"field": "properties.place", "op": "eq", "value": "app"}
    steps = [{"name": VIEW}, {"name": VIEW, "where": [tea]}]
    phone = {"kind": "person", "key": "phone"}
    item = {"name": VIEW, "where": [{"field": "item.sku", "op": "eq", "value": "x"}]}
    long = {"kind": "dates", "from": "2025-01-01", "to": "2026-01-02"}
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("funnel", {**FUNNEL, "order": "any", "steps": steps}, "任意顺序"),
        ("funnel", {**FUNNEL, "window": {"amount": 367, "unit": "days"}}, "转化窗口最多 366 天"),
        ("funnel", {**FUNNEL, "breakdown": phone}, "已加密"),
        ("funnel", {**FUNNEL, "steps": [{"name": VIEW}, item]}, "订单行"),
        ("funnel", {**FUNNEL, "period": long}, "时间段最多 366 天"),
        ("retention", {**RETENTION, "mode": "rolling", "unit": "month"}, "没有固定长度"),
        (
            "retention",
            {**RETENTION, "periods": 90, "period": {"kind": "last_days", "days": 366}},
            "表格最多 10000 格",
        ),
        ("trend", {"event": {"name": PAY}, "measure": "sum"}, "需要选择字段"),
        ("trend", {"event": {"name": PAY}, "measure": "sum", "field": "currency"}, "需要数字"),
    ]
    for path, body, words in refused:
        status, problem = await api.call("POST", f"{PATH}/{path}", body)
        assert (status, problem["code"]) == (422, "insight.invalid_analysis"), body
        assert words in problem["detail_zh"]
    status, problem = await api.call("POST", f"{PATH}/funnel", {**FUNNEL, "steps": [{"name": VIEW}] * 11})
    assert (status, problem["code"]) == (422, "quanyu.invalid_input")
