"""What was told of an attribute, which of it counts, and that neither order nor merging changes it."""

import random
from datetime import timedelta
from typing import Any

import pytest

from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.profile.contracts import SetAttribute, SetAttributePolicy
from quanyu.modules.people.profile.errors import NotAnAttribute, PolicyNotPossible
from quanyu.modules.people.profile.service import Profiles
from quanyu.modules.people.profile.winning import Policy, Statement, gathered, winner
from quanyu.modules.people.service import People, ProfileCopier

from .conftest import AT, Desk, identifier


@pytest.fixture
def people(desk: Desk, warehouse: Warehouse) -> People:
    return People(desk.key_ring, warehouse)


@pytest.fixture
def profiles(desk: Desk, people: People) -> Profiles:
    return Profiles(desk.key_ring, people)


async def told(
    desk: Desk, *said: tuple[str, float, Any], who: str = "user_id:u1", key: str = "city"
) -> PersonId:
    """Tell (source, minute, value) of an attribute, each in a batch of its own."""
    person = 0
    for source, minute, value in said:
        row = desk.row(who, minute=minute, traits={key: value}, source=source)
        person = (await desk.resolve(row)).canonical_ids[0] or 0
    return PersonId(person)


async def history(
    desk: Desk, profiles: Profiles, person: PersonId, key: str = "city"
) -> list[tuple[Any, ...]]:
    """Return (value, source, first minute, last minute, replaced minute, counts), newest first."""
    async with desk.uows.app(desk.tenant) as uow:
        found = await profiles.history(uow, person, key)
    return [
        (
            one.value,
            one.source,
            _minute(one.first_at),
            _minute(one.last_at),
            _minute(one.replaced_at),
            one.counts,
        )
        for one in found.items
    ]


def _minute(at: Any) -> float | None:
    return None if at is None else (at - AT).total_seconds() / 60


async def value_of(desk: Desk, people: People, person: PersonId, key: str = "city") -> Any:
    async with desk.uows.app(desk.tenant) as uow:
        return (await people.attributes_of(uow, [person], [key]))[person].get(key)


async def rule(desk: Desk, profiles: Profiles, policy: Policy, *sources: str, key: str = "city") -> None:
    async with desk.uows.app(desk.tenant) as uow:
        command = SetAttributePolicy(key=key, policy=policy, sources=sources)
        await profiles.set_policy(uow, command, actor="a")


async def test_what_is_replaced_stays_with_its_source_and_time(
    desk: Desk, people: People, profiles: Profiles
) -> None:
    person = await told(desk, ("web", 0, "杭州"), ("web", 5, "杭州"), ("crm", 10, "上海"), ("crm", 3, "苏州"))

    assert await history(desk, profiles, person) == [
        ("上海", "crm", 10, 10, None, True),
        ("杭州", "web", 0, 5, 10, False),
        ("苏州", "crm", 3, 3, 0, False),
    ]
    assert await value_of(desk, people, person) == "上海"


async def test_telling_again_adds_nothing(desk: Desk, profiles: Profiles) -> None:
    said = [("web", 0, "a"), ("crm", 1, "b"), ("web", 2, "a"), ("crm", 3, "b")]
    person = await told(desk, *said)
    before = await history(desk, profiles, person)

    await told(desk, *said)

    assert await history(desk, profiles, person) == before
    assert [(one[0], one[2], one[3]) for one in before] == [("b", 1, 3), ("a", 0, 2)]


async def test_statements_of_one_batch_all_stay(desk: Desk, profiles: Profiles) -> None:
    rows = [
        desk.row("user_id:u1", minute=minute, traits={"level": value})
        for minute, value in ((4, 4), (1, 1), (2, 2), (1.5, 2))
    ]
    person = PersonId((await desk.resolve(*rows)).canonical_ids[0] or 0)

    assert await history(desk, profiles, person, "level") == [
        (4, "web", 4, 4, None, True),
        (2, "web", 1.5, 2, 4, False),
        (1, "web", 1, 1, 1.5, False),
    ]


async def test_sealed_values_have_a_history_too_and_identifiers_are_masked(
    desk: Desk, profiles: Profiles
) -> None:
    person = await told(desk, ("web", 0, "林知夏"), ("crm", 1, "林夏"), ("web", 2, "林知夏"), key="name")
    await told(desk, ("web", 0, "+8613812345678"), ("web", 1, "+8613900000000"), key="tel")

    assert [one[:2] for one in await history(desk, profiles, person, "name")] == [
        ("林知夏", "web"),
        ("林夏", "crm"),
    ]
    phones = await history(desk, profiles, person, "tel")
    assert len(phones) == 2
    assert "2345" not in str(phones)


@pytest.mark.parametrize(
    ("policy", "sources", "expected"),
    [
        (Policy.NEWEST, (), 7),
        (Policy.FIRST, (), 5),
        (Policy.MAX, (), 9),
        (Policy.PRIORITY, ("pos", "crm"), 9),
        (Policy.PRIORITY, ("import",), 5),
        (Policy.UNION, (), [5, 7, 9]),
    ],
)
async def test_each_policy_names_what_counts_on_the_page_and_in_the_warehouse(
    desk: Desk,
    people: People,
    profiles: Profiles,
    warehouse: Warehouse,
    policy: Policy,
    sources: tuple[str, ...],
    expected: Any,
) -> None:
    person = await told(desk, ("import:7", 0, 5), ("crm", 2, 9), ("web", 3, 7), key="level")
    await ProfileCopier(desk.uows, warehouse).copy_changes(desk.tenant)
    await rule(desk, profiles, policy, *sources, key="level")
    async with desk.uows.system(desk.tenant) as uow:
        assert await profiles.recopy_slice(uow) == 1
    async with desk.uows.system(desk.tenant) as uow:
        assert await profiles.recopy_slice(uow) == 0
    await ProfileCopier(desk.uows, warehouse).copy_changes(desk.tenant)

    assert await value_of(desk, people, person, "level") == expected
    counting = sorted(one[0] for one in await history(desk, profiles, person, "level") if one[5])
    assert counting == (expected if isinstance(expected, list) else [expected])
    gate = warehouse.for_tenant(desk.tenant)
    rows = await gate.query(
        "SELECT toJSONString(attributes) FROM profiles FINAL WHERE tenant_id = {tenant:UInt32}"
    )
    assert rows == [(f'{{"level":{str(expected).replace(" ", "")}}}',)]


async def test_the_database_and_the_pure_rule_agree_whatever_the_order_and_merges(
    desk: Desk, people: People, profiles: Profiles
) -> None:
    """ID (property conflict): a pure function of all statements; unmerge(merge) = identity."""
    draw = random.Random(7)
    for case in range(3):
        key = f"level{case}"
        names = [f"user_id:a{case}", f"openid@wx1:b{case}"]
        statements = [
            (
                draw.choice(names),
                draw.choice("xyz"),
                draw.randrange(40),
                draw.choice([1, 2, 3, "p", "q", None]),
            )
            for _ in range(11)
        ]
        members: dict[str, PersonId] = {}
        for name, source, minute, value in statements:
            members[name] = await told(desk, (source, minute, value), who=name, key=key)
        alone = {one: await value_of(desk, people, members[one], key) for one in members}
        one, other = (identifier(name) for name in names)
        async with desk.uows.app(desk.tenant) as uow:
            await people.link(uow, one, other, actor="t", reason="t")
        for policy, sources in _POLICIES:
            await rule(desk, profiles, policy, *sources, key=key)
            found = await value_of(desk, people, members[names[0]], key)
            said = _as_told(statements, members)
            if policy is Policy.UNION:
                assert sorted(found or [], key=str) == sorted(gathered(said), key=str)
            else:
                expected = winner(said, policy, sources)
                assert found == (expected.value if expected else None), (case, policy)
        await rule(desk, profiles, Policy.NEWEST, key=key)
        async with desk.uows.app(desk.tenant) as uow:
            await people.unlink(uow, one, other, actor="t", reason="t")
        assert {one: await value_of(desk, people, members[one], key) for one in members} == alone


_POLICIES = (
    (Policy.NEWEST, ()),
    (Policy.FIRST, ()),
    (Policy.MAX, ()),
    (Policy.PRIORITY, ("z", "x")),
    (Policy.UNION, ()),
)


def _as_told(statements: Any, members: dict[str, PersonId]) -> list[Statement]:
    """Gather the statements as a slow reader would: one per person id, source and value."""
    found: dict[tuple[str, str, str], Statement] = {}
    for position, (name, source, minute, value) in enumerate(statements):
        at = AT + timedelta(minutes=minute)
        known = found.get((name, source, repr(value)))
        end = max((at, position), (known.occurred_at, known.position)) if known else (at, position)
        found[(name, source, repr(value))] = Statement(
            person_id=members[name],
            source=source,
            value=value,
            first_at=min(at, known.first_at) if known else at,
            occurred_at=end[0],
            position=end[1],
        )
    return list(found.values())


async def test_setting_by_hand_is_a_statement_like_any_other(
    desk: Desk, people: People, profiles: Profiles
) -> None:
    person = await told(desk, ("web", 0, "杭州"))
    async with desk.uows.app(desk.tenant) as uow:
        found = await profiles.set_attribute(
            uow, person, SetAttribute(key="city", value="宁波"), actor="admin"
        )
    assert [(one.value, one.source, one.counts) for one in found.items] == [
        ("宁波", "console:admin", True),
        ("杭州", "web", False),
    ]
    async with desk.uows.app(desk.tenant) as uow:
        await profiles.set_attribute(uow, person, SetAttribute(key="city", value=None), actor="admin")
    assert await value_of(desk, people, person) is None
    facts = await desk.query("SELECT count(*) FROM person_attribute_past WHERE tenant_id = :tenant")
    assert facts == [(2,)]


async def test_bad_wishes_are_refused(desk: Desk, profiles: Profiles) -> None:
    person = await told(desk, ("web", 0, "杭州"))
    async with desk.uows.app(desk.tenant) as uow:
        with pytest.raises(NotAnAttribute):
            await profiles.set_attribute(uow, person, SetAttribute(key="手机号", value="x"), actor="a")
        with pytest.raises(NotAnAttribute, match="computed from history"):
            await profiles.set_attribute(uow, person, SetAttribute(key="computed.spend", value=1), actor="a")
        with pytest.raises(PersonNotFound):
            await profiles.set_attribute(
                uow, PersonId(2_000_000_000), SetAttribute(key="a", value=1), actor="a"
            )
        for key, policy, sources in (
            ("name", Policy.UNION, ()),
            ("city", Policy.PRIORITY, ()),
            ("city", Policy.MAX, ("x",)),
        ):
            with pytest.raises(PolicyNotPossible):
                await profiles.set_policy(
                    uow, SetAttributePolicy(key=key, policy=policy, sources=sources), actor="a"
                )
        assert (await profiles.policies(uow)).items == ()


async def test_the_oldest_of_very_many_statements_are_forgotten_but_the_first(
    desk: Desk, profiles: Profiles
) -> None:
    rows = [desk.row("user_id:u1", minute=at, traits={"page": f"p{at}"}) for at in range(60)]
    person = PersonId((await desk.resolve(*rows)).canonical_ids[0] or 0)

    found = await history(desk, profiles, person, "page")

    assert [one[0] for one in found] == [*(f"p{at}" for at in range(59, 8, -1)), "p0"]
