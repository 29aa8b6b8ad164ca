"""After every step of a random history, looking at changed people alone gives what a full look gives."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from property.insight.computed.plain import figure_of, number_json, rank_of
from property.segments.history import event_row, insert
from property.segments.worlds import Maker
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse.engine import open_client
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.modules.insight.computed.definition import EventFigure, Figure, parse_definition
from quanyu.modules.insight.computed.plan import plan_all
from quanyu.modules.insight.computed.queries import ComputedQueries
from quanyu.modules.insight.computed.refresh import ComputedRefresher
from quanyu.modules.people.computed.store import ComputedStore
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.service import People
from quanyu.modules.segments.oracle import HistoryEvent
from quanyu.modules.tenants.service import Tenants

PEOPLE = 12  # As the maker's worlds have.
STEPS = 5
FIGURES = 6
PAUSES = (
    timedelta(0),
    timedelta(milliseconds=1),
    timedelta(seconds=1),
    timedelta(hours=1),
    timedelta(hours=14),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
)
Raw = dict[str, Any]
# Of every formula also what it gives, written once more by hand.
FORMULAS: Mapping[str, str] = {
    "twice": "coalesce(orders, 0) * 2",
    "label": "if(coalesce(twice, 0) >= 4, '老客', concat('新', text(x)))",
    "share": "round(paid / orders, 2)",
    "sleeping": "days_between(last_at, today())",
    "known": "is_set(number(y)) and not (number(y) > 1)",
}


def by_hand(values: Mapping[str, Any], told: Mapping[str, Any], today: date, zone: Any) -> dict[str, Any]:
    """Return what ``FORMULAS`` give."""
    orders, paid, last = values.get("orders"), values.get("paid"), values.get("last_at")
    twice = (orders or 0) * 2
    y = told.get("y")
    number = None if isinstance(y, bool) or not isinstance(y, (int, float, str)) else _number(y)
    text = _text(told.get("x"))
    share = None
    if paid is not None and orders:
        share = number_json((Decimal(repr(paid)) / orders).quantize(Decimal("0.01")))
    sleeping = None
    if last is not None:
        at = datetime.fromisoformat(last.replace("Z", "+00:00"))
        sleeping = (today - at.astimezone(zone).date()).days
    return {
        "twice": twice,
        "label": "老客" if twice >= 4 else None if text is None else f"新{text}",
        "share": share,
        "sleeping": sleeping,
        "known": False if number is None else not number > 1,
    }


def _number(raw: Any) -> Decimal | None:
    try:
        return Decimal(raw.strip() if isinstance(raw, str) else repr(raw))
    except ArithmeticError:
        return None


def _text(raw: Any) -> str | None:
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, (int, float)):
        return f"{Decimal(repr(raw)).normalize():f}"
    return raw if isinstance(raw, str) else None


class History:
    """A brand whose people act, merge and part, written where the pipeline writes."""

    def __init__(self, seed: int, uows: UnitOfWorkFactory, clock: FixedClock, people: People, client: Any):
        self.random = Random(seed)
        self.tenant = TenantId(500_000 + seed)
        self.maker = Maker(self.random, first=1_000_000 + seed * 100)
        self.uows, self.clock, self.people, self.client = uows, clock, people, client
        self.clock.advance(self.maker.as_of - self.clock.now())
        self.events: list[HistoryEvent] = []
        self.canonical = {person: person for person in self.maker.ids}
        self.told: dict[tuple[int, str], tuple[int, Any]] = {}  # (person, key) → (when, value)
        self.batch = self.tellings = 0
        self.definitions: dict[str, Raw] = {}

    async def found(self) -> None:
        """Make the brand, its people and its definitions."""
        self.definitions = {
            "orders": {"kind": "events", "name": "Order Completed", "figure": "count"},
            "paid": {
                "kind": "events",
                "name": "Order Completed",
                "figure": "sum",
                "of": {"kind": "field", "field": "revenue"},
            },
            "last_at": {"kind": "events", "name": "Order Completed", "figure": "last_at"},
            **{f"f{index}": self.figure() for index in range(FIGURES)},
            **{key: {"kind": "formula", "text": text} for key, text in FORMULAS.items()},
            "place": {"kind": "rank", "of": "twice"},
        }
        async with self.uows.system(self.tenant) as uow:
            await uow.execute(
                "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
                "VALUES (:tenant, :key, 'Computed', :zone, 'CNY', :now)",
                {
                    "tenant": self.tenant,
                    "key": f"computed-{self.tenant}",
                    "zone": self.maker.zone.key,
                    "now": uow.clock.now(),
                },
            )
            for person in self.maker.ids:
                await uow.execute(
                    "INSERT INTO person "
                    "(tenant_id, id, canonical_id, created_at, first_seen_at, last_seen_at) "
                    "VALUES (:tenant, :id, :id, :now, :now, :now)",
                    {"tenant": self.tenant, "id": person, "now": uow.clock.now()},
                )
            for key, raw in self.definitions.items():
                await self._publish(ComputedQueries(uow), key, raw)

    async def _publish(self, queries: ComputedQueries, key: str, raw: Raw) -> None:
        types = plan_all({name: parse_definition(one) for name, one in self.definitions.items()})
        await queries.add(new_id(), key=key, name=key, description="", draft=raw, actor="test")
        row = next(row for row in await queries.list_all() if row.key == key)
        await queries.publish(row, value_type=types[key].type.value, actor="test")

    def figure(self) -> Raw:
        maker = self.maker
        facts = maker.new_facts()
        per_item = facts["each"] == "items"
        figure = maker.pick(*(one.value for one in Figure))
        raw: Raw = {"kind": "events", "figure": figure, **facts}
        amounts = [*maker.amounts(per_item), *(f"properties.{key}" for key in ("x", "y", "n.k"))]
        texts = ["order_id", "context.channel", *(["item.sku", "item.category"] if per_item else [])]
        if figure in ("sum", "avg", "min", "max", "percentile"):
            raw["of"] = {"kind": "field", "field": maker.pick(*amounts)}
            if per_item and maker.pick(True, False):
                raw["of"] = {"kind": "product", "of": ["item.price", "item.quantity"]}
            if figure == "percentile":
                raw["percent"] = maker.pick(0, 25, 50, 90, 100)
        elif figure in ("first", "last", "most_frequent", "distinct"):
            raw["of"] = {"kind": "field", "field": maker.pick(*amounts, *texts)}
            raw["as_type"] = maker.pick("text", "number", "bool")
            if figure == "most_frequent":
                raw["top"] = maker.pick(1, 1, 3)
        elif figure == "count" and maker.pick(True, False):
            raw["of"] = {"kind": "field", "field": maker.pick(*amounts)}
        return raw

    async def happen(self) -> None:
        """Store a batch of events: new, late, early."""
        self.batch += 1
        rows = []
        for _ in range(self.random.randint(1, 6)):
            event = self.maker.event(len(self.events) + 1)
            self.events.append(event)
            row = event_row(event, self.tenant)
            rows.append({**row, "batch_id": self.batch})
        insert(self.client, "events", rows)
        async with self.uows.system(self.tenant) as uow:
            await uow.execute(
                "INSERT INTO log_cursor (tenant_id, consumer, batch_id, events, updated_at) "
                "VALUES (:tenant, 'store', :batch, 1, :now) "
                "ON CONFLICT (tenant_id, consumer) DO UPDATE SET batch_id = excluded.batch_id",
                {"tenant": self.tenant, "batch": self.batch, "now": uow.clock.now()},
            )

    async def tell(self) -> None:
        """Tell attributes of somebody, and copy the profile."""
        person = self.random.choice(self.maker.ids)
        raw = {key: value for key, value in self.maker.json_object().items() if key in ("x", "y")}
        async with self.uows.system(self.tenant) as uow:
            for key, value in raw.items():
                self.tellings += 1
                self.told[self.canonical[person], key] = (self.tellings, value)
                write = AttributeWrite(person_id=PersonId(self.canonical[person]), key=key, value=value)
                await self.people.set_attributes(uow, [write], source="test")
        self._copy(self.canonical[person])

    def _copy(self, person: int) -> None:
        row = {
            "tenant_id": self.tenant,
            "person": person,
            "attributes": {},
            "deleted": 0,
            "version": new_id(),
        }
        insert(self.client, "profiles", [row])

    async def remap(self, refresher: ComputedRefresher) -> None:
        """Merge or part somebody; sometimes a computation comes between the commit and the copy."""
        person = self.random.choice(self.maker.ids[1:])
        old = self.canonical[person]
        # A group is known by its least member; who stands for others keeps standing for them.
        if any(one != person and self.canonical[one] == person for one in self.maker.ids):
            return
        new = person if old != person else self.canonical[self.random.choice(self.maker.ids)]
        if self.canonical.get(new) != new:
            return
        self.canonical[person] = new
        async with self.uows.system(self.tenant) as uow:
            known = {"tenant": self.tenant, "person": person, "new": new}
            await uow.execute(
                "UPDATE person SET canonical_id = :new WHERE tenant_id = :tenant AND id = :person", known
            )
            await uow.execute(
                "INSERT INTO person_change (tenant_id, person_id, profile, remapped) "
                "VALUES (:tenant, :person, false, true)",
                {"tenant": self.tenant, "person": person},
            )
            await ComputedQueries(uow).touch([person, old, new])
        if self.random.random() < 0.3:
            await refresher.refresh(self.tenant)
        alias = {"tenant_id": self.tenant, "person": person, "canonical": new, "version": new_id()}
        insert(self.client, "person_alias", [alias])
        self.client.command("SYSTEM RELOAD DICTIONARY person_canonical")
        for one in {person, old, new}:
            self._copy(one)
        async with self.uows.system(self.tenant) as uow:
            await uow.execute("DELETE FROM person_change WHERE tenant_id = :tenant", {"tenant": self.tenant})

    def pass_time(self) -> None:
        """Go on, often across an edge of a window or a midnight."""
        self.clock.advance(self.random.choice(PAUSES))
        self.maker.as_of = self.clock.now()

    async def step(self, refresher: ComputedRefresher) -> None:
        self.pass_time()
        for _ in range(self.random.randint(0, 3)):
            choice = self.random.random()
            if choice < 0.5:
                await self.happen()
            elif choice < 0.75:
                await self.tell()
            else:
                await self.remap(refresher)

    def expected(self) -> dict[int, dict[str, Any]]:
        """Return everybody's values, computed from nothing but what happened."""
        as_of, zone = self.clock.now(), self.maker.zone
        people = [person for person in self.maker.ids if self.canonical[person] == person]
        values: dict[int, dict[str, Any]] = {}
        for person in people:
            own = [
                (position, event)
                for position, event in enumerate(self.events, start=1)
                if event.person and self.canonical[event.person] == person
            ]
            mine: dict[str, Any] = {}
            for key, raw in self.definitions.items():
                definition = parse_definition(raw)
                if isinstance(definition, EventFigure):
                    mine[key] = figure_of(definition, own, as_of=as_of, zone=zone)
            mine |= by_hand(mine, self._told_of(person), as_of.astimezone(zone).date(), zone)
            values[person] = mine
        placed = rank_of({person: float(one["twice"]) for person, one in values.items()})
        for person, mine in values.items():
            mine["place"] = placed[person]
        return {
            person: {key: value for key, value in mine.items() if value is not None}
            for person, mine in values.items()
        }

    def _told_of(self, person: int) -> Raw:
        newest: dict[str, tuple[int, Any]] = {}
        for (member, key), told in self.told.items():
            if self.canonical[member] == person and told[0] > newest.get(key, (0, None))[0]:
                newest[key] = told
        return {key: value for key, (_, value) in newest.items()}

    async def stored(self) -> dict[int, dict[str, Any]]:
        people = [person for person in self.maker.ids if self.canonical[person] == person]
        keys = [f"computed.{key}" for key in self.definitions]
        async with self.uows.system(self.tenant) as uow:
            held = await ComputedStore(uow).held(people, keys)
        return {
            person: {key.removeprefix("computed."): value for key, value in one.values.items()}
            for person, one in held.items()
        }


@pytest.fixture
def client(warehouse: Warehouse) -> Iterator[Any]:
    opened = open_client(warehouse.settings)
    opened.database = warehouse.settings.database
    yield opened
    opened.close()


@pytest.fixture
def people(key_ring: KeyRing, warehouse: Warehouse) -> People:
    return People(key_ring, warehouse)


async def check(history: History, warehouse: Warehouse) -> None:
    """Go through a history; compare after every step, and with a full look at the end."""
    await history.found()
    refresher = ComputedRefresher(history.uows, warehouse, history.people, Tenants())
    for number in range(STEPS):
        await history.step(refresher)
        done = await refresher.refresh(history.tenant)
        assert done.failed == {}
        stored, expected = await history.stored(), history.expected()
        for person, values in expected.items():
            assert stored[person] == values, (number, person, history.definitions)
    again = await refresher.refresh(history.tenant, full=True)
    assert again.changed == 0


@pytest.mark.parametrize("seed", range(3))
async def test_random_histories(
    seed: int, uows: UnitOfWorkFactory, clock: FixedClock, warehouse: Warehouse, people: People, client: Any
) -> None:
    await check(History(seed, uows, clock, people, client), warehouse)


@pytest.mark.slow
async def test_many_random_histories(
    uows: UnitOfWorkFactory, clock: FixedClock, warehouse: Warehouse, people: People, client: Any
) -> None:
    for seed in range(100, 104):
        await check(History(seed, uows, clock, people, client), warehouse)
