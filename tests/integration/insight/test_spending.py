"""Spending power and discount affinity by hand (B8): ranks and shares against a plain count."""

import math
from datetime import timedelta
from typing import Any

import pytest

from integration.insight.studied import behind, joined, on_device, parted
from integration.segments.world import Api, Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.spending import routes
from quanyu.modules.insight.spending.study import spending_desk
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/spending"
PAID: dict[str, list[dict[str, Any]]] = {
    "a": [{"revenue": "100", "discount": 10, "price": "10"}, {"revenue": "300", "price": "10"}],
    "b": [{"revenue": "50"}, {"revenue": "60", "coupon": "NEW", "refund": "-60"}],
    "c": [{"revenue": one, "price": "30"} for one in ("500", "700.5", "600")],
    "d": [
        {"revenue": "20", "price": "1", "line_coupon": "X"},
        {"revenue": "20", "price": "1", "discount": "5"},
    ],
    # One order: compared with, and not judged.
    "z": [{"revenue": "210", "prices": [str(one) for one in range(1, 21)]}],
}


def products(paid: dict[str, Any]) -> list[dict[str, str]]:
    prices = paid.get("prices") or ([paid["price"]] if "price" in paid else [])
    line = {"quantity": "1", "category": "tea", "coupon": paid.get("line_coupon", "")}
    return [{**line, "sku": f"s{one}", "price": one} for one in prices]


def told(now: Any) -> list[Any]:
    events = []
    for user, orders in PAID.items():
        for at, paid in enumerate(orders):
            order = {"order_id": f"{user}{at}", "currency": "CNY"}
            stated = {key: paid[key] for key in ("revenue", "discount", "coupon") if key in paid}
            when = now - timedelta(days=at + 1)
            events.append(
                happened(
                    "Order Completed", user, when, properties={**order, **stated, "products": products(paid)}
                )
            )
            if "refund" in paid:
                refund = {**order, "revenue": paid["refund"]}
                events.append(happened("Order Refunded", user, now, properties=refund))
    # Too long ago, in another currency, and of nobody.
    events.append(
        happened(
            "Order Completed", "c", now - timedelta(days=500), properties={"revenue": "1", "discount": 1}
        )
    )
    events.append(happened("Order Completed", "c", now, properties={"revenue": "9", "currency": "USD"}))
    return events


def cuts_of(prices: list[float]) -> list[float]:
    """Nineteen quantiles, the lower of two in the middle, as the reference says."""
    ordered = sorted(prices)
    size = len(ordered)
    places = [math.floor(size * level / 20) for level in range(1, 20)]
    places[9] = (size - 1) // 2
    return [ordered[place] for place in places]


async def test_power_and_affinity_by_hand(brand: Brand, warehouse: Warehouse) -> None:
    desk = spending_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    await brand.tell(*told(brand.clock.now()))
    assert await desk.run(brand.tenant) == 3

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    # b's second order was refunded whole; nine are left, three of them with a discount.
    assert (card["orders"], card["discounted"], card["judged_from"]) == (9, 3, 5)
    assert (card["currency"], card["other_currencies"]) == ("CNY", ["USD"])
    assert (card["typical_low"], card["typical_median"], card["typical_high"]) == (
        "20.00",
        "100.00",
        "100.00",
    )

    lines = [*map(float, range(1, 21)), 10.0, 10.0, 30.0, 30.0, 30.0, 1.0, 1.0]
    cuts = cuts_of(lines)
    shown = {one["category"]: (one["lines"], float(one["median"])) for one in card["categories"]}
    assert shown == {"tea": (27, cuts[9])}

    expected = {
        # (typical, its rank of three, price, share of orders with a discount, group)
        "a": ("100.00", 3 / 6, 10.0, (1 + 3 / 3) / 5, "middle.usual"),
        "c": ("600.00", 5 / 6, 30.0, (0 + 3 / 3) / 6, "high.low"),
        "d": ("20.00", 1 / 6, 1.0, (2 + 3 / 3) / 5, "low.high"),
    }
    for user, (typical, rank, price, share, label) in expected.items():
        async with brand.uows.app(brand.tenant) as uow:
            figure = await desk.of_person(uow, PersonId(await brand.person(user)))
        assert figure is not None
        level = (sum(cut < price for cut in cuts) + sum(cut <= price for cut in cuts)) / 38
        assert figure.detail["typical_order"] == typical
        assert figure.detail["order_rank"] == pytest.approx(rank, abs=1e-4)
        assert figure.detail["price_level"] == pytest.approx(level, abs=1e-4)
        assert figure.detail["discount_share"] == pytest.approx(share, abs=1e-4)
        assert figure.score == pytest.approx((rank + level) / 2, abs=1e-4)
        assert figure.label == label

    people, page = await behind(api, f"{PATH}/people", {"label": "high.low"})
    assert people == {encode_id("per", await brand.person("c"))}
    assert [part["value"] for part in page["definition"]["of"]] == ["high", "low"]
    async with brand.uows.app(brand.tenant) as uow:
        person = PersonId(await brand.person("a"))
        assert "middle" in str(await brand.people.attributes_of(uow, [person], desk.study.attributes))


async def test_without_discounts_and_lines_only_orders_are_compared(
    brand: Brand, warehouse: Warehouse
) -> None:
    desk = spending_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    await brand.tell(
        *[
            happened("Order Completed", user, now - timedelta(days=day), properties={"revenue": amount})
            for user, amount in (("a", "10"), ("b", "20"))
            for day in (1, 2, 3)
        ]
    )
    assert (await api.call("PUT", f"{PATH}/settings", {"orders_min": 3}))[0] == 200
    assert await desk.run(brand.tenant) == 2
    _, summary = await api.call("GET", PATH)
    assert {one["label"]: one["people"] for one in summary["groups"]} == {"low.none": 1, "high.none": 1}
    assert summary["card"]["discounted"] == 0

    status, _ = await api.call("PUT", f"{PATH}/settings", {"low_below": 0.9, "high_from": 0.5})
    assert status == 422


async def test_a_brand_without_orders_says_nothing_of_anybody(brand: Brand, warehouse: Warehouse) -> None:
    desk = spending_desk(brand.uows, warehouse, brand.people, Tenants())
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    assert await desk.run(brand.tenant) == 0


async def test_orders_follow_a_merge(brand: Brand, warehouse: Warehouse) -> None:
    """Two people with an order each are judged once they are one, and no longer when they are two again."""
    desk = spending_desk(brand.uows, warehouse, brand.people, Tenants())
    now = brand.clock.now()
    await brand.tell(
        happened("Order Completed", "a", now, properties={"revenue": "10"}),
        on_device("Order Completed", "telephone", now, properties={"revenue": "10"}),
    )
    assert await desk.run(brand.tenant) == 0
    await joined(brand, "a", "telephone")
    assert await desk.run(brand.tenant) == 1
    await parted(brand, "a", "telephone")
    assert await desk.run(brand.tenant) == 0
