"""Life rhythm by hand: one visit per hour and day, local time, shrunk to the brand's pattern."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integration.insight.studied import behind
from integration.segments.world import Api, Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.rhythm import routes
from quanyu.modules.insight.rhythm.study import rhythm_desk
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/rhythm"
WEEK = timedelta(days=7)
# Half past eight in the evening of Monday 2 March, in Shanghai.
MONDAY = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


async def test_best_hours_are_ones_own_from_enough_visits_on(brand: Brand, warehouse: Warehouse) -> None:
    desk = rhythm_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    async with brand.uows.app(brand.tenant) as uow:
        assert await desk.best_hour(uow, PersonId(1)) is None
    evenings = [happened("Product Viewed", "evening", MONDAY - week * WEEK) for week in range(8)]
    # Again in the same hour of the same day: they were there once.
    evenings.append(happened("Product Viewed", "evening", MONDAY + timedelta(minutes=9)))
    once = happened("Product Viewed", "once", MONDAY - timedelta(hours=11))  # Half past nine on Monday.
    told = happened("message.handed", "told", MONDAY)  # Done to them, not by them.
    await brand.tell(*evenings, once, replace(told, source="quanyu"))
    assert (await api.call("PUT", f"{PATH}/settings", {"weight": 3}))[0] == 200
    assert await desk.run(brand.tenant) == 2

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    assert (card["visits"], card["best_hour"], card["time_zone"]) == (9, 20, "Asia/Shanghai")
    assert (card["week"][0][20], card["week"][0][9]) == (8, 1)
    evening, seldom = await brand.person("evening"), await brand.person("once")
    async with brand.uows.app(brand.tenant) as uow:
        own, little = [await desk.of_person(uow, PersonId(one)) for one in (evening, seldom)]
        assert [await desk.best_hour(uow, PersonId(one)) for one in (evening, seldom, 999_999)] == [
            20,
            20,
            20,
        ]
        attributes = await brand.people.attributes_of(uow, [PersonId(evening)], desk.study.attributes)
    assert own is not None
    assert little is not None
    # (8 + 3 * 8/9) / (8 + 3), and of the other (0 + 3 * 8/9) / (1 + 3) against (1 + 3 * 1/9) / (1 + 3).
    assert own.detail["hours"][20] == pytest.approx(0.9697)  # type: ignore[index]
    shares = little.detail["hours"]
    assert (shares[20], shares[9]) == (pytest.approx(0.6667), pytest.approx(0.3333))  # type: ignore[index]
    assert (own.score, little.score) == (pytest.approx(8 / 11, abs=1e-4), 0.25)
    assert (own.label, own.detail["best_weekday"]) == ("evening", 1)
    assert attributes[PersonId(evening)] == {"best_hour": 20, "best_weekday": 1}

    people, page = await behind(api, f"{PATH}/people", {"label": "evening"})
    assert people == {encode_id("per", evening), encode_id("per", seldom)}
    await brand.drain()
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    chosen = await brand.segments.select(brand.tenant, parse_definition(page["definition"]), at, limit=9)
    assert {encode_id("per", one) for one in chosen.people} == people
