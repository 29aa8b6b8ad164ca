"""Stages each day: attributes, facts for whoever changed, movement and the people behind it."""

from dataclasses import replace
from datetime import timedelta

from integration.insight.studied import DAY, behind, bought
from integration.segments.world import Api, Brand, happened
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.lifecycle import routes
from quanyu.modules.insight.lifecycle.study import lifecycle_desk
from quanyu.modules.insight.studies import person_routes
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/lifecycle"


async def facts(brand: Brand) -> list[tuple[int, str, str]]:
    async with brand.uows.system(brand.tenant) as uow:
        rows = await uow.execute(
            "SELECT person_id, properties->>'from', properties->>'to' FROM log_event "
            "WHERE tenant_id = :tenant AND name = 'insight.stage_changed' ORDER BY position",
            {"tenant": brand.tenant},
        )
        return [(row[0], row[1], row[2]) for row in rows]


async def test_stages_change_with_time_and_acts(brand: Brand, warehouse: Warehouse) -> None:
    desk = lifecycle_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk), person_routes.router(brand.people, [desk]))
    now = brand.clock.now()
    await brand.tell(
        happened("Product Viewed", "fresh", now - 2 * DAY),
        bought("again", 1, now - 90 * DAY, 10.0),
        bought("again", 2, now - 59 * DAY, 10.0),
        bought("gone", 1, now - 300 * DAY, 10.0),
    )
    assert await desk.run(brand.tenant) == 3
    again, gone = await brand.person("again"), await brand.person("gone")
    assert await facts(brand) == []  # Nobody changed: nobody was known before.
    _, summary = await api.call("GET", PATH)
    stages = {one["label"]: one["people"] for one in summary["groups"]}
    assert stages == {"new": 1, "repeat": 1, "lost": 1}

    brand.clock.advance(DAY)
    await brand.tell(happened("Product Viewed", "gone", brand.clock.now() - timedelta(hours=1)))
    await desk.run(brand.tenant)
    assert await facts(brand) == [(again, "repeat", "sleeping"), (gone, "lost", "won_back")]
    people, page = await behind(api, f"{PATH}/people", {"label": "sleeping"})
    assert people == {encode_id("per", again)}
    await brand.drain()
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    definition = parse_definition(page["definition"])
    assert list((await brand.segments.select(brand.tenant, definition, at, limit=9)).people) == [again]
    _, figures = await api.call("GET", f"/api/v1/understanding/people/{encode_id('per', gone)}")
    assert (figures["lifecycle"]["label"], figures["lifecycle"]["before"]) == ("won_back", "lost")

    status, flow = await api.call("POST", f"{PATH}/flow", {"days": 30})
    assert (status, flow["from_day"], flow["to_day"]) == (200, "2026-02-03", "2026-03-05")
    assert {(one["before"], one["label"]): one["people"] for one in flow["moves"]} == {
        ("", "new"): 1, ("repeat", "sleeping"): 1, ("lost", "won_back"): 1,
    }  # fmt: skip
    cell = {"days": 30, "before": "lost", "label": "won_back"}
    assert (await behind(api, f"{PATH}/flow/people", cell))[0] == {encode_id("per", gone)}
    assert len((await behind(api, f"{PATH}/flow/people", {"days": 30, "label": "new"}))[0]) == 1

    # Other definitions move people at once, and nobody did anything: that is stated of nobody.
    status, _ = await api.call("PUT", f"{PATH}/settings", {"sleeping_days": 30, "lost_days": 50})
    assert status == 200
    brand.clock.advance(DAY)
    await desk.run(brand.tenant)
    _, summary = await api.call("GET", PATH)
    assert [one["people"] for one in summary["groups"] if one["label"] == "lost"] == [1]
    assert len(await facts(brand)) == 2
    status, problem = await api.call("PUT", f"{PATH}/settings", {"sleeping_days": 90, "lost_days": 60})
    assert (status, problem["code"]) == (422, "quanyu.invalid_input")


async def test_people_who_are_one_have_one_stage(brand: Brand, warehouse: Warehouse) -> None:
    """What is said follows a merge by itself: the next computation reads both histories as one."""
    desk = lifecycle_desk(brand.uows, warehouse, brand.people, Tenants())
    now = brand.clock.now()
    device = FactIdentifier(namespace="anonymous_id", scope="", value="device")
    looked = replace(happened("Product Viewed", "x", now - 40 * DAY), identifiers=(device,))
    await brand.tell(looked, bought("known", 1, now - 3 * DAY, 10.0))
    assert await desk.run(brand.tenant) == 2
    await brand.tell(happened("Product Viewed", "known", now, also=(("anonymous_id", "device"),)))
    assert await desk.run(brand.tenant) == 1
    async with brand.uows.app(brand.tenant) as uow:
        figure = await desk.of_person(uow, PersonId(await brand.person("known")))
    assert figure is not None
    # Alone they were new; together they have been known for forty days.
    assert (figure.label, figure.detail["orders"]) == ("active", 1)
