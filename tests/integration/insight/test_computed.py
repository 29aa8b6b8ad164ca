"""Computed attributes of a brand whose events go all the way: drafts, values, readers, merges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from integration.segments.world import Api, Brand, happened, order
from quanyu.app.adapters import PeopleVariables
from quanyu.app.analysing import build_analyses
from quanyu.app.computing import ComputingServices, build_computing
from quanyu.flows.attribute_uses import AttributeUses
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.computed.store import ComputedStore
from quanyu.modules.people.contracts import Departure, Identifier, Merge
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.tenants.service import Tenants

ORDERS = {"kind": "events", "name": "Order Completed", "figure": "count"}
PAID = {
    "kind": "events",
    "name": "Order Completed",
    "figure": "sum",
    "of": {"kind": "field", "field": "revenue"},
    "window": {"kind": "rolling", "amount": 30, "unit": "days"},
}


@dataclass
class Shop:
    """A brand with computed attributes."""

    brand: Brand
    computing: ComputingServices
    api: Api

    async def make(self, key: str, definition: dict[str, Any], name: str = "") -> str:
        """Publish an attribute and return its id."""
        body = {"key": key, "name": name or key, "definition": definition}
        status, made = await self.api.call("POST", "/api/v1/computed-attributes", body)
        assert status == 201, made
        status, published = await self.api.call("POST", f"/api/v1/computed-attributes/{made['id']}/publish")
        assert (status, published["version"]) == (200, 1)
        return str(made["id"])

    async def refresh(self, **query: str) -> dict[str, Any]:
        status, done = await self.api.call("POST", "/api/v1/computed-attributes/refresh", **query)
        assert (status, done["failed"]) == (200, {})
        return dict(done)

    async def values(self, value: str, namespace: str = "user_id") -> dict[str, Any]:
        async with self.brand.uows.system(self.brand.tenant) as uow:
            found = await self.brand.people.people_by_identifier(uow, [Identifier(namespace, "", value)])
        assert found[0] is not None
        person = encode_id("per", found[0])
        status, found = await self.api.call("GET", f"/api/v1/people/{person}/computed-attributes")
        assert status == 200
        return {one["key"]: one["value"] for one in found["items"]}

    async def edit(self, how: str, a: str, b: str) -> None:
        """Link or unlink a user and a device, as the identity desk does."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            act = self.brand.people.link if how == "link" else self.brand.people.unlink
            one, other = Identifier("user_id", "", a), Identifier("anonymous_id", "", b)
            result = await act(uow, one, other, actor="user:ling", reason="at the counter")
            await self.computing.computed.follow(uow, result.merges, result.departures)
        await self.brand.drain()


def on_device(device: str, event: IntakeEvent) -> IntakeEvent:
    """Let a device do it that nobody has signed in on."""
    return replace(event, identifiers=(FactIdentifier(namespace="anonymous_id", scope="", value=device),))


class _Follower:
    """What ``flows.person_merge`` does for computed attributes."""

    def __init__(self, computing: ComputingServices) -> None:
        self._computing = computing

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        await self._computing.computed.follow(uow, merges, departures)


class _NoJourneys:
    """A brand that has drawn none."""

    async def definitions(self, uow: UnitOfWork) -> tuple[()]:
        return ()


@pytest.fixture
def shop(brand: Brand, warehouse: Warehouse, key_ring: KeyRing) -> Shop:
    computing = build_computing(brand.uows, warehouse, brand.people, Tenants())
    analyses = build_analyses(warehouse, brand.people, Tenants(), brand.uows, brand.segments)
    journeys: Any = _NoJourneys()
    computing.computed.read_by(
        AttributeUses(brand.segments, analyses.saved_questions, analyses.dashboards, journeys)
    )
    brand.resolve = Resolve(brand.uows, Resolver(key_ring), _Follower(computing))
    return Shop(brand, computing, Api(brand, *computing.routers))


async def test_values_follow_new_facts_and_passing_time(shop: Shop) -> None:
    now = shop.brand.clock.now()
    await shop.brand.tell(
        order("ann", "a1", now - timedelta(days=29), [("10.50", "2")]),
        order("ann", "a2", now - timedelta(days=1), [("5", "1")]),
        order("bob", "b1", now - timedelta(days=40), [("7", "1")]),
        happened("Product Viewed", "cat", now),
    )
    attribute = await shop.make("orders", ORDERS)
    await shop.make("paid_30d", PAID)
    await shop.make("level", {"kind": "formula", "text": "if(coalesce(paid_30d, 0) > 20, '高', '低')"})
    first = await shop.refresh()
    assert (first["looked_at"], first["full"]) == (3, ["level", "orders", "paid_30d"])
    assert await shop.values("ann") == {"orders": 2, "paid_30d": 26, "level": "高"}
    assert await shop.values("bob") == {"orders": 1, "level": "低"}
    assert await shop.values("cat") == {"level": "低"}

    await shop.brand.tell(order("bob", "b2", now, [("30.25", "1")]))
    shop.brand.clock.advance(timedelta(minutes=1))
    second = await shop.refresh()
    assert (second["full"], second["changed"]) == ([], 3)
    assert await shop.values("bob") == {"orders": 2, "paid_30d": 30.25, "level": "高"}

    shop.brand.clock.advance(timedelta(hours=23))
    assert (await shop.refresh())["changed"] == 0
    shop.brand.clock.advance(timedelta(hours=1))  # Now the older order is out of ann's 30 days.
    await shop.brand.drain()
    third = await shop.refresh()
    assert third["changed"] == 2
    assert await shop.values("ann") == {"orders": 2, "paid_30d": 5, "level": "低"}
    assert (await shop.refresh(full="true"))["changed"] == 0

    _, listed = await shop.api.call("GET", "/api/v1/computed-attributes")
    assert {one["key"]: one["people"] for one in listed["items"]} == {"orders": 2, "paid_30d": 2, "level": 3}
    assert listed["people"] == 3
    _, bars = await shop.api.call("GET", f"/api/v1/computed-attributes/{attribute}/distribution")
    assert [(one["label"], one["people"]) for one in bars["bins"]] == [("2", 2)]
    _, page = await shop.api.call("GET", f"/api/v1/computed-attributes/{attribute}/people")
    assert [row["value"] for row in page["items"]] == [2, 2]


async def test_who_merges_and_parts_is_computed_again(shop: Shop) -> None:
    now = shop.brand.clock.now()
    await shop.brand.tell(
        order("one", "o1", now - timedelta(days=2), [("10", "1")]),
        on_device("two", order("", "t1", now - timedelta(days=1), [("20", "1")])),
        on_device("two", order("", "t2", now - timedelta(days=1), [("20", "1")])),
    )
    await shop.make("orders", ORDERS)
    await shop.make("place", {"kind": "rank", "of": "orders"})
    await shop.refresh()
    assert await shop.values("one") == {"orders": 1, "place": 0}
    assert await shop.values("two", "anonymous_id") == {"orders": 2, "place": 100}

    await shop.edit("link", "one", "two")
    shop.brand.clock.advance(timedelta(minutes=1))
    await shop.refresh()
    assert await shop.values("one") == await shop.values("two", "anonymous_id") == {"orders": 3, "place": 100}
    _, listed = await shop.api.call("GET", "/api/v1/computed-attributes")
    assert [one["people"] for one in listed["items"]] == [1, 1]

    await shop.edit("unlink", "one", "two")
    shop.brand.clock.advance(timedelta(minutes=1))
    await shop.refresh()
    assert await shop.values("one") == {"orders": 1, "place": 0}
    assert await shop.values("two", "anonymous_id") == {"orders": 2, "place": 100}
    assert (await shop.refresh(full="true"))["changed"] == 0


async def everybody(shop: Shop) -> list[int]:
    async with shop.brand.uows.app(shop.brand.tenant) as uow:
        return await ComputedStore(uow).profiles_after(0, 100)


async def test_segments_and_messages_read_values(shop: Shop) -> None:
    now = shop.brand.clock.now()
    await shop.brand.tell(
        order("ann", "a1", now, [("10", "1")]),
        happened("Product Viewed", "bob", now),
        # Nobody but a computation says what is below "computed".
        happened("", "bob", now, kind="identify", traits={"computed": {"orders": 99}, "computed.paid": 5}),
    )
    attribute = await shop.make("orders", ORDERS, "订单数")
    await shop.refresh()
    await shop.brand.drain()
    asked = {"kind": "attribute", "key": "computed.orders", "op": "gte", "value": 1}
    segments = shop.brand.segments
    at = await segments.evaluation(shop.brand.uows, shop.brand.tenant)
    ann = await shop.brand.person("ann")
    found = await segments.select_among(shop.brand.tenant, segments.read(asked), at, await everybody(shop))
    assert found == {ann}
    person = PersonId(ann)
    async with shop.brand.uows.app(shop.brand.tenant) as uow:
        variables = await PeopleVariables(shop.brand.people).load(uow, [person])
        assert variables[person]["computed"] == {"orders": 1}
        await segments.create(uow, SaveSegment(name="买过的人", definition=asked))

    status, refused = await shop.api.call("DELETE", f"/api/v1/computed-attributes/{attribute}")
    assert (status, refused["code"]) == (409, "insight.computed_attribute_in_use")
    assert "买过的人" in refused["detail_zh"]
    _, detail = await shop.api.call("GET", f"/api/v1/computed-attributes/{attribute}")
    assert [(one["kind"], one["name"]) for one in detail["used_by"]] == [("segment", "买过的人")]


async def test_the_catalogue_of_conditions_has_the_names_given(shop: Shop) -> None:
    shop.brand.segments.name_by(shop.computing.computed)
    now = shop.brand.clock.now()
    await shop.brand.tell(
        order("a", "o1", now, [("1", "1")]),
        happened("", "a", now, kind="identify", traits={"city": "杭州"}, message_id="told"),
    )
    await shop.make("orders", ORDERS, "下单次数 Orders")
    await shop.refresh()
    await shop.brand.drain()
    status, catalogue = await shop.api.call("GET", "/api/v1/segments/catalogue")
    names = {one["key"]: one["name"] for one in catalogue["attributes"]}
    assert (status, names["computed.orders"], names["city"]) == (200, "下单次数 Orders", None)


async def test_a_definition_is_tried_published_paused_and_deleted(shop: Shop) -> None:
    now = shop.brand.clock.now()
    await shop.brand.tell(order("ann", "a1", now, [("10", "1")]), order("bob", "b1", now, [("4", "2")]))
    api, base = shop.api, "/api/v1/computed-attributes"
    status, trial = await api.call("POST", f"{base}/preview", {"definition": PAID})
    assert (status, trial["examined"], trial["with_value"], trial["differing"]) == (200, 2, 2, 2)
    assert sorted(row["value"] for row in trial["sample"]) == [8, 10]
    _, listed = await api.call("GET", base)
    assert listed["items"] == []  # Nothing was saved.

    orders = await shop.make("orders", ORDERS)
    twice = await shop.make("twice", {"kind": "formula", "text": "orders * 2"})
    await shop.refresh()
    assert await shop.values("ann") == {"orders": 1, "twice": 2}

    status, refused = await api.call("DELETE", f"{base}/{orders}")
    assert (status, refused["details"]["used_by"][0]["name"]) == (409, "twice")
    body = {"name": "orders", "definition": {"kind": "formula", "text": "twice + 1"}}
    status, refused = await api.call("PUT", f"{base}/{orders}", body)
    assert status == 422
    assert "orders → twice → orders" in refused["detail_zh"]
    city = {**ORDERS, "figure": "last", "of": {"kind": "field", "field": "properties.city"}}
    status, refused = await api.call("PUT", f"{base}/{orders}", {"name": "orders", "definition": city})
    assert (status, refused["code"]) == (409, "insight.computed_attribute_in_use")  # "twice" needs a number.

    wider = {**ORDERS, "name": ["Order Completed", "Product Viewed"]}
    status, saved = await api.call("PUT", f"{base}/{orders}", {"name": "次数", "definition": wider})
    assert (saved["draft"]["name"], saved["definition"]["name"]) == (wider["name"], "Order Completed")
    await api.call("POST", f"{base}/{orders}/publish")
    await shop.brand.tell(happened("Product Viewed", "ann", now))
    await shop.refresh()
    assert await shop.values("ann") == {"orders": 2, "twice": 4}
    _, detail = await api.call("GET", f"{base}/{orders}")
    assert [one["version"] for one in detail["versions"]] == [2, 1]

    await api.call("POST", f"{base}/{orders}/pause")
    await shop.brand.tell(happened("Product Viewed", "ann", now, message_id="again"))
    await shop.refresh()
    assert await shop.values("ann") == {"orders": 2, "twice": 4}
    await api.call("POST", f"{base}/{orders}/resume")
    await shop.refresh()
    assert await shop.values("ann") == {"orders": 3, "twice": 6}

    for attribute in (twice, orders):
        status, _ = await api.call("DELETE", f"{base}/{attribute}")
        assert status == 204
    await shop.refresh()
    assert await shop.values("ann") == {}
    status, _ = await api.call("GET", f"{base}/{orders}")
    assert status == 404


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"kind": "formula", "text": "1 +"}, "第 1 行第 4 列"),
        ({"kind": "formula", "text": "orders + 1"}, "没有已发布的计算属性 orders"),
        ({**ORDERS, "figure": "sum"}, "needs a field"),
        ({**ORDERS, "figure": "most_frequent", "top": 11}, "top"),
        ({**PAID, "window": {"kind": "rolling", "amount": 1_101, "unit": "days"}}, "1100 days"),
        ({"kind": "rank", "of": "orders"}, "orders"),
    ],
)
async def test_what_cannot_be_computed_is_refused(shop: Shop, definition: Any, words: str) -> None:
    status, refused = await shop.api.call(
        "POST", "/api/v1/computed-attributes/preview", {"definition": definition}
    )
    assert status == 422
    assert words in refused["detail_zh"]
