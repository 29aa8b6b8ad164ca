"""Why somebody is in, how segments overlap, how their size went: asked through the routes."""

from datetime import timedelta
from typing import Any

import pytest

from integration.segments.test_membership import VIEWED, create, merge, on_device
from integration.segments.world import Api, Brand, happened
from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.insights import routes
from quanyu.modules.segments.insights.service import SegmentInsights
from quanyu.modules.segments.tree import parse_definition

BOUGHT: dict[str, Any] = {"name": "Order Completed"}
DAY = {"amount": 1, "unit": "days"}
WEEK = {"amount": 1, "unit": "weeks"}
TREE: dict[str, Any] = {
    "kind": "any",
    "of": [
        {"kind": "event", **BOUGHT, "count": {"op": "gte", "value": 2}},
        {
            "kind": "aggregate",
            **BOUGHT,
            "function": "sum",
            "of": {"kind": "field", "field": "properties.amount"},
            "test": {"op": "gt", "value": 100},
        },
        {"kind": "recency", **BOUGHT, "having": [{"field": "properties.coupon", "op": "eq", "value": "new"}]},
        {"kind": "sequence", "steps": [{"name": "Viewed"}, BOUGHT], "same": "properties.sku"},
        {"kind": "stopped", "name": "Viewed", "earlier": WEEK, "recent": DAY},
        {"kind": "not", "of": {"kind": "attribute", "key": "level", "op": "eq", "value": 3}},
        {"kind": "all", "of": [{"kind": "bucket", "salt": "x", "from": 0, "to": 5000}]},
    ],
}


@pytest.fixture
def api(brand: Brand) -> Api:
    warehouse = brand.segments._warehouse
    return Api(brand, routes.router(SegmentInsights(warehouse, brand.people, brand.segments), brand.uows))


async def test_every_condition_is_explained_as_it_is_evaluated(brand: Brand, api: Api) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", now - timedelta(days=3), properties={"sku": "s1"}),
        happened("Order Completed", "a", now - timedelta(days=2), properties={"sku": "s1", "coupon": "old"}),
        happened("Order Completed", "a", now, properties={"amount": 100.01, "coupon": "new"}),
        happened("Viewed", "b", now, properties={"sku": "s1"}),
        happened("Known", "b", now, kind="identify", properties={"level": 3}),
    )
    for user in ("a", "b"):
        person = await brand.person(user)
        status, told = await api.call(
            "POST", "/api/v1/segments/explain", {"definition": TREE, "person": encode_id("per", person)}
        )
        assert status == 200, told
        at = await brand.segments.evaluation(brand.uows, brand.tenant)
        parts = [told["tree"], *told["tree"]["parts"]]
        for part, raw in zip(parts, [TREE, *TREE["of"]], strict=True):
            found = await brand.segments.select_among(brand.tenant, parse_definition(raw), at, [person])
            assert part["met"] == (person in found), (user, part)
    assert [part["path"] for part in told["tree"]["parts"]][:2] == ["of.0", "of.1"]


async def test_what_was_found_is_told(brand: Brand, api: Api) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", now - timedelta(hours=3), properties={"sku": "s1"}),
        happened("Order Completed", "a", now, properties={"amount": 7.5, "sku": "s1"}),
    )
    person = encode_id("per", await brand.person("a"))
    _, told = await api.call("POST", "/api/v1/segments/explain", {"definition": TREE, "person": person})
    event, aggregate, _, sequence, *_ = told["tree"]["parts"]
    assert (event["found"], event["met"], event["moments_total"]) == ("1", False, 1)
    assert aggregate["found"] == "7.50000000"
    assert [moment["name"] for moment in sequence["moments"]] == ["Viewed", "Order Completed"]
    status, refused = await api.call(
        "POST", "/api/v1/segments/explain", {"definition": TREE, "person": encode_id("per", 2**30)}
    )
    assert (status, refused["code"]) == (404, "people.not_found")


async def test_the_history_of_merged_people_counts_as_one(brand: Brand, api: Api) -> None:
    now = brand.clock.now()
    await brand.tell(on_device("a", now), on_device("b", now))
    person = await merge(brand, "a", "b")
    body = {
        "definition": {"kind": "event", "name": "Viewed", "count": {"op": "eq", "value": 2}},
        "person": encode_id("per", person),
    }
    _, told = await api.call("POST", "/api/v1/segments/explain", body)
    assert (told["tree"]["met"], told["tree"]["found"]) == (True, "2")


async def test_overlaps_count_every_combination(brand: Brand, api: Api) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", now),
        happened("Viewed", "b", now),
        happened("Bought", "b", now),
        happened("Bought", "c", now),
        happened("Bought", "d", now),
    )
    viewed = await create(brand, VIEWED, "viewed")
    bought = await create(brand, {"kind": "event", "name": "Bought"}, "bought")
    for segment in (viewed, bought):
        await brand.refresher.refresh(brand.tenant, segment)
    names = [encode_id("seg", one) for one in (viewed, bought)]
    status, told = await api.call("POST", "/api/v1/segments/overlap", {"segments": names})
    assert status == 200
    assert (told["sizes"], told["union"]) == ([2, 3], 4)
    assert [(part["segments"], part["count"]) for part in told["parts"]] == [
        ([names[1]], 2),
        ([names[0]], 1),
        (names, 1),
    ]
    status, _ = await api.call("POST", "/api/v1/segments/overlap", {"segments": names[:1]})
    assert status == 422


async def test_sizes_are_kept_by_the_hour_and_go_with_the_segment(brand: Brand, api: Api) -> None:
    now = brand.clock.now().replace(minute=30, second=0, microsecond=0)
    brand.clock.advance(now - brand.clock.now() + timedelta(hours=1))
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(minutes=10))
    await brand.tell(happened("Viewed", "b", brand.clock.now()))
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(minutes=61))
    await brand.refresher.refresh(brand.tenant, segment)
    _, told = await api.call("GET", f"/api/v1/segments/{encode_id('seg', segment)}/sizes")
    assert [(one["count"], one["entered"], one["left"]) for one in told["items"]] == [(2, 2, 0), (0, 0, 2)]

    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.delete(uow, segment)
    await brand.refresher.purge(brand.tenant, segment)
    async with brand.uows.system(brand.tenant) as uow:
        left = await uow.execute(
            "SELECT count(*) FROM segment_size WHERE tenant_id = :t", {"t": brand.tenant}
        )
        assert left.scalar_one() == 0
