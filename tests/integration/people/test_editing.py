"""Linking, unlinking and marking: an unmerge undoes a merge, whoever remembers what."""

import random
from typing import Any

import pytest

from quanyu.infra.warehouse import Warehouse
from quanyu.modules.people.contracts import Departure, EdgeOutcome, LinkResult, Merge, Split
from quanyu.modules.people.errors import IdentifierNotFound, UnusableIdentifier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.service import People

from .conftest import Desk, identifier
from .test_resolver import assert_same_as_pure

WHO = {"actor": "user:ling", "reason": "same person at the counter"}


@pytest.fixture
def people(desk: Desk) -> People:
    # Editing never asks the warehouse: this address is never opened.
    return People(desk.key_ring, Warehouse.at("http://127.0.0.1:1"))


async def link(desk: Desk, people: People, a: str, b: str) -> LinkResult:
    async with desk.uows.app(desk.tenant) as uow:
        return await people.link(uow, identifier(a), identifier(b), **WHO)


async def unlink(desk: Desk, people: People, a: str, b: str) -> LinkResult:
    async with desk.uows.app(desk.tenant) as uow:
        return await people.unlink(uow, identifier(a), identifier(b), **WHO)


async def snapshot(desk: Desk) -> list[Any]:
    """Everything a merge must leave as it was: who is who, attributes, times."""
    return [
        await desk.query(sql)
        for sql in (
            "SELECT token, person_id, canonical_id FROM identity WHERE tenant_id = :tenant ORDER BY 1",
            "SELECT id, canonical_id, first_seen_at, last_seen_at FROM person "
            "WHERE tenant_id = :tenant ORDER BY 1",
            "SELECT person_id, key, value, occurred_at FROM person_attribute "
            "WHERE tenant_id = :tenant ORDER BY 1, 2",
            "SELECT people FROM identity_version WHERE tenant_id = :tenant",
        )
    ]


async def attributes(desk: Desk, people: People, person: int | None) -> dict[str, Any]:
    assert person is not None
    async with desk.uows.app(desk.tenant) as uow:
        (found,) = (await people.attributes_of(uow, [person])).values()  # type: ignore[list-item]
        return found


async def test_unlinking_undoes_linking(desk: Desk, people: People) -> None:
    first = await desk.resolve(
        desk.row("phone:13800138000", minute=1, traits={"city": "上海", "level": 1}),
        desk.row("openid@wx1:o1", minute=2, traits={"city": "北京"}),
    )
    one, two = first.person_ids
    assert one is not None
    assert two is not None
    before = await snapshot(desk)

    linked = await link(desk, people, "phone:13800138000", "openid@wx1:o1")
    assert linked == LinkResult(EdgeOutcome.HELD, "", (one, one), (Merge(two, one),), ())  # type: ignore[arg-type]
    assert await attributes(desk, people, two) == {"city": "北京", "level": 1}
    assert (await desk.resolve(desk.row("openid@wx1:o1", minute=2))).canonical_ids == [one]
    await desk.check()

    unlinked = await unlink(desk, people, "openid@wx1:o1", "phone:13800138000")
    left = Departure(desk.token("openid@wx1:o1"), "openid", two, one, two)
    assert unlinked == LinkResult(
        EdgeOutcome.REMOVED,
        "",
        (two, one),  # type: ignore[arg-type]
        (),
        (Split(two, one, two),),
        (left,),
    )
    assert await snapshot(desk) == before
    assert await attributes(desk, people, one) == {"city": "上海", "level": 1}
    assert await attributes(desk, people, two) == {"city": "北京"}
    await desk.check()


async def test_a_resolver_that_remembers_learns_of_an_unmerge_elsewhere(desk: Desk, people: People) -> None:
    await desk.resolve(desk.row("openid@wx1:o1"), desk.row("phone:13800138000", minute=1))
    merged = await desk.resolve(desk.row("openid@wx1:o1", "phone:13800138000", minute=2))
    assert len(merged.merges) == 1
    rows = [desk.row("openid@wx1:o1", minute=3), desk.row("phone:13800138000", minute=3)]
    assert len(set((await desk.resolve(*rows)).canonical_ids)) == 1
    await unlink(desk, people, "openid@wx1:o1", "phone:13800138000")
    result = await desk.resolve(*rows)
    assert result.canonical_ids == result.person_ids
    assert len(set(result.canonical_ids)) == 2


async def test_what_was_held_apart_stays_apart(desk: Desk, people: People) -> None:
    both = desk.row("user_id:u1", "phone:13800138000")
    await desk.resolve(both)
    await unlink(desk, people, "user_id:u1", "phone:13800138000")
    desk.resolver = Resolver(desk.key_ring)
    await desk.resolve(both, both._replace(occurred_at=both.occurred_at.replace(year=2020)))
    names = ["user_id:u1", "phone:13800138000"]
    assert await desk.people(names) == {frozenset({name}) for name in names}
    # Each side can own events again: the phone, which never had, got an id of its own.
    result = await desk.resolve(desk.row("phone:13800138000"), desk.row("user_id:u1"))
    assert result.canonical_ids == result.person_ids
    await link(desk, people, *names)
    assert await desk.people(names) == {frozenset(names)}
    await desk.check()


async def test_a_limit_holds_against_a_link_and_says_why(desk: Desk, people: People) -> None:
    await desk.resolve(desk.row("user_id:u1", "phone:13800138000"), desk.row("user_id:u2"))
    before = await snapshot(desk)
    result = await link(desk, people, "user_id:u2", "phone:13900139000")
    assert result.outcome is EdgeOutcome.HELD
    refused = await link(desk, people, "user_id:u1", "user_id:u2")
    assert (refused.outcome, refused.reason, refused.merges) == (EdgeOutcome.DEMOTED, "limit:user_id", ())
    assert (await snapshot(desk))[1] == before[1]
    await desk.check()


async def test_linking_publishes_who_said_so_and_why(desk: Desk, people: People) -> None:
    await link(desk, people, "user_id:u1", "phone:13800138000")
    (row,) = await desk.query("SELECT name, properties FROM log_event WHERE tenant_id = :tenant")
    assert row[0] == "people.linked"
    assert row[1]["actor"] == "user:ling"
    assert row[1]["note"] == "same person at the counter"
    assert await desk.query("SELECT evidence, source, note FROM identity_edge WHERE tenant_id = :tenant") == [
        ("explicit", "user:ling", "user:ling: same person at the counter")
    ]


async def test_marking_a_value_shared_takes_apart_what_it_joined_and_back(desk: Desk, people: People) -> None:
    await desk.resolve(
        desk.row("openid@wx1:o1", "phone:13800138000", minute=1),
        desk.row("openid@wx2:o2", "phone:13800138000", minute=2),
    )
    names = ["openid@wx1:o1", "openid@wx2:o2", "phone:13800138000"]
    assert await desk.people(names) == {frozenset(names)}
    async with desk.uows.app(desk.tenant) as uow:
        marked = await people.set_shared(uow, identifier(names[2]), is_shared=True, **WHO)
    assert marked.reason == "shared"
    assert await desk.people(names) == {frozenset({name}) for name in names}
    await desk.check()
    # An event that carries only the shared value is its own, and one beside it is the other's.
    result = await desk.resolve(desk.row(names[2], minute=9), desk.row(names[0], names[2], minute=9))
    assert len(set(result.canonical_ids)) == 2
    async with desk.uows.app(desk.tenant) as uow:
        await people.set_shared(uow, identifier(names[2]), is_shared=False, **WHO)
    assert await desk.people(names) == {frozenset(names)}
    await desk.check()


async def test_unusable_and_unknown_identifiers_are_refused(desk: Desk, people: People) -> None:
    await desk.resolve(desk.row("user_id:u1"))
    before = await snapshot(desk)
    for a, b, error in (
        ("user_id:u1", "user_id:null", UnusableIdentifier),
        ("user_id:u1", "user_id:u1", UnusableIdentifier),
        ("user_id:u1", "user_id:nobody", IdentifierNotFound),
    ):
        with pytest.raises(error):
            await unlink(desk, people, a, b)
    assert await snapshot(desk) == before


@pytest.mark.parametrize("seed", range(4))
async def test_edits_and_events_in_any_order_agree_with_the_pure_rules(
    desk: Desk, people: People, seed: int
) -> None:
    dice = random.Random(seed)
    names = [f"openid@wx{number % 3}:o{number}" for number in range(6)]
    names += [f"user_id:u{number}" for number in range(4)] + [
        "phone:13800138000",
        "email:a@b.cn",
        "device:d1",
    ]
    await desk.resolve(*(desk.row(name) for name in names))
    for _ in range(40):
        a, b = dice.sample(names, 2)
        match dice.randrange(4):
            case 0:
                await link(desk, people, a, b)
            case 1:
                await unlink(desk, people, a, b)
            case _:
                await desk.resolve(desk.row(a, b, minute=dice.randrange(9_999)), desk.row(b))
        await desk.check()
    await assert_same_as_pure(desk)
