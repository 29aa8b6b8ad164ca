"""The door of segments: create, preview, list, change, delete; refusals say why and save nothing."""

from typing import Any

import pytest

from integration.segments.world import Api, Brand, happened, order
from quanyu.kernel.ids import decode_id, encode_id

BOUGHT: dict[str, Any] = {"kind": "event", "name": "Order Completed"}
SEALED: dict[str, Any] = {"kind": "attribute", "key": "phone", "op": "eq", "value": "13800138000"}
PATH = "/api/v1/segments"


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    now = brand.clock.now()
    await brand.tell(
        order("a", "o1", now, [("10", "2")]),
        happened("", "b", now, kind="identify", traits={"city": "杭州", "age": 30, "vip": True}),
        happened(
            "Viewed", "b", now, properties={"color": "red", "size": 5, "deep": {"x": [1]}, "odd`key": 1}
        ),
        happened("Viewed", "c", now, properties={"size": "XL"}),
    )
    return brand


async def test_from_creation_to_deletion(shop: Brand, api: Api) -> None:
    status, made = await api.call("POST", PATH, {"name": " Buyers ", "definition": BOUGHT})
    assert (status, made["name"], made["status"], made["count"]) == (201, "Buyers", "building", 0)
    await shop.refresher.refresh(shop.tenant, decode_id("seg", made["id"]))

    _, shown = await api.call("GET", f"{PATH}/{made['id']}")
    assert (shown["status"], shown["count"], shown["as_of"]) == ("ready", 1, "2026-03-04T04:00:00Z")
    _, listed = await api.call("GET", PATH, limit="200")
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    _, members = await api.call("GET", f"{PATH}/{made['id']}/members")
    assert [(row["id"], row["orders"], row["since"]) for row in members["items"]] == [
        (encode_id("per", await shop.person("a")), 1, "2026-03-04T04:00:00Z")
    ]

    viewed = {"name": "Viewers", "description": "看过", "definition": {"kind": "event", "name": "Viewed"}}
    status, changed = await api.call("PUT", f"{PATH}/{made['id']}", viewed)
    assert (status, changed["name"], changed["description"], changed["status"]) == (
        200, "Viewers", "看过", "building",
    )  # fmt: skip
    assert (await api.call("DELETE", f"{PATH}/{made['id']}")) == (204, None)
    status, gone = await api.call("GET", f"{PATH}/{made['id']}")
    assert (status, gone["code"]) == (404, "segments.not_found")


async def test_renaming_alone_keeps_the_members_current(shop: Brand, api: Api) -> None:
    _, made = await api.call("POST", PATH, {"name": "Buyers", "definition": BOUGHT})
    await shop.refresher.refresh(shop.tenant, decode_id("seg", made["id"]))
    _, changed = await api.call(
        "PUT", f"{PATH}/{made['id']}", {"name": "Customers", "definition": made["definition"]}
    )
    assert (changed["name"], changed["status"]) == ("Customers", "ready")


async def test_preview(shop: Brand, api: Api) -> None:
    everyone: dict[str, Any] = {"kind": "all", "of": []}
    status, preview = await api.call("POST", f"{PATH}/preview", {"definition": everyone})
    assert (status, preview["count"], len(preview["sample"])) == (200, 3, 3)
    assert {"id", "display_name", "first_seen_at"} <= set(preview["sample"][0])
    _, earlier = await api.call(
        "POST", f"{PATH}/preview", {"definition": BOUGHT, "as_of": "2026-03-04T11:59:59+08:00"}
    )
    assert (earlier["count"], earlier["as_of"]) == (0, "2026-03-04T03:59:59Z")
    assert (await api.call("GET", PATH))[1]["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "", {"name": "A", "definition": {"kind": "event"}}, 422, "segments.invalid_definition"),
        ("POST", "", {"name": "", "definition": BOUGHT}, 422, "quanyu.invalid_input"),
        ("POST", "", {"name": "A"}, 422, "quanyu.invalid_input"),
        ("POST", "", {"name": "A", "definition": BOUGHT, "more": 1}, 422, "quanyu.invalid_input"),
        ("POST", "/preview", {"definition": {"kind": "nope"}}, 422, "segments.invalid_definition"),
        (
            "POST",
            "/preview",
            {"definition": BOUGHT, "as_of": "2026-01-01T00:00:00"},
            422,
            "quanyu.invalid_input",
        ),
        ("POST", "", {"name": "A", "definition": SEALED}, 422, "segments.invalid_definition"),
        ("POST", "/preview", {"definition": SEALED}, 422, "segments.invalid_definition"),
        ("PUT", "/seg_1", {"name": "A", "definition": SEALED}, 422, "segments.invalid_definition"),
        ("GET", "/seg_1", None, 404, "segments.not_found"),
        ("GET", "/per_1", None, 422, "quanyu.invalid_id"),
        ("PUT", "/seg_1", {"name": "A", "definition": BOUGHT}, 404, "segments.not_found"),
        ("DELETE", "/seg_1", None, 404, "segments.not_found"),
        ("GET", "/seg_1/members", None, 404, "segments.not_found"),
    ],
)
async def test_refusals(
    api: Api, method: str, path: str, body: dict[str, Any] | None, status: int, code: str
) -> None:
    answered, problem = await api.call(method, f"{PATH}{path}", body)
    assert (answered, problem["code"]) == (status, code)
    assert (await api.call("GET", PATH))[1]["items"] == []


async def test_a_name_is_used_once(api: Api) -> None:
    await api.call("POST", PATH, {"name": "A", "definition": BOUGHT})
    status, problem = await api.call("POST", PATH, {"name": "A", "definition": BOUGHT})
    assert (status, problem["code"]) == (409, "segments.name_taken")
    assert "“A”" in problem["detail_zh"]


async def test_the_schema_is_published(api: Api) -> None:
    status, schema = await api.call("GET", f"{PATH}/schema")
    assert (status, schema["discriminator"]["propertyName"]) == (200, "kind")


async def test_the_catalogue_shows_what_was_observed(shop: Brand, api: Api) -> None:
    status, catalogue = await api.call("GET", f"{PATH}/catalogue")
    assert status == 200
    events = {one["name"]: one for one in catalogue["events"]}
    assert {name: one["count"] for name, one in events.items()} == {"Order Completed": 1, "Viewed": 2}
    assert events["Viewed"]["last_seen_at"] == "2026-03-04T04:00:00Z"
    assert {(one["key"], one["type"]) for one in events["Viewed"]["properties"]} == {
        ("color", "text"),
        ("size", "mixed"),
        ("deep.x", "list"),
        ("odd`key", "number"),
    }
    attributes = {one["key"]: (one["type"], one["examples"]) for one in catalogue["attributes"]}
    assert attributes["city"] == ("text", ["杭州"])
    assert attributes["age"] == ("number", ["30"])
    assert attributes["vip"] == ("boolean", ["true"])


async def test_an_empty_brand_has_an_empty_catalogue(api: Api) -> None:
    assert await api.call("GET", f"{PATH}/catalogue") == (200, {"attributes": [], "events": []})
