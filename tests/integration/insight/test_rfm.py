"""Scores of a history small enough to work out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.segments.world import Api, Brand, order
from quanyu.kernel.ids import PersonId
from quanyu.modules.insight import service
from quanyu.modules.insight.jobs import DailySchedule
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

AS_OF = datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def shop(brand: Brand) -> Brand:
    """Five buyers; the first two bought on the same day, and nobody else ties in recency."""
    await brand.tell(
        order("a", "a1", AS_OF - DAY, [("10", "1")]),
        order("b", "b1", AS_OF - 2 * DAY + timedelta(milliseconds=1), [("10", "1"), ("5", "-1"), ("0", "3")]),
        order("c", "c1", AS_OF - 5 * DAY, [("2.5", "8")]),
        order("c", "c2", AS_OF - 9 * DAY, [("0.001", "1")]),
        order("d", "d1", AS_OF - 30 * DAY, [("100", "1")]),
        order("d", "d2", AS_OF - 31 * DAY, [("1", "1")]),
        order("d", "d3", AS_OF - 32 * DAY, [("1", "1")]),
        order("e", "e1", AS_OF - 90 * DAY, [("7", "1")]),
        order("later", "l1", AS_OF + timedelta(milliseconds=1), [("7", "1")]),
        order("returner", "x1", AS_OF - DAY, [("7", "-1")]),
    )
    return brand


async def test_scores_by_hand(shop: Brand, api: Api) -> None:
    status, run = await api.call("POST", "/api/v1/rfm/run", {"as_of": AS_OF.isoformat()})
    assert (status, run["people"], run["as_of"]) == (200, 5, "2026-03-04T00:00:00Z")

    _, page = await api.call("GET", "/api/v1/rfm/people", limit="200")
    found = {
        row["user_id"]: (row["recency_days"], row["frequency"], row["monetary"], row["r"], row["f"], row["m"])
        for row in page["items"]
    }
    # Rank r of n = 5 scores 1 + (r - 1); equal values take the least rank.
    assert found == {
        "a": (1, 1, "10.00", 4, 1, 2),
        "b": (1, 1, "10.00", 4, 1, 2),
        "c": (5, 2, "20.001", 3, 4, 4),
        "d": (30, 3, "102.00", 2, 5, 5),
        "e": (90, 1, "7.00", 1, 1, 1),
    }
    assert [row["user_id"] for row in page["items"]] in (["d", "c", "a", "b", "e"], ["d", "c", "b", "a", "e"])


async def test_the_summary_adds_up(shop: Brand, api: Api) -> None:
    await shop.rfm.run(shop.tenant, as_of=AS_OF)
    _, summary = await api.call("GET", "/api/v1/rfm")
    assert (summary["people"], summary["currency"], summary["as_of"]) == (5, "CNY", "2026-03-04T00:00:00Z")
    classes = {one["class"]: (one["people"], one["revenue"], one["share"]) for one in summary["classes"]}
    assert len(classes) == 8
    assert classes["important_keep"] == (2, "122.001", "0.8188")  # c and d: often and much, not lately.
    assert classes["general_develop"] == (2, "20.00", "0.1342")  # a and b
    assert classes["general_win_back"] == (1, "7.00", "0.0470")  # e
    assert sum(cell["people"] for cell in summary["matrix"]) == 5
    assert {(cell["r"], cell["f"]) for cell in summary["matrix"] if cell["people"] == 2} == {(4, 1)}


async def test_people_come_in_pages_and_by_class(shop: Brand, api: Api) -> None:
    await shop.rfm.run(shop.tenant, as_of=AS_OF)
    seen: list[str] = []
    cursor = ""
    while True:
        _, page = await api.call(
            "GET", "/api/v1/rfm/people", limit="2", **({"cursor": cursor} if cursor else {})
        )
        seen += [row["user_id"] for row in page["items"]]
        assert page["total"] == 5
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == ["a", "b", "c", "d", "e"]
    _, keep = await api.call("GET", "/api/v1/rfm/people", **{"class": "important_keep"})
    assert ([row["user_id"] for row in keep["items"]], keep["total"]) == (["d", "c"], 2)
    status, refused = await api.call("GET", "/api/v1/rfm/people", **{"class": "vip"})
    assert (status, refused["code"]) == (422, "insight.unknown_class")


async def test_scores_are_attributes_that_segments_can_use(shop: Brand) -> None:
    await shop.rfm.run(shop.tenant, as_of=AS_OF)
    await shop.drain()
    d = PersonId(await shop.person("d"))
    async with shop.uows.app(shop.tenant) as uow:
        attributes = (await shop.people.attributes_of(uow, [d], service.ATTRIBUTES))[d]
        views = await shop.rfm.of_people(uow, [d])
    assert attributes == {
        "rfm_class": "important_keep",
        "rfm_r": 2,
        "rfm_f": 5,
        "rfm_m": 5,
        "rfm_recency_days": 30,
        "rfm_frequency": 3,
        "rfm_monetary": 102.0,
    }
    assert (views[d].rfm_class, views[d].monetary) == ("important_keep", "102.00")
    tree = parse_definition({"kind": "attribute", "key": "rfm_m", "op": "gte", "value": 4})
    at = await shop.segments.evaluation(shop.uows, shop.tenant)
    selection = await shop.segments.select(shop.tenant, tree, at, limit=10)
    assert list(selection.people) == await shop.ids("c", "d")


async def test_whoever_is_no_longer_scored_loses_the_attributes(
    shop: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    await shop.rfm.run(shop.tenant, as_of=AS_OF)
    shop.clock.advance(DAY)
    earlier = await shop.rfm.run(shop.tenant, as_of=AS_OF - 20 * DAY)  # Only d and e had bought by then.
    assert earlier.people == 2
    a, d = PersonId(await shop.person("a")), PersonId(await shop.person("d"))
    async with shop.uows.app(shop.tenant) as uow:
        found = await shop.people.attributes_of(uow, [a, d], ["rfm_class", "rfm_recency_days"])
        assert (await shop.rfm.page(uow)).total == 2
        rows = await uow.execute("SELECT count(*) FROM rfm_score WHERE tenant_id = :t", {"t": shop.tenant})
        assert rows.scalar_one() == 2
    assert {key: value for key, value in found[a].items() if value is not None} == {}
    assert (
        found[d] == {"rfm_class": "important_keep", "rfm_recency_days": 10}
        or found[d]["rfm_recency_days"] == 10
    )


async def test_the_schedule_computes_once_a_day(shop: Brand) -> None:
    schedule = DailySchedule(shop.uows, [shop.rfm], Tenants())
    async with shop.uows.app(shop.tenant) as uow:
        before = await shop.rfm.summary(uow)
    assert before.as_of is None
    assert await shop.rfm.run_if_older(shop.tenant, than_s=86_400) is not None
    assert await shop.rfm.run_if_older(shop.tenant, than_s=86_400) is None
    shop.clock.advance(DAY)
    assert await schedule.tick() >= 1
    async with shop.uows.app(shop.tenant) as uow:
        assert (await shop.rfm.summary(uow)).as_of == shop.clock.now()


async def test_without_orders_there_is_nothing(brand: Brand, api: Api) -> None:
    assert (await brand.rfm.run(brand.tenant)).people == 0
    _, summary = await api.call("GET", "/api/v1/rfm")
    assert (summary["people"], [one["people"] for one in summary["classes"]]) == (0, [0] * 8)
