"""SG at account level: what companies are and what their people did, against figures told by plain Python."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from integration.segments.world import Brand
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.companies.contracts import SaveCompany, SaveContact
from quanyu.modules.people.companies.rollup import CompanyHistory
from quanyu.modules.people.companies.service import Companies, read_company_id, show_company_id
from quanyu.modules.segments.accounts.contracts import SaveAccountSegment
from quanyu.modules.segments.accounts.service import (
    AccountSegmentDesk,
    AccountSegmentNameTaken,
    AccountSegmentNotFound,
)
from quanyu.modules.segments.accounts.tree import parse_account_definition
from quanyu.modules.segments.errors import InvalidDefinition

ROLES = ("采购", "财务", "老板")
DAY = timedelta(days=1)


@dataclass
class Firm:
    """A company as the oracle knows it."""

    name: str
    plan: str
    seats: int
    parent: int | None
    people: dict[int, set[str]] = field(default_factory=dict)


@dataclass
class World:
    """Firms, and each person's orders as (days ago, amount in fen)."""

    firms: list[Firm]
    orders: dict[int, list[tuple[int, int]]]

    def people(self, number: int, roles: set[str], *, below: bool) -> set[int]:
        firms = self.tree(number) if below else [number]
        return {
            who for one in firms for who, held in self.firms[one].people.items() if not roles or roles & held
        }

    def tree(self, number: int) -> list[int]:
        children = [at for at, firm in enumerate(self.firms) if firm.parent == number]
        return [number, *(one for child in children for one in self.tree(child))]


def _random_world(dice: random.Random, people: int) -> World:
    firms = [
        Firm(f"企业{at}", dice.choice(["gold", "free"]), dice.randint(1, 4), dice.choice([None, *range(at)]))
        for at in range(6)
    ]
    for who in range(people):
        for firm in dice.sample(firms, dice.randint(0, 3)):
            firm.people[who] = set(dice.sample(ROLES, dice.randint(0, 2)))
    orders = {
        who: [(dice.randint(0, 60), dice.randint(1, 500)) for _ in range(dice.randint(0, 4))]
        for who in range(people)
    }
    return World(firms, orders)


def _user(who: int) -> tuple[FactIdentifier, ...]:
    return (FactIdentifier(namespace="user_id", scope="", value=f"u{who}"),)


async def _build(brand: Brand, world: World) -> tuple[Companies, list[str]]:
    """Let a world be the brand's; return its companies' ids."""
    now = brand.clock.now()
    events = [
        IntakeEvent(
            kind="track", name="Order Completed", source="t", message_id=f"{who}:{place}",
            occurred_at=now - days * DAY, identifiers=_user(who),
            properties={"order_id": f"o{who}:{place}", "revenue": amount / 100, "currency": "CNY"},
        )
        for who, told in world.orders.items()
        for place, (days, amount) in enumerate(told)
    ]  # fmt: skip
    events += [
        IntakeEvent(
            kind="track", name="Seen", source="t", message_id=f"seen:{who}", occurred_at=now - 90 * DAY,
            identifiers=_user(who),
        )
        for who in world.orders
    ]  # fmt: skip
    await brand.tell(*events)
    companies, ids = Companies(brand.people), []
    async with brand.uows.app(brand.tenant) as uow:
        for firm in world.firms:
            made = await companies.create(
                uow,
                SaveCompany(
                    name=firm.name,
                    parent=None if firm.parent is None else ids[firm.parent],
                    attributes={"plan": firm.plan, "seats": firm.seats},
                ),
                actor="ling",
            )
            ids.append(show_company_id(made))
            for who, roles in firm.people.items():
                person = PersonId(await brand.person(f"u{who}"))
                await companies.set_contact(uow, made, person, SaveContact(roles=tuple(sorted(roles))))
    return companies, ids


def _leaf(dice: random.Random, world: World) -> tuple[dict[str, Any], Callable[[int], bool]]:
    """Return a condition, and what plain Python says of a firm."""
    roles, below = set(dice.sample(ROLES, dice.randint(0, 2))), dice.random() < 0.5
    of = {"roles": sorted(roles), "with_below": below}
    days, least = dice.choice([7, 30]), dice.randint(0, 3)
    window = {"kind": "rolling", "amount": days, "unit": "days"}

    def told(who: int) -> list[int]:
        return [amount for ago, amount in world.orders[who] if ago <= days]

    match dice.randrange(5):
        case 0:
            plan = dice.choice(["gold", "free"])
            return {"kind": "company", "key": "plan", "op": "ne", "value": plan}, (
                lambda at: world.firms[at].plan != plan
            )
        case 1:
            return {"kind": "company", "key": "seats", "op": "gte", "value": least}, (
                lambda at: world.firms[at].seats >= least
            )
        case 2:
            count = {"op": "gte", "value": least}
            return {"kind": "contacts", **of, "count": count}, (
                lambda at: len(world.people(at, roles, below=below)) >= least
            )
        case 3:
            who = {"kind": "event", "name": "Order Completed", "window": window}
            count = {"op": "eq", "value": least}
            return {"kind": "contacts", **of, "who": who, "count": count}, (
                lambda at: sum(1 for one in world.people(at, roles, below=below) if told(one)) == least
            )
        case _:
            border = dice.randint(0, 900)
            measure = {
                "kind": "aggregate", "name": "Order Completed", "function": "sum", "window": window,
                "of": {"kind": "field", "field": "revenue"}, "test": {"op": "gt", "value": border / 100},
            }  # fmt: skip
            return {"kind": "contact_facts", **of, "measure": measure}, (
                lambda at: sum(sum(told(one)) for one in world.people(at, roles, below=below)) > border
            )


def _tree(dice: random.Random, world: World, depth: int) -> tuple[dict[str, Any], Callable[[int], bool]]:
    kind = dice.choice(["leaf", "all", "any", "not"]) if depth else "leaf"
    if kind == "leaf":
        return _leaf(dice, world)
    parts = [_tree(dice, world, depth - 1) for _ in range(1 if kind == "not" else 2)]
    if kind == "not":
        return {"kind": "not", "of": parts[0][0]}, lambda at: not parts[0][1](at)
    meets = all if kind == "all" else any
    return {"kind": kind, "of": [one for one, _ in parts]}, lambda at: meets(one(at) for _, one in parts)


@pytest.mark.parametrize("seed", range(3))
async def test_random_definitions_select_what_plain_python_selects(
    brand: Brand, warehouse: Warehouse, seed: int
) -> None:
    dice = random.Random(seed)
    world = _random_world(dice, people=8)
    companies, ids = await _build(brand, world)
    desk = AccountSegmentDesk(brand.uows, warehouse, companies, brand.segments)
    for _ in range(12):
        definition, oracle = _tree(dice, world, 2)
        found = await desk.select(brand.tenant, parse_account_definition(definition), limit=50)
        expected = [ids[at] for at in range(len(ids)) if oracle(at)]
        assert ([one.id for one in found.items], found.count) == (expected, len(expected)), definition

    history = CompanyHistory(companies, brand.people, warehouse)
    async with brand.uows.app(brand.tenant) as uow:
        for at, company in enumerate(ids):
            bought = await history.orders(uow, read_company_id(company), with_below=True)
            people = world.people(at, set(), below=True)
            orders = sum(len(world.orders[one]) for one in people)
            assert (bought.people, sum(one.orders for one in bought.totals)) == (len(people), orders)


async def test_a_definition_is_saved_renamed_looked_at_and_deleted(
    brand: Brand, warehouse: Warehouse
) -> None:
    firms = [Firm("A", "gold", 1, None), Firm("B", "free", 2, None)]
    companies, ids = await _build(brand, World(firms, {}))
    desk = AccountSegmentDesk(brand.uows, warehouse, companies, brand.segments)
    gold = {"kind": "company", "key": "plan", "op": "eq", "value": "gold"}
    async with brand.uows.app(brand.tenant) as uow:
        made = await desk.save(uow, SaveAccountSegment(name="金牌", definition=gold))
        with pytest.raises(AccountSegmentNameTaken):
            await desk.save(uow, SaveAccountSegment(name="金牌", definition=gold))
    found = await desk.members(brand.tenant, made.id)
    assert ([one.id for one in found.items], found.count) == ([ids[0]], 1)
    async with brand.uows.app(brand.tenant) as uow:
        assert (await desk.get(uow, made.id)).size == 1
        changed = await desk.save(
            uow, SaveAccountSegment(name="全部", definition={"kind": "all", "of": []}), segment=made.id
        )
        assert (changed.name, changed.size) == ("全部", None)
        await desk.delete(uow, made.id)
        with pytest.raises(AccountSegmentNotFound):
            await desk.get(uow, made.id)


@pytest.mark.parametrize(
    "definition",
    [
        {"kind": "tag", "tags": []},
        {"kind": "contacts", "who": {"kind": "attribute", "key": "phone", "op": "is_set"}},
        {"kind": "contacts", "count": {"op": "gte", "value": 1.5}},
        {
            "kind": "contact_facts",
            "measure": {
                "kind": "aggregate", "name": "X", "function": "avg",
                "of": {"kind": "field", "field": "revenue"}, "test": {"op": "gt", "value": 1},
            },
        },
        {"kind": "all", "of": [{"kind": "company", "key": "a", "op": "is_set"}] * 60},
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused(definition: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition):
        parse_account_definition(definition)
