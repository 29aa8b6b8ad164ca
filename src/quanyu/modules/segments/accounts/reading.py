"""The world of accounts as it is now: companies from PostgreSQL, what people answered from the warehouse."""

from collections import defaultdict
from decimal import Decimal

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.people.companies.service import Companies
from quanyu.modules.segments.accounts.rules import Account, World
from quanyu.modules.segments.accounts.tree import AccountCondition, ContactFacts, question_key, questions_of
from quanyu.modules.segments.compiler import Evaluation, compile_definition
from quanyu.modules.segments.scans import Scanner


async def read_accounts(uow: UnitOfWork) -> World:
    """Return all companies with their people, without answers."""
    listed = await Companies.accounts(uow)
    people: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for company, person, roles in listed.contacts:
        people[company][person].update(roles)
    accounts: dict[int, Account] = {
        one: Account(one, says, {who: frozenset(roles) for who, roles in people[one].items()})
        for one, says in listed.companies.items()
    }
    return World(accounts, {one: [low for low, _ in listed.tree.below(one)] for one in listed.companies})


async def ask_people(
    gate: TenantWarehouse, definition: AccountCondition, world: World, at: Evaluation
) -> World:
    """Return the world with what the definition asks of people answered.

    Raises:
        WarehouseUnavailable: history cannot be read now.
    """
    everybody = sorted({person for one in world.accounts.values() for person in one.people})
    answers: dict[str, dict[int, Decimal]] = {}
    for node in questions_of(definition):
        key = question_key(node)
        if key in answers:
            continue
        if isinstance(node, ContactFacts):
            parameters = Parameters()
            sql = Scanner(at, parameters).totals_sql(node.measure)
            rows = await gate.query(sql, {**parameters.values, "whose": everybody}) if everybody else []
            answers[key] = {int(who): Decimal(total) for who, total in rows}
        else:
            assert node.who is not None
            compiled = compile_definition(node.who, at)
            rows = await gate.query(compiled.ids_sql(), compiled.parameters)
            found = set(rows[0][0]) if rows else set()
            answers[key] = {one: Decimal(1) for one in everybody if one in found}
    return World(world.accounts, world.below, answers)
