"""Engagement by hand (B8): points fade with days, a day is capped, and the middle makes 50."""

from dataclasses import replace
from datetime import timedelta

import pytest

from integration.insight.studied import behind
from integration.segments.world import Api, Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.engagement import routes
from quanyu.modules.insight.engagement.study import engagement_desk
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/engagement"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def test_scores_come_from_recent_events_and_lead_to_people(brand: Brand, warehouse: Warehouse) -> None:
    desk = engagement_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    await brand.tell(
        happened("Order Completed", "keen", now, properties={"revenue": "10"}),
        *[happened("Tea Poured", "keen", now - at * SECOND) for at in range(4)],
        *[happened("Tea Poured", "keen", now - 10 * DAY - at * SECOND) for at in range(2)],
        happened("Tea Poured", "calm", now),
        *[happened("Tea Poured", "calm", now - 20 * DAY - at * SECOND) for at in range(2)],
        happened("Tea Poured", "gone", now - 30 * DAY),
        # Too long ago, and done to them.
        happened("Tea Poured", "long", now - 90 * DAY),
        replace(happened("message.handed", "told", now), source="quanyu"),
    )
    chosen = {
        "weights": [{"name": "Order Completed", "weight": 4}],
        "half_life_days": 10,
        "daily_max": 3,
        "middle": 2,
        "middle_from": 30,
        "high_from": 60,
    }
    assert (await api.call("PUT", f"{PATH}/settings", chosen))[0] == 200
    assert await desk.run(brand.tenant) == 3

    keen, calm, gone = [await brand.person(one) for one in ("keen", "calm", "gone")]
    async with brand.uows.app(brand.tenant) as uow:
        figures = [await desk.of_person(uow, PersonId(one)) for one in (keen, calm, gone)]
        kept = await brand.people.attributes_of(uow, [PersonId(keen)], desk.study.attributes)
    # 4 + 3 + 2/2 = 8 of 8 + 2; 1 + 2/4 = 1.5 of 3.5; 1/8 of 2.125.
    assert [one and (one.label, one.detail["level"], one.detail["score"], one.score) for one in figures] == [
        ("80", "high", 80, 8.0),
        ("40", "middle", 43, 1.5),
        ("0", "low", 6, 0.125),
    ]
    assert figures[0] is not None
    # Both are worth 4: in the order of their names.
    assert figures[0].detail["events"] == [
        {"name": "Order Completed", "points": 4.0},
        {"name": "Tea Poured", "points": 4.0},
    ]
    assert kept[PersonId(keen)] == {"engagement_score": 80, "engagement_level": "high"}

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    assert {one["label"]: one["people"] for one in summary["groups"]} == {"0": 1, "40": 1, "80": 1}
    assert [(one["name"], one["points"], one["people"]) for one in card["events"]] == [
        ("Tea Poured", 5.62, 3),
        ("Order Completed", 4.0, 1),
    ]
    people, page = await behind(api, f"{PATH}/people", {"label": "80"})
    assert people == {encode_id("per", keen)}
    await brand.drain()
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    found = await brand.segments.select(brand.tenant, parse_definition(page["definition"]), at, limit=9)
    assert {encode_id("per", one) for one in found.people} == people


async def test_without_a_middle_the_median_makes_50_and_pages_are_one_name(
    brand: Brand, warehouse: Warehouse
) -> None:
    desk = engagement_desk(brand.uows, warehouse, brand.people, Tenants())
    now = brand.clock.now()
    assert await desk.run(brand.tenant) == 0
    await brand.tell(
        happened("Tea Poured", "one", now),
        *[happened("Tea Poured", "two", now - at * SECOND) for at in range(2)],
        *[replace(happened(f"/{page}", "many", now), kind="page") for page in range(9)],
    )
    assert await desk.run(brand.tenant) == 3
    async with brand.uows.app(brand.tenant) as uow:
        card = (await desk.summary(uow)).card
        figures = [
            await desk.of_person(uow, PersonId(await brand.person(one))) for one in ("one", "two", "many")
        ]
    assert card is not None
    # 1, 2 and 5 · 0.5 points.
    assert card.middle == 2.0
    assert [one and one.detail["score"] for one in figures] == [33, 50, 56]


@pytest.mark.parametrize(
    "wrong",
    [
        {"middle_from": 70, "high_from": 60},
        {"weights": [{"name": "A", "weight": 1}, {"name": "A", "weight": 2}]},
        {"middle": 0},
    ],
)
async def test_settings_that_make_no_sense_change_nothing(
    brand: Brand, warehouse: Warehouse, wrong: dict[str, object]
) -> None:
    desk = engagement_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    assert (await api.call("PUT", f"{PATH}/settings", wrong))[0] == 422
    async with brand.uows.app(brand.tenant) as uow:
        assert (await desk.settings(uow)).high_from == 67
