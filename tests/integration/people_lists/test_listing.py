"""Lists of people: filters, orders that need history, columns, pages and views."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integration.segments.world import Api, Brand, happened, order
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.contracts import AttributeWrite, Identifier

LIST = "/api/v1/people-list"
POINTS = {"ada": 30, "bo": 5, "cy": 5, "dee": "gold"}  # "eve" has none.


@pytest.fixture
async def people(brand: Brand) -> dict[str, str]:
    """Five people a minute apart, newest last; two bought, one has a phone. Outside ids by user."""
    now = brand.clock.now()
    users = (*POINTS, "eve")
    for index, user in enumerate(users):
        at = now - timedelta(days=10 - index)
        await brand.tell(happened("Viewed", user, at))
    await brand.tell(
        IntakeEvent(
            kind="identify",
            name="",
            source="shop",
            message_id="who:bo",
            occurred_at=now - timedelta(days=1),
            identifiers=tuple(
                FactIdentifier(namespace=kind, scope="", value=value)
                for kind, value in (("user_id", "bo"), ("phone", "+8613812345678"))
            ),
            traits={"city": "杭州"},
        ),
        order("cy", "o1", now - timedelta(hours=3), [("10", "2")]),
        order("ada", "o2", now - timedelta(hours=4), [("90", "1")]),
    )
    numbers = {user: await brand.person(user) for user in users}
    async with brand.uows.system(brand.tenant) as uow:
        writes = [
            AttributeWrite(person_id=PersonId(numbers[user]), key="points", value=value)
            for user, value in POINTS.items()
        ]
        await brand.people.set_attributes(uow, writes, source="shop")
    await brand.tell(happened("Viewed", "ada", now - timedelta(minutes=5)))
    return {user: encode_id("per", number) for user, number in numbers.items()}


async def listed(api: Api, people: dict[str, str], **body: Any) -> tuple[list[str], int | None]:
    """Return who is listed, walking pages of two, and the total the first page tells."""
    names, found, total = {one: user for user, one in people.items()}, [], None
    cursor: str | None = None
    while True:
        status, page = await api.call("POST", LIST, {"limit": 2, "cursor": cursor, **body})
        assert status == 200, page
        total = page["total"] if cursor is None else total
        found += [names[row["id"]] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found, total


async def test_orders_are_total_and_pages_continue_exactly(api: Api, people: dict[str, str]) -> None:
    newest = ["eve", "dee", "cy", "bo", "ada"]
    assert await listed(api, people) == (newest, 5)
    assert await listed(api, people, descending=False) == (newest[::-1], 5)
    assert await listed(api, people, order="first_seen", descending=False) == (newest[::-1], 5)
    assert (await listed(api, people, order="last_seen"))[0] == ["ada", "cy", "bo", "eve", "dee"]
    # Missing comes last in both directions, numbers before texts going up, the person settles ties.
    assert (await listed(api, people, order="attribute:points", descending=False))[0] == [
        *("bo", "cy", "ada", "dee", "eve"),
    ]
    assert (await listed(api, people, order="attribute:points"))[0] == ["dee", "ada", "cy", "bo", "eve"]
    assert (await listed(api, people, order="revenue"))[0][:2] == ["ada", "cy"]
    assert (await listed(api, people, order="orders", descending=False))[0][3:] == ["ada", "cy"]


async def test_filters_narrow_together(api: Api, brand: Brand, people: dict[str, str]) -> None:
    now = brand.clock.now()
    bought = {"kind": "event", "name": "Order Completed"}
    assert await listed(api, people, filter={"conditions": bought}) == (["cy", "ada"], 2)
    assert await listed(api, people, filter={"identity": {"namespace": "phone"}}) == (["bo"], 1)
    assert await listed(
        api, people, filter={"identity": {"namespace": "user_id"}, "conditions": bought}, order="last_seen"
    ) == (["ada", "cy"], 2)
    zone = ZoneInfo("Asia/Shanghai")
    first, last = ((now - timedelta(days=days)).astimezone(zone).date() for days in (9, 8))
    period = {"first_seen_from": first.isoformat(), "first_seen_to": last.isoformat()}
    assert await listed(api, people, filter=period) == (["cy", "bo"], 2)
    assert await listed(api, people, filter={**period, "q": "bo"}) == (["bo"], 1)
    assert await listed(api, people, filter={"identity": {"namespace": "openid"}}) == ([], 0)


async def test_columns_are_masked_as_everywhere(api: Api, people: dict[str, str]) -> None:
    columns = ["attribute:city", "attribute:phone", "attribute:points", "identity:phone", "tags"]
    status, page = await api.call("POST", LIST, {"columns": columns, "filter": {"q": "bo"}})
    assert status == 200
    (row,) = page["items"]
    shown = {one["key"]: one["value"] for one in row["attributes"]}
    assert shown == {"city": "杭州", "points": 5}
    assert [one["value_masked"] for one in row["identities"]] == ["138****5678"]
    assert "13812345678" not in str(page)


async def test_what_is_sealed_is_in_no_order(api: Api, people: dict[str, str]) -> None:
    for key in ("name", "attribute:phone", "attribute:nickname"):
        status, problem = await api.call("POST", LIST, {"order": key})
        assert (status, problem["code"]) == (422, "people.order_not_possible")


async def test_a_cursor_of_another_order_is_refused(api: Api, people: dict[str, str]) -> None:
    _, first = await api.call("POST", LIST, {"limit": 2, "order": "last_seen"})
    status, problem = await api.call("POST", LIST, {"cursor": first["next_cursor"]})
    assert (status, problem["code"]) == (422, "quanyu.invalid_cursor")


async def test_a_merged_person_is_listed_once(api: Api, brand: Brand, people: dict[str, str]) -> None:
    known = FactIdentifier(namespace="email", scope="", value="bo@example.com")
    await brand.tell(
        IntakeEvent(
            kind="track",
            name="Viewed",
            source="shop",
            message_id="again:bo",
            occurred_at=brand.clock.now(),
            identifiers=(known,),
        )
    )
    async with brand.uows.system(brand.tenant) as uow:
        await brand.people.link(
            uow,
            Identifier("email", "", "bo@example.com"),
            Identifier("phone", "", "+8613812345678"),
            actor="小林",
            reason="同一人",
        )
    await brand.drain()
    found, total = await listed(api, people, order="last_seen")
    assert (found[0], total, len(set(found))) == ("bo", 5, 5)


async def test_views_are_ones_own_or_shared(api: Api) -> None:
    view = {
        "name": "高积分",
        "order": "attribute:points",
        "columns": ["attribute:points", "tags"],
        "filter": {"segment": "", "q": "茶"},
    }
    status, made = await api.call("POST", f"{LIST}/views", view)
    assert status == 201
    assert (await api.call("POST", f"{LIST}/views", view))[1]["code"] == "people.view_name_taken"
    assert (await api.call("PUT", f"{LIST}/views/{made['id']}", {**view, "shared": True}))[0] == 204
    (kept,) = (await api.call("GET", f"{LIST}/views"))[1]["items"]
    assert (kept["name"], kept["shared"], kept["is_own"], kept["order"]) == (
        *("高积分", True, True, "attribute:points"),
    )
    assert kept["filter"]["q"] == "茶"
    assert (await api.call("DELETE", f"{LIST}/views/{made['id']}"))[0] == 204
    assert (await api.call("DELETE", f"{LIST}/views/{made['id']}"))[1]["code"] == "people.view_not_found"
