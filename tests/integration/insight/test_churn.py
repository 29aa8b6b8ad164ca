"""Churn over a brand's own history: cut-offs, what is known at them, who is behind a band, and refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from integration.insight.studied import DAY, Here, behind, bought
from integration.segments.world import Api, Brand, happened
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.churn import routes
from quanyu.modules.insight.churn.contracts import ChurnBasis, ChurnSettings
from quanyu.modules.insight.churn.history import after_sql, customers_sql, parameters
from quanyu.modules.insight.churn.study import ChurnDesk, churn_desk
from quanyu.modules.insight.studies import person_routes
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/churn"
FORTNIGHT = {"horizon_days": 14}


def desk_of(brand: Brand, warehouse: Warehouse) -> tuple[ChurnDesk, Api]:
    desk = churn_desk(brand.uows, warehouse, brand.people, Tenants(), Here())
    return desk, Api(brand, routes.router(desk), person_routes.router(brand.people, [desk]))


def lives(now: Any) -> list[IntakeEvent]:
    """Let 110 people buy every twelve days to this day, and 130 every four days until they stop."""
    random = np.random.default_rng(5)
    events = []
    for one in range(110):
        first = 84 + random.uniform(0, 11)
        for number, back in enumerate(np.arange(first, 0, -12)):
            events.append(bought(f"stays-{one}", number, now - float(back) * DAY, 40.0))
    for one in range(130):
        stopped = random.uniform(0.5, 80)
        for number, back in enumerate(np.arange(stopped + 16, stopped - 1, -4)):
            events.append(bought(f"stops-{one}", number, now - float(back) * DAY, 40.0))
    return events


async def test_who_is_overdue_is_at_risk(brand: Brand, warehouse: Warehouse) -> None:
    desk, api = desk_of(brand, warehouse)
    await brand.tell(*lives(brand.clock.now()))
    assert (await api.call("PUT", f"{PATH}/settings", FORTNIGHT))[0] == 200
    assert await desk.run(brand.tenant) > 100

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    assert (card["refusal"], card["horizon_days"], card["recent_days"]) == (None, 14, 28)
    assert len(card["cut_offs"]) == 3
    quality = card["quality"]
    auc = {one["name"]: one["auc"] for one in quality["models"]}
    assert auc[quality["chosen"]] > max(0.75, auc["recency_days"])
    assert quality["log_loss"] < quality["base_log_loss"]
    assert sum(one["people"] for one in quality["bins"]) == card["tested"]

    high, page = await behind(api, f"{PATH}/people", {"label": "5"})
    assert high
    await brand.drain()
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    chosen = await brand.segments.select(brand.tenant, parse_definition(page["definition"]), at, limit=500)
    assert {encode_id("per", person) for person in chosen.people} == high
    names = [f"stays-{one}" for one in range(110)]
    regulars = {encode_id("per", person) for person in await brand.ids(*names)}
    assert len(high & regulars) < len(high) / 4  # Those who keep their rhythm are hardly among them.
    _, figures = await api.call("GET", f"/api/v1/understanding/people/{min(high)}")
    assert figures["churn"]["label"] == "5"
    assert figures["churn"]["score"] >= 0.8
    assert figures["churn"]["detail"]["reasons"]


async def test_nothing_after_a_cut_off_is_known_at_it(brand: Brand, warehouse: Warehouse) -> None:
    """By hand: features read up to the cut-off alone, labels only what follows within the horizon."""
    now = brand.clock.now()
    cut = now - 10 * DAY
    device = FactIdentifier(namespace="anonymous_id", scope="", value="device")
    await brand.tell(
        bought("back", 1, cut - 6 * DAY, 30.0),
        bought("back", 2, cut - 2 * DAY, 50.0),
        bought("back", 3, cut + 3 * DAY, 999.0),
        bought("late", 1, cut - 1 * DAY, 10.0),
        bought("late", 2, cut + 8 * DAY, 10.0),  # After the horizon of seven days.
        bought("before", 1, cut - 40 * DAY, 10.0),  # No customer any more at the cut-off.
        bought("new", 1, cut + 1 * DAY, 10.0),  # None yet.
        replace(bought("x", 9, cut - 3 * DAY, 10.0), identifiers=(device,)),
    )
    bound = parameters(
        ChurnSettings(), cut_off=cut, horizon=7, recent=28, zone="Asia/Shanghai", currencies=["CNY", ""]
    )
    gate = warehouse.for_tenant(brand.tenant)
    found = await gate.query_columns(customers_sql(ChurnBasis.ORDERS), bound)
    rows = {
        who: (round(recency, 3), orders, lately, spent, round(gap, 3), round(overdue, 3))
        for who, recency, orders, lately, spent, gap, overdue in zip(
            *(
                found[name]
                for name in ("who", "recency_days", "orders", "orders_lately", "spent", "gap_days", "overdue")
            ),
            strict=True,
        )
    }
    back, late = await brand.person("back"), await brand.person("late")
    assert set(rows) > {back, late}
    assert len(rows) == 3  # And the device.
    assert rows[back] == (2.0, 2.0, 2.0, 80.0, 4.0, 0.5)
    assert rows[late] == (1.0, 1.0, 1.0, 10.0, 1.0, 1.0)
    came_back = {row[0] for row in await gate.query(after_sql(ChurnBasis.ORDERS), bound)}
    assert came_back & set(rows) == {back}


async def test_by_contract_leaving_is_an_event(brand: Brand, warehouse: Warehouse) -> None:
    now = brand.clock.now()
    cut = now - 10 * DAY
    joined, left = "Subscribed", "Unsubscribed"
    await brand.tell(
        happened(joined, "stays", cut - 20 * DAY),
        happened(joined, "leaves", cut - 20 * DAY),
        happened(left, "leaves", cut + 2 * DAY),
        happened(joined, "gone", cut - 20 * DAY),
        happened(left, "gone", cut - 5 * DAY),
        happened(left, "again", cut - 9 * DAY),
        happened(joined, "again", cut - 3 * DAY),
        happened("Product Viewed", "none", cut - 3 * DAY),
    )
    settings = ChurnSettings(basis=ChurnBasis.CONTRACT, joined_event=joined, left_event=left)
    bound = parameters(settings, cut_off=cut, horizon=7, recent=14, zone="UTC", currencies=["CNY"])
    gate = warehouse.for_tenant(brand.tenant)
    found = await gate.query_columns(customers_sql(ChurnBasis.CONTRACT), bound)
    assert sorted(found["who"]) == await brand.ids("stays", "leaves", "again")
    assert [row[0] for row in await gate.query(after_sql(ChurnBasis.CONTRACT), bound)] == await brand.ids(
        "leaves"
    )


async def test_too_little_is_refused_and_nobody_keeps_a_figure(brand: Brand, warehouse: Warehouse) -> None:
    desk, api = desk_of(brand, warehouse)
    assert await desk.run(brand.tenant) == 0
    assert (await api.call("GET", PATH))[1]["card"]["refusal"] == "no_customers"
    await brand.tell(bought("a", 1, brand.clock.now() - 10 * DAY, 10.0))
    await desk.run(brand.tenant)
    assert (await api.call("GET", PATH))[1]["card"]["refusal"] == "history_too_short"
    await brand.tell(bought("a", 2, brand.clock.now() - 60 * DAY, 10.0))
    await desk.run(brand.tenant)
    assert (await api.call("GET", PATH))[1]["card"]["refusal"] in ("too_few_people", "no_customers")
    async with brand.uows.app(brand.tenant) as uow:
        assert await desk.of_person(uow, PersonId(await brand.person("a"))) is None
    status, problem = await api.call("PUT", f"{PATH}/settings", {"basis": "contract"})
    assert (status, problem["code"]) == (422, "quanyu.invalid_input")
    # A refused computation is old after an hour, not after a day.
    assert await desk.run_if_older(brand.tenant, than_s=86_400) is None
    brand.clock.advance(timedelta(hours=1))
    assert await desk.run_if_older(brand.tenant, than_s=86_400) == 0
