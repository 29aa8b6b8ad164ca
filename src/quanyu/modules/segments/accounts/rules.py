"""Which companies meet a definition, once it is known what their people answered: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quanyu.modules.events.asking.comparisons import NumberTest
from quanyu.modules.segments.accounts.tree import (
    AccountAll,
    AccountAny,
    AccountCondition,
    AccountNot,
    CompanyIs,
    ContactFacts,
    Contacts,
    question_key,
)
from quanyu.modules.segments.conditions.facts import Event
from quanyu.modules.segments.plain.values import compare, meets


@dataclass(frozen=True, slots=True)
class Account:
    """A company with all that is asked of it alone. ``people``: contacts of now, with their roles."""

    id: int
    says: Mapping[str, Any]
    people: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """All companies of a brand, who stands below whom, and what people answered.

    ``below`` has every company with itself. ``answers``: of a question about people the number each of them
    came to (1 for being in); who is left out came to nothing.
    """

    accounts: Mapping[int, Account]
    below: Mapping[int, Sequence[int]]
    answers: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)


def members(definition: AccountCondition, world: World) -> list[int]:
    """Return the companies that meet a definition, least first."""
    return [one for one in sorted(world.accounts) if holds(definition, world.accounts[one], world)]


def holds(node: AccountCondition, account: Account, world: World) -> bool:
    """Tell whether one company meets a definition."""
    match node:
        case AccountAll():
            return all(holds(part, account, world) for part in node.of)
        case AccountAny():
            return any(holds(part, account, world) for part in node.of)
        case AccountNot():
            return not holds(node.of, account, world)
        case CompanyIs():
            return compare(account.says.get(node.key), node)
        case Contacts():
            people = people_of(node, account, world)
            if node.who is None:
                return meets(Decimal(len(people)), node.count)
            answers = world.answers[question_key(node)]
            return meets(Decimal(sum(1 for one in people if one in answers)), node.count)
        case ContactFacts():
            answers = world.answers[question_key(node)]
            total = sum(
                (answers[one] for one in people_of(node, account, world) if one in answers), Decimal(0)
            )
            return meets(total, _test_of(node))


def _test_of(node: ContactFacts) -> NumberTest:
    return node.measure.count if isinstance(node.measure, Event) else node.measure.test


def people_of(node: Contacts | ContactFacts, account: Account, world: World) -> set[int]:
    """Return whom a condition looks at, each once, whatever they are a contact of."""
    wanted = frozenset(node.roles)
    looked_at = world.below.get(account.id, (account.id,)) if node.with_below else (account.id,)
    return {
        person
        for one in looked_at
        if one in world.accounts
        for person, roles in world.accounts[one].people.items()
        if not wanted or wanted & roles
    }
