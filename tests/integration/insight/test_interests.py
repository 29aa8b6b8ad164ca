"""Interests by hand (B8): weighted by event, halved by time, shrunk to the brand, against a plain count."""

from datetime import timedelta
from typing import Any

import pytest

from integration.insight.studied import behind, joined, on_device, parted
from integration.segments.world import Api, Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.interests import routes
from quanyu.modules.insight.interests.study import interest_desk
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/interests"
HALF_LIFE = 10
SETTINGS: dict[str, Any] = {
    "fields": ["items.category", "category", "tags"],
    "names": [{"value": "tea", "category": "茶"}, {"value": "其他", "category": ""}],
    "weights": [{"name": "Order Completed", "weight": 4}, {"name": "Ignored", "weight": 0}],
    "half_life_days": HALF_LIFE,
    "weight": 2,
}


async def test_interests_are_weighted_decayed_and_shrunk(brand: Brand, warehouse: Warehouse) -> None:
    desk = interest_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    old = now - timedelta(days=HALF_LIFE)
    products = [{"sku": "a", "price": "1", "quantity": "1", "category": name} for name in ("tea", "杯")]
    await brand.tell(
        happened("Order Completed", "a", old, properties={"revenue": "2", "products": products}),
        happened("Viewed", "a", now, properties={"category": "茶"}),
        happened("Viewed", "b", now, properties={"tags": ["花", "其他"]}),
        happened("Viewed", "b", now - timedelta(days=2 * HALF_LIFE), properties={"category": "tea"}),
        happened("Home", "c", now, kind="page", properties={"tags": ["花"]}),
        happened("Ignored", "c", now, properties={"category": "杯"}),
        # So long ago that it says nothing.
        happened("Viewed", "d", now - timedelta(days=20 * HALF_LIFE), properties={"category": "杯"}),
    )
    assert (await api.call("PUT", f"{PATH}/settings", SETTINGS))[0] == 200
    assert await desk.run(brand.tenant) == 3

    # a: half of 4, halved between two, and a view; b: a view, and a quarter; c: half a view.
    own = {"a": {"茶": 1 + 1, "杯": 1}, "b": {"花": 1, "茶": 0.25}, "c": {"花": 0.5}}
    total = sum(sum(one.values()) for one in own.values())
    crowd = {name: sum(one.get(name, 0) for one in own.values()) / total for name in ("茶", "杯", "花")}
    _, summary = await api.call("GET", PATH)
    shown = {one["category"]: (one["share"], one["people"]) for one in summary["card"]["categories"]}
    assert shown == {
        name: (pytest.approx(crowd[name], abs=1e-4), sum(name in one for one in own.values()))
        for name in crowd
    }
    for user, mine in own.items():
        async with brand.uows.app(brand.tenant) as uow:
            figure = await desk.of_person(uow, PersonId(await brand.person(user)))
        assert figure is not None
        interests: Any = figure.detail["interests"]
        assert {one["category"]: one["share"] for one in interests} == {
            name: pytest.approx((score + 2 * crowd[name]) / (sum(mine.values()) + 2), abs=1e-4)
            for name, score in mine.items()
        }
    person = await brand.person("a")
    async with brand.uows.app(brand.tenant) as uow:
        attributes = await brand.people.attributes_of(uow, [PersonId(person)], desk.study.attributes)
    assert "茶" in str(attributes)
    people, page = await behind(api, f"{PATH}/people", {"label": "茶"})
    assert people == {encode_id("per", person)}
    assert page["definition"]["value"] == "茶"


async def test_shares_of_earlier_days_are_kept_and_properties_are_proposed(
    brand: Brand, warehouse: Warehouse
) -> None:
    desk = interest_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    await brand.tell(
        *[
            happened(
                "Read",
                f"r{at}",
                now - timedelta(days=30),
                properties={"topic": topic, "phone": "13812345678"},
            )
            for at, topic in enumerate(("茶", "花", "茶"))
        ],
        happened("Viewed", "r0", now - timedelta(hours=1), properties={"category": "花"}),
        happened("Viewed", "r1", now - timedelta(days=29), properties={"category": "茶"}),
    )
    _, proposed = await api.call("GET", f"{PATH}/proposals")
    assert [(one["field"], one["events"], one["is_used"]) for one in proposed] == [
        ("topic", 3, False),
        ("category", 2, True),
    ]
    await desk.run(brand.tenant, as_of=now - timedelta(days=28))
    await desk.run(brand.tenant, as_of=now)
    async with brand.uows.app(brand.tenant) as uow:
        card = (await desk.summary(uow)).card
    assert card is not None
    before = {one.category: one.share_before for one in card.categories}
    assert before == {"花": None, "茶": 1.0}


async def test_interests_follow_a_merge_and_its_end(brand: Brand, warehouse: Warehouse) -> None:
    """What two turned to is one person's once they are one, and each has their own again afterwards."""
    desk = interest_desk(brand.uows, warehouse, brand.people, Tenants())
    now = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", now, properties={"category": "茶"}),
        on_device("Viewed", "telephone", now, properties={"category": "花"}),
    )

    async def judged() -> tuple[int, set[str]]:
        people = await desk.run(brand.tenant)
        async with brand.uows.app(brand.tenant) as uow:
            figure = await desk.of_person(uow, PersonId(await brand.person("a")))
        assert figure is not None
        interests: Any = figure.detail["interests"]
        return people, {one["category"] for one in interests}

    assert await judged() == (2, {"茶"})
    await joined(brand, "a", "telephone")
    assert await judged() == (1, {"茶", "花"})
    await parted(brand, "a", "telephone")
    assert await judged() == (2, {"茶"})
