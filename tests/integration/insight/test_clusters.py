"""Clusters of a brand's own orders: from the warehouse through a process of its own to pages and segments."""

import pytest

from integration.insight.studied import DAY, EACH, GONE, MUCH, OFTEN, Here, behind, bought, lives, open_shop
from integration.segments.world import Api, Brand
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.clusters import routes
from quanyu.modules.insight.clusters.study import ClusterDesk, cluster_desk
from quanyu.modules.insight.jobs import DailySchedule
from quanyu.modules.insight.studies import person_routes
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants


@pytest.fixture(scope="module")
async def shop(database: Database, warehouse: Warehouse, key_ring: KeyRing) -> Brand:
    return await open_shop(database, warehouse, key_ring, lives(), 8)


def desk_of(shop: Brand, warehouse: Warehouse) -> ClusterDesk:
    return cluster_desk(shop.uows, warehouse, shop.people, Tenants(), Here())


async def test_people_alike_are_found_named_and_recognised_again(shop: Brand, warehouse: Warehouse) -> None:
    desk = desk_of(shop, warehouse)
    api = Api(shop, routes.router(desk), person_routes.router(shop.people, [desk]))
    chosen = {"features": ["orders", "spent", "recency_days"]}
    status, settings = await api.call("PUT", "/api/v1/clusters/settings", chosen)
    assert (status, settings["k"]) == (200, None)
    assert await desk.run(shop.tenant) == 3 * EACH
    _, first = await api.call("GET", "/api/v1/clusters")
    card = first["card"]
    assert (card["refusal"], card["k"], card["people"], first["people"]) == (None, 3, 3 * EACH, 3 * EACH)
    kinds = {}
    for kind in (OFTEN, MUCH, GONE):
        _, figures = await api.call(
            "GET", f"/api/v1/understanding/people/{encode_id('per', await shop.person(f'{kind}-0'))}"
        )
        kinds[kind] = figures["clusters"]["label"]
    assert len(set(kinds.values())) == 3
    names = {one["id"]: one["name"] for one in card["clusters"]}
    assert "买得勤" in names[kinds[OFTEN]]["zh"]
    assert "久未购买" in names[kinds[GONE]]["zh"]

    people, page = await behind(api, "/api/v1/clusters/people", {"label": kinds[MUCH]})
    assert len(people) == EACH
    await shop.drain()
    at = await shop.segments.evaluation(shop.uows, shop.tenant)
    selection = await shop.segments.select(
        shop.tenant, parse_definition(page["definition"]), at, limit=3 * EACH
    )
    assert {encode_id("per", one) for one in selection.people} == people

    # Thirty who had left come back and buy like the others; the groups stay the same ones.
    await shop.tell(
        *(
            bought(f"{GONE}-{one}", number, shop.clock.now() - number * 5 * DAY, 40.0)
            for one in range(30)
            for number in range(1, 7)
        )
    )
    shop.clock.advance(DAY)
    assert await desk.run_if_older(shop.tenant, than_s=86_400) is None  # Once a week is enough.
    await desk.run(shop.tenant)
    _, second = await api.call("GET", "/api/v1/clusters")
    assert {one["id"]: one["name"] for one in second["card"]["clusters"]} == names
    moved = {(one["before"], one["label"]): one["people"] for one in second["moves"]}
    assert moved[kinds[GONE], kinds[OFTEN]] == 30
    back, page = await behind(api, "/api/v1/clusters/people", {"before": kinds[GONE], "label": kinds[OFTEN]})
    assert (len(back), page["definition"]) == (30, None)
    assert [len(point["groups"]) for point in second["history"]] == [3, 3]
    group = next(one for one in second["groups"] if one["label"] == kinds[OFTEN])
    assert (group["people"], group["came"], group["left"]) == (EACH + 30, 30, 0)


async def test_too_few_people_are_refused_without_a_process(
    brand: Brand, api: Api, warehouse: Warehouse
) -> None:
    desk = desk_of(brand, warehouse)
    await brand.tell(bought("a", 1, brand.clock.now() - DAY, 10.0), bought("a", 2, brand.clock.now(), 10.0))
    assert await DailySchedule(brand.uows, [desk], Tenants()).tick() >= 1
    more = Api(brand, routes.router(desk))
    _, summary = await more.call("GET", "/api/v1/clusters")
    card = summary["card"]
    assert (card["refusal"], card["people"], card["least_people"]) == ("too_few_people", 1, 200)
    assert (summary["people"], summary["groups"], summary["under_way"]) == (0, [], None)
    status, problem = await more.call("PUT", "/api/v1/clusters/settings", {"features": ["orders"]})
    assert (status, problem["code"]) == (422, "quanyu.invalid_input")
