"""Forecasts of a brand whose customers buy as the model says, from its own orders to its pages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from integration.segments.world import Api, Brand, build_brand, order
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.insight.jobs import DailySchedule
from quanyu.modules.insight.lifetime.views import ATTRIBUTES
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

AS_OF = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Noon in Shanghai.
SPAN_DAYS = 360
BUYERS = 300


def life(seed: int) -> list[IntakeEvent]:
    """Let people buy and stop: gamma(1.2) paces with a mean of one purchase a month, beta(1, 4) stops."""
    random = np.random.default_rng(seed)
    events = []
    for buyer in range(BUYERS):
        pace, stop = random.gamma(1.2, 1 / 36.0), random.beta(1.0, 4.0)
        spend = 8.0 / random.gamma(4.0, 1 / 60.0)
        day, count = float(random.integers(0, SPAN_DAYS)), 0
        while day <= SPAN_DAYS:
            at = AS_OF - timedelta(days=SPAN_DAYS - int(day), hours=int(random.integers(0, 8)))
            price = f"{random.gamma(8.0, spend / 8.0) + 0.01:.2f}"
            events.append(order(f"buyer-{buyer}", f"o{buyer}-{count}", at, [(price, "1")]))
            if count and random.random() < stop:
                break
            day, count = day + max(1.0, random.exponential(1.0 / pace)), count + 1
    return events


@pytest.fixture(scope="module")
async def shop(database: Database, warehouse: Warehouse, key_ring: KeyRing) -> Brand:
    clock = FixedClock(AS_OF)
    uows = UnitOfWorkFactory(database, clock)
    log = Log()
    uows.write_facts_with(Intake(log, Collector(log, database.connect_system, clock), key_ring).write_facts)
    tenant = TenantId(7)
    async with uows.system(tenant) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, 'life', 'Life', 'Asia/Shanghai', 'CNY', :now)",
            {"tenant": tenant, "now": clock.now()},
        )
    brand = build_brand(
        tenant=tenant, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    await brand.tell(*life(seed=11))
    run = await brand.lifetime.run(tenant)
    assert (run.refusal, run.people) == (None, BUYERS)
    return brand


async def _everybody(shop: Brand, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        status, page = await Api(shop).call("GET", "/api/v1/lifetime/people", limit="150", **more, **query)
        assert status == 200
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["total"] == len(found)
            return found


async def test_the_card_says_on_whom_and_how_well(shop: Brand) -> None:
    _, summary = await Api(shop).call("GET", "/api/v1/lifetime")
    card = summary["card"]
    assert (summary["currency"], summary["people"], summary["as_of"]) == (
        "CNY",
        BUYERS,
        "2026-03-04T04:00:00Z",
    )
    assert (card["people"], card["as_of_day"], card["refusal"]) == (BUYERS, "2026-03-04", None)
    assert card["repeat_buyers"] > 150
    assert card["frequency"]["log_likelihood"] < 0
    assert card["frequency"]["patterns"] <= BUYERS
    holdout = card["holdout"]
    assert (holdout["days"], holdout["from_"]) == (120, "2025-11-05")
    assert abs(holdout["error"]) < 0.25
    assert holdout["per_person_error"] < holdout["pace_per_person_error"]
    assert sum(bin_["people"] for bin_ in holdout["bins"]) == holdout["people"]
    assert sum(bin_["people"] * bin_["actual"] for bin_ in holdout["bins"]) == pytest.approx(
        holdout["actual"]
    )
    assert 0.5 < holdout["auc"] < 1.0
    assert card["spend"]["q"] > 1


async def test_bars_hold_everybody_and_lead_to_them(shop: Brand) -> None:
    _, summary = await Api(shop).call("GET", "/api/v1/lifetime")
    people = await _everybody(shop)
    assert len({row["person_id"] for row in people}) == BUYERS
    values = [row["value_minor"] for row in people]
    assert values == sorted(values, reverse=True)
    assert sum(values) == summary["value_minor"]
    for measure in ("alive", "value"):
        assert sum(bar["people"] for bar in summary[measure]) == BUYERS
        for bar in summary[measure]:
            of_band = [row for row in people if row[f"{measure}_band"] == bar["band"]]
            assert len(of_band) == bar["people"]
            assert sum(row["value_minor"] for row in of_band) == bar["value_minor"]
    fifth = await _everybody(shop, value="5")
    assert [row["person_id"] for row in fifth] == [
        row["person_id"] for row in people if row["value_band"] == 5
    ]
    status, refused = await Api(shop).call("GET", "/api/v1/lifetime/people", alive="6")
    assert (status, refused["code"]) == (422, "insight.unknown_band")


async def test_every_figure_fits_the_person(shop: Brand) -> None:
    for row in await _everybody(shop):
        once = row["days_bought"] == 1
        assert (row["alive"] is None) == once == (row["alive_band"] == 0)
        assert isinstance(row["value_minor"], int)
        assert row["spend_minor"] > 0
        if row["next_on"] is not None:
            assert date.fromisoformat(row["next_on"]) > AS_OF.date()
        if not once:
            low, high = (row["alive_band"] - 1) / 5, row["alive_band"] / 5
            assert low - 1e-6 <= row["alive"] <= high + 1e-6
            assert row["buys_soon"] <= row["alive"] + 1e-6


async def test_figures_are_attributes_that_segments_can_use(shop: Brand) -> None:
    await shop.drain()
    people = await _everybody(shop)
    best = next(row for row in people if row["next_on"] is not None)
    person = PersonId(await shop.person(best["user_id"]))
    async with shop.uows.app(shop.tenant) as uow:
        attributes = (await shop.people.attributes_of(uow, [person], ATTRIBUTES))[person]
        view = await shop.lifetime.of_person(uow, person)
    assert view is not None
    assert (view.value_minor, view.currency) == (best["value_minor"], "CNY")
    assert attributes["lifetime_value"] == best["value_minor"] / 100
    assert attributes["lifetime_next_on"] == best["next_on"]
    tree = parse_definition({"kind": "attribute", "key": "lifetime_value_band", "op": "eq", "value": 5})
    at = await shop.segments.evaluation(shop.uows, shop.tenant)
    selection = await shop.segments.select(shop.tenant, tree, at, limit=BUYERS)
    fifth = [row["user_id"] for row in people if row["value_band"] == 5]
    assert list(selection.people) == await shop.ids(*fifth)


async def test_the_schedule_computes_once_a_day(shop: Brand) -> None:
    assert await shop.lifetime.run_if_older(shop.tenant, than_s=86_400) is None
    assert await DailySchedule(shop.uows, [shop.lifetime], Tenants()).tick() == 0


async def test_too_little_to_speak_takes_back_what_was_said(brand: Brand, api: Api) -> None:
    status, run = await api.call("POST", "/api/v1/lifetime/run")
    assert (status, run["people"], run["refusal"]) == (200, 0, "no_orders")
    day = timedelta(days=1)
    await brand.tell(
        order("a", "a1", AS_OF - 200 * day, [("10", "1")]),
        order("a", "a2", AS_OF - 200 * day + timedelta(hours=1), [("10", "1")]),  # The same purchase day.
        order("a", "a3", AS_OF - 20 * day, [("30", "1")]),
        order("b", "b1", AS_OF - 90 * day, [("5", "1")]),
        order("b", "b2", AS_OF - 80 * day, [("5", "-1")]),  # Returned: not a purchase.
    )
    run = await brand.lifetime.run(brand.tenant)
    assert (run.people, run.refusal) == (0, "too_few_repeat_buyers")
    _, summary = await api.call("GET", "/api/v1/lifetime")
    card = summary["card"]
    assert (card["people"], card["repeat_buyers"], card["first_day"]) == (2, 1, "2025-08-16")
    assert (card["least_repeat_buyers"], card["frequency"]) == (100, None)
    assert (summary["people"], summary["alive"], summary["value_minor"]) == (0, [], None)
    early = await brand.lifetime.run(brand.tenant, as_of=AS_OF - 150 * day)
    assert early.refusal == "history_too_short"
    person = PersonId(await brand.person("a"))
    async with brand.uows.app(brand.tenant) as uow:
        assert await brand.lifetime.of_person(uow, person) is None


async def test_whoever_had_figures_loses_them_with_a_refusal(shop: Brand) -> None:
    people = await _everybody(shop)
    person = PersonId(await shop.person(people[0]["user_id"]))
    shop.clock.advance(timedelta(minutes=1))
    try:
        run = await shop.lifetime.run(shop.tenant, as_of=AS_OF - timedelta(days=SPAN_DAYS - 30))
        assert (run.people, run.refusal) == (0, "history_too_short")
        async with shop.uows.app(shop.tenant) as uow:
            left = (await shop.people.attributes_of(uow, [person], ATTRIBUTES)).get(person, {})
            rows = await uow.execute(
                "SELECT count(*) FROM lifetime_score WHERE tenant_id = :t", {"t": shop.tenant}
            )
            assert rows.scalar_one() == 0
        assert {key: value for key, value in left.items() if value is not None} == {}
    finally:
        shop.clock.advance(timedelta(minutes=1))
        await shop.lifetime.run(shop.tenant, as_of=AS_OF)
