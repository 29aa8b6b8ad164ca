"""Stages as a state machine that lives through every day, against the warehouse that is asked once."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.insight.studied import NOW, bought, open_shop
from integration.segments.world import Brand, happened
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.lifecycle.contracts import LifecycleSettings, Stage
from quanyu.modules.insight.lifecycle.forecast import forecast
from quanyu.modules.insight.lifecycle.stages import day_number, parameters, stages_sql

ZONE = "Asia/Shanghai"
TODAY = day_number(NOW.astimezone(ZoneInfo(ZONE)).date())
SHORT = LifecycleSettings(
    new_days=4, sleeping_days=5, lost_days=9, won_back_days=3, loyal_orders=3, loyal_days=15
)
SPAN = 60
PEOPLE = 120


@dataclass
class Life:
    """One person, day after day: what is remembered is what the machine needs, not the history."""

    settings: LifecycleSettings
    first: int | None = None
    last: int = 0
    returned: int | None = None
    orders: list[int] = field(default_factory=list)
    stage: Stage | None = None

    def live(self, day: int, acts: int, orders: int) -> Stage | None:
        """Go through one day."""
        if acts + orders:
            if self.first is None:
                self.first = day
            elif self.stage is Stage.LOST:
                self.returned = day
            self.last = day
            self.orders += [day] * orders
        if self.first is not None:
            self.stage = self._stage(day)
        return self.stage

    def _stage(self, day: int) -> Stage:
        assert self.first is not None
        rules, silent = self.settings, day - self.last
        if silent >= rules.lost_days:
            return Stage.LOST
        if silent >= rules.sleeping_days:
            return Stage.SLEEPING
        if self.returned is not None and day - self.returned < rules.won_back_days:
            return Stage.WON_BACK
        if sum(day - one < rules.loyal_days for one in self.orders) >= rules.loyal_orders:
            return Stage.LOYAL
        if len(self.orders) >= 2:
            return Stage.REPEAT
        return Stage.NEW if day - self.first < rules.new_days else Stage.ACTIVE


@dataclass(frozen=True)
class World:
    brand: Brand
    lives: dict[int, dict[int, tuple[int, int]]]  # Person → day → (acts, orders).


def histories() -> list[list[tuple[int, bool]]]:
    """Give each person bursts of days, so that every stage comes up; an act may be an order."""
    drawn = random.Random(29)
    found = []
    for _ in range(PEOPLE):
        day, acts = drawn.randrange(SPAN), []
        while day < SPAN:
            acts.append((day, drawn.random() < 0.5))
            day += drawn.choice((0, 1, 1, 2, 3, 6, 9, 10, 11, 20))
        found.append(acts)
    return found


@pytest.fixture(scope="module")
async def world(database: Database, warehouse: Warehouse, key_ring: KeyRing) -> World:
    events: list[IntakeEvent] = []
    told = histories()
    start = NOW.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=SPAN - 1)
    for person, acts in enumerate(told):
        for number, (day, is_order) in enumerate(acts):
            # The first and the last minute of a local day belong to it.
            clock = time(0, 0, number % 60) if number % 2 else time(23, 59, number % 60)
            at = datetime.combine(start + timedelta(days=day), clock, tzinfo=ZoneInfo(ZONE))
            user = f"p{person}"
            events.append(
                bought(user, number, at, 9.0)
                if is_order
                else happened("Product Viewed", user, at, message_id=f"v{person}-{number}")
            )
    random.Random(3).shuffle(events)  # Late ones too: the order of arrival must not matter.
    brand = await open_shop(database, warehouse, key_ring, events, 9)
    lives: dict[int, dict[int, tuple[int, int]]] = {}
    for person, acts in enumerate(told):
        days = lives.setdefault(await brand.person(f"p{person}"), {})
        for day, is_order in acts:
            seen, orders = days.get(day, (0, 0))
            days[day] = (seen + (not is_order), orders + is_order)
    return World(brand, lives)


@pytest.mark.parametrize("settings", [SHORT, LifecycleSettings()], ids=["short", "default"])
async def test_asked_once_it_says_what_living_through_every_day_says(
    world: World, settings: LifecycleSettings
) -> None:
    lives = {person: Life(settings) for person in world.lives}
    seen: set[Stage] = set()
    for day in range(SPAN):
        expected = {}
        for person, life in lives.items():
            stage = life.live(day, *world.lives[person].get(day, (0, 0)))
            if stage is not None:
                expected[person] = str(stage)
        if day % 7 and day != SPAN - 1:
            continue
        seen |= {Stage(stage) for stage in expected.values()}
        bound = parameters(settings, as_of=NOW + timedelta(days=1), zone=ZONE, today=TODAY - SPAN + 1 + day)
        rows = await world.brand.gate.query(f"SELECT who, stage FROM ({stages_sql('today')})", bound)
        assert dict(rows) == expected, day
    if settings is SHORT:
        assert seen == set(Stage)


def test_a_forecast_by_hand() -> None:
    moves = {("new", "active"): 6, ("new", "repeat"): 2, ("active", "active"): 3, ("active", "sleeping"): 1,
             ("", "new"): 10}  # fmt: skip
    first, second, _ = forecast(moves, days=30)
    # Now: new 10, active 9, repeat 2, sleeping 1; nobody was in the last two, so who is there stays.
    assert first.in_days == 30
    assert {stage.value: people for stage, people in first.stages.items() if people} == {
        "new": 10.0, "active": 14.2, "repeat": 4.5, "sleeping": 3.2,
    }  # fmt: skip
    assert sum(second.stages.values()) == pytest.approx(42.0, abs=0.2)
