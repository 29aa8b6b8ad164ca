"""RFM as a brand defines it, worked out by hand: borders, what counts, channels, movement."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.insight.studied import behind
from integration.segments.world import Api, Brand, happened, order
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.rfm import routes
from quanyu.modules.insight.rfm.movement import RfmMovements
from quanyu.modules.tenants.service import Tenants

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # In Shanghai.


@pytest.fixture
def api(brand: Brand, warehouse: Warehouse) -> Api:
    brand.clock.advance(NOON - brand.clock.now())
    return Api(brand, routes.router(RfmMovements(brand.uows, warehouse, brand.people, Tenants())))


def on(channel: str, event: Any) -> Any:
    """Let something happen in a channel."""
    return replace(event, context={**event.context, "channel": channel})


async def scores(api: Api) -> dict[str, tuple[int, int, int, str]]:
    await api.call("POST", "/api/v1/rfm/run")
    _, page = await api.call("GET", "/api/v1/rfm/people", limit="200")
    return {row["user_id"]: (row["r"], row["f"], row["m"], row["class"]) for row in page["items"]}


async def test_own_borders_say_what_high_is(brand: Brand, api: Api) -> None:
    await brand.tell(
        order("new", "n1", NOON - 7 * DAY, [("100", "1")]),  # Exactly on every border counts as within.
        order("new", "n2", NOON - 8 * DAY, [("200", "1")]),
        order("old", "o1", NOON - 7 * DAY - timedelta(days=1), [("299.99", "1")]),
        order("gone", "g1", NOON - 400 * DAY, [("99.99", "1")]),
    )
    chosen = {
        "scoring": "breakpoints",
        "high_from": 3,
        "breakpoints": {
            "recency_days": [7, 8, 30, 60],
            "frequency": [2, 3, 4, 5],
            "monetary": ["100", "300", "500", "1000"],
        },
    }
    status, saved = await api.call("PUT", "/api/v1/rfm/settings", chosen)
    assert (status, saved["high_from"]) == (200, 3)
    assert await scores(api) == {
        "new": (5, 2, 3, "important_develop"),
        "old": (4, 1, 2, "general_develop"),
        "gone": (1, 1, 1, "general_win_back"),
    }
    _, summary = await api.call("GET", "/api/v1/rfm")
    borders = {(one["figure"], one["score"]): (one["least"], one["greatest"]) for one in summary["borders"]}
    assert borders["monetary", 3] == ("300.00", "300.00")
    assert borders["recency_days", 5] == ("7", "7")
    assert not summary["is_stale"]
    await api.call("PUT", "/api/v1/rfm/settings", {"window_days": 8})
    assert (await api.call("GET", "/api/v1/rfm"))[1]["is_stale"]
    # Within eight days to the millisecond only two orders count, and old is gone with theirs.
    assert set(await scores(api)) == {"new"}


async def test_other_events_count_with_their_revenue(brand: Brand, api: Api) -> None:
    await brand.tell(
        happened("Renewed", "a", NOON - DAY, properties={"revenue": "30", "currency": "CNY"}),
        happened("Renewed", "b", NOON - DAY, properties={"revenue": "0"}),
        order("c", "c1", NOON - DAY, [("10", "1")]),
    )
    await api.call("PUT", "/api/v1/rfm/settings", {"events": ["Renewed"]})
    assert set(await scores(api)) == {"a"}
    status, problem = await api.call("PUT", "/api/v1/rfm/settings", {"events": []})
    assert (status, problem["code"]) == (422, "quanyu.invalid_input")
    backwards = {"breakpoints": {"recency_days": [90, 30, 180, 365]}}
    assert (await api.call("PUT", "/api/v1/rfm/settings", backwards))[0] == 422


async def test_channels_are_scored_among_themselves(brand: Brand, api: Api) -> None:
    await brand.tell(
        on("shop", order("a", "a1", NOON - DAY, [("10", "1")])),
        on("shop", order("b", "b1", NOON - 9 * DAY, [("500", "1")])),
        on("app", order("a", "a2", NOON - 3 * DAY, [("1000", "1")])),
        order("c", "c1", NOON - DAY, [("1", "1")]),
    )
    status, found = await api.call("GET", "/api/v1/rfm/channels")
    assert status == 200
    by_channel = {one["channel"]: (one["people"], one["orders"], one["revenue"]) for one in found["items"]}
    assert by_channel == {"shop": (2, 2, "510.00"), "app": (1, 1, "1000.00"), "": (1, 1, "1.00")}
    a, b = encode_id("per", await brand.person("a")), encode_id("per", await brand.person("b"))
    assert (await behind(api, "/api/v1/rfm/channels/people", {"channel": "shop"}))[0] == {a, b}
    wrong = {"channel": "shop", "label": "vip"}
    assert (await api.call("POST", "/api/v1/rfm/channels/people", wrong))[0] == 422
    await api.call("PUT", "/api/v1/rfm/settings", {"channels": ["shop"]})
    assert set(await scores(api)) == {"a", "b"}


async def test_movement_between_two_days_and_who_moved(brand: Brand, api: Api) -> None:
    await brand.tell(
        order("stays", "s1", datetime(2026, 3, 1, 4, tzinfo=UTC), [("10", "1")]),
        order("fades", "f1", datetime(2026, 2, 1, 4, tzinfo=UTC), [("10", "1")]),
        # Half past midnight of 3 March in Shanghai: not yet there at the end of 2 March.
        order("comes", "c1", datetime(2026, 3, 2, 16, 30, tzinfo=UTC), [("10", "1")]),
    )
    borders = {"recency_days": [10, 30, 31, 40], "frequency": [2, 3, 4, 5]}
    await api.call(
        "PUT",
        "/api/v1/rfm/settings",
        {"scoring": "breakpoints", "breakpoints": {**borders, "monetary": ["100", "200", "300", "400"]}},
    )
    asked = {"from_day": "2026-03-02", "to_day": "2026-03-04"}
    status, flow = await api.call("POST", "/api/v1/rfm/movement", asked)
    assert status == 200
    moves = {(one["before"], one["label"]): one["people"] for one in flow["moves"]}
    # As of the end of 2 March fades has 29 days (4 of 5, high), as of noon of the 4th 31 days (3, low).
    assert moves == {
        ("general_develop", "general_develop"): 1,
        ("general_develop", "general_win_back"): 1,
        ("", "general_develop"): 1,
    }
    cell = {**asked, "before": "general_develop", "label": "general_win_back"}
    people, _ = await behind(api, "/api/v1/rfm/movement/people", cell)
    assert people == {encode_id("per", await brand.person("fades"))}
    newcomers, _ = await behind(api, "/api/v1/rfm/movement/people", {**asked, "label": "general_develop"})
    assert newcomers == {encode_id("per", await brand.person("comes"))}
    assert (await api.call("POST", "/api/v1/rfm/movement", {**asked, "channel": "app"}))[1]["moves"] == []
    same_day = {"from_day": "2026-03-04", "to_day": "2026-03-04"}
    assert (await api.call("POST", "/api/v1/rfm/movement", same_day))[0] == 422
    assert (await api.call("POST", "/api/v1/rfm/movement/people", {**cell, "label": "vip"}))[0] == 422


async def test_a_young_history_that_grew_is_looked_at_again(brand: Brand) -> None:
    await brand.tell(order("a", "a1", NOON - DAY, [("10", "1")]))
    brand.clock.advance(NOON - brand.clock.now())
    assert (await brand.rfm.run(brand.tenant)).people == 1
    assert await brand.rfm.run_if_older(brand.tenant, than_s=86_400) is None
    await brand.tell(*(order(f"b{n}", f"b{n}", NOON - DAY, [("10", "1")]) for n in range(60)))
    again = await brand.rfm.run_if_older(brand.tenant, than_s=86_400)
    assert again is not None
    assert again.people == 61
    assert await brand.rfm.run_if_older(brand.tenant, than_s=86_400) is None
