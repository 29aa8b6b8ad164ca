"""Distributions and paths worked out by hand, with the people behind every figure."""

from typing import Any

import pytest

from integration.insight.test_behaviour import CART, PATH, PAY, PERIOD, VIEW, at, people
from integration.segments.world import Api, Brand, happened, order


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    await brand.tell(
        # a looks three times on two days and pays twice; b looks once and adds; c pays only; d lies outside.
        happened(VIEW, "a", at(1, 10), properties={"weight": 1.5}),
        happened(VIEW, "a", at(1, 11), properties={"weight": 2}),
        happened(CART, "a", at(1, 12)),
        order("a", "a1", at(1, 13), [("100.5", "1")]),
        happened(VIEW, "a", at(3, 9)),
        order("a", "a2", at(3, 10), [("10", "1")]),
        happened(VIEW, "b", at(2, 10), properties={"weight": -4}),
        happened(CART, "b", at(3, 10)),
        happened("Page Closed", "b", at(3, 11)),
        order("c", "c1", at(2, 10), [("20", "1")]),
        happened(VIEW, "d", at(28, 10, month=2)),
    )
    return brand


def distribution(**more: Any) -> dict[str, Any]:
    return {"period": PERIOD, "event": {"name": VIEW}, **more}


async def test_how_often_and_on_how_many_days(shop: Brand, api: Api) -> None:
    status, often = await api.call("POST", f"{PATH}/distribution", distribution(edges=[1, 2, 3]))
    assert status == 200, often
    assert [(one["begins"], one["ends"], one["people"]) for one in often["buckets"]] == [
        ("1", "2", 1), ("2", "3", 0), ("3", None, 1),
    ]  # fmt: skip
    assert (often["people"], often["mean"], often["median"], often["p90"]) == (2, "2", "3", "3")
    body = {"query": distribution(edges=[1, 2, 3], as_of=often["as_of"])}
    assert await people(shop, api, "distribution", {**body, "bucket": 3}) == await shop.ids("a")
    assert await people(shop, api, "distribution", {**body, "bucket": 1}) == await shop.ids("b")

    _, days = await api.call("POST", f"{PATH}/distribution", distribution(of="days"))
    assert days["edges"] == ["1", "2", "3", "4", "5", "6", "8", "15", "22"]
    assert [one["people"] for one in days["buckets"]] == [1, 1, 0, 0, 0, 0, 0, 0, 0]
    body = {"query": distribution(of="days"), "bucket": 2}
    assert await people(shop, api, "distribution", body) == await shop.ids("a")


async def test_for_how_much(shop: Brand, api: Api) -> None:
    paid = {"period": PERIOD, "event": {"name": PAY}, "of": "sum", "field": "revenue"}
    _, answer = await api.call("POST", f"{PATH}/distribution", paid)
    # The 95th percentile is 110.5: its eighth is 13.8, so steps of 20.
    assert answer["edges"] == ["0", "20", "40", "60", "80", "100", "120", "140", "160"]
    assert [one["people"] for one in answer["buckets"]] == [0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert (answer["mean"], answer["median"], answer["currency"]) == ("65.25", "110.5", "CNY")
    body = {"query": {**paid, "edges": answer["edges"]}, "bucket": 6}
    assert await people(shop, api, "distribution", body) == await shop.ids("a")
    # Somebody without a number in the field is left out; below the first border lies bucket 0.
    weight = distribution(of="sum", field="properties.weight", edges=[0, 3.5])
    _, answer = await api.call("POST", f"{PATH}/distribution", weight)
    assert [(one["begins"], one["people"]) for one in answer["buckets"]] == [(None, 1), ("0", 0), ("3.5", 1)]
    assert await people(shop, api, "distribution", {"query": weight, "bucket": 0}) == await shop.ids("b")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"of": "sum"}, "needs a field"),
        ({"field": "revenue"}, "needs a field"),
        ({"of": "sum", "field": "context.channel"}, "holds text"),
        ({"of": "sum", "field": "properties.phone"}, "sealed"),
        ({"edges": [2, 2]}, "ascend"),
        ({"edges": ["1e20"]}, "10¹⁵"),
    ],
)
async def test_senseless_distributions_are_refused(
    shop: Brand, api: Api, wrong: dict[str, Any], says: str
) -> None:
    status, answer = await api.call("POST", f"{PATH}/distribution", distribution(**wrong))
    assert status == 422
    assert says in answer["detail"]


def paths(**more: Any) -> dict[str, Any]:
    return {"period": PERIOD, "anchor": {"name": VIEW}, "steps": 3, **more}


def flows(answer: dict[str, Any]) -> list[tuple[int, str, str | None, int]]:
    def text(point: dict[str, Any] | None) -> str | None:
        return None if point is None else point["name"] or point["kind"]

    return [(one["step"], text(one["at"]) or "", text(one["next"]), one["people"]) for one in answer["flows"]]


async def test_where_people_go_from_an_event(shop: Brand, api: Api) -> None:
    status, answer = await api.call("POST", f"{PATH}/paths", paths())
    assert status == 200, answer
    # a: viewed (twice in a row is one step), added, paid, nothing more within a day. b: added a day later.
    assert flows(answer) == [
        (0, VIEW, CART, 2),
        (1, CART, PAY, 1),
        (1, CART, "end", 1),
        (2, PAY, "end", 1),
        (2, "end", None, 1),
        (3, "end", None, 1),
    ]
    assert answer["people"] == 2
    body: dict[str, Any] = {"query": paths(as_of=answer["as_of"])}
    cart = {"kind": "name", "name": CART}
    assert await people(shop, api, "paths", {**body, "step": 1, "at": cart}) == await shop.ids("a", "b")
    left = {**body, "step": 1, "at": cart, "next": {"kind": "end"}}
    assert await people(shop, api, "paths", left) == await shop.ids("b")

    _, each = await api.call("POST", f"{PATH}/paths", paths(merges_repeats=False, top=1))
    assert (1, VIEW, CART, 1) not in flows(each)
    assert (1, CART, "end", 1) in flows(each) or (1, VIEW, "other", 1) in flows(each)


async def test_where_people_come_from(shop: Brand, api: Api) -> None:
    back = paths(anchor={"name": PAY}, direction="before", window={"amount": 3, "unit": "hours"})
    _, answer = await api.call("POST", f"{PATH}/paths", back)
    # From the last payment of each: a looked an hour before it, c did nothing before.
    assert flows(answer) == [
        (0, PAY, VIEW, 1),
        (0, PAY, "end", 1),
        (1, VIEW, "end", 1),
        (1, "end", None, 1),
        (2, "end", None, 1),
    ]
    only = paths(names=["Page Closed"], window={"amount": 2, "unit": "days"})
    _, answer = await api.call("POST", f"{PATH}/paths", only)
    assert (0, VIEW, "Page Closed", 1) in flows(answer)
    none = paths(without=[CART, PAY])
    _, answer = await api.call("POST", f"{PATH}/paths", none)
    assert flows(answer)[0] == (0, VIEW, "end", 2)
    status, refused = await api.call("POST", f"{PATH}/paths", paths(window={"amount": 367, "unit": "days"}))
    assert (status, refused["code"]) == (422, "insight.invalid_analysis")
