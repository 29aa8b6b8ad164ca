"""Our windows against the sandbox's own accounting: random lives, exact answers."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from integration.messaging.world import World, raising, text
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.ports import SendNotMade, SendRefused
from wechat_sandbox.windows import Grant, Trigger, open_grant, spend
from wechat_sandbox.wire.errors import PlatformError

ACTS = {
    "message_received": Trigger.MESSAGE,
    "menu_clicked": Trigger.CLICK,
    "followed": Trigger.FOLLOW,
    "scanned": Trigger.SCAN,
}
REFUSALS = {45015: "window_closed", 45047: "window_budget_spent"}
PEOPLE = range(1, 9)


@pytest.fixture
def world(
    uows: UnitOfWorkFactory, database: Database, tenant_id: TenantId, clock: FixedClock, key_ring: KeyRing
) -> World:
    return World(uows, database, tenant_id, clock, key_ring)


@dataclass
class Person:
    """What the platform knows of one person."""

    grants: dict[str, Grant] = field(default_factory=dict)


@pytest.mark.parametrize("seed", range(6))
async def test_what_we_grant_is_what_the_platform_grants(world: World, seed: int) -> None:
    chance = random.Random(seed)
    people = {number: Person() for number in PEOPLE}
    for number in PEOPLE:
        world.follower(number)
    sent = 0
    for _ in range(120):
        number = chance.choice(PEOPLE)
        person = people[number]
        world.later(seconds=chance.choice([1, 20, 40, 70, 3_600, 50_000]))
        step = chance.random()
        if step < 0.4:
            name = chance.choice(list(ACTS))
            trigger = ACTS[name]
            person.grants[trigger] = open_grant(trigger, world.clock.now().timestamp())
            await world.acts(number, name)
        elif step < 0.45:
            person.grants.clear()
            await world.acts(number, "unfollowed")
        else:
            sent += 1
            await _send_and_compare(world, person, number, f"{sent}", chance)


async def _send_and_compare(
    world: World, person: Person, number: int, key: str, chance: random.Random
) -> None:
    """Send one message; sometimes the platform turns it down for another reason, and it does not count."""
    answer = None
    after = person.grants
    try:
        after = spend(person.grants, world.clock.now().timestamp())
    except PlatformError as error:
        answer = error.code
    turned_down = answer is None and chance.random() < 0.25
    if turned_down:
        world.gateway.next_answers(world.openid(number), raising(SendRefused(43101, "refused")))
    elif answer is None:
        person.grants = after

    (planned,) = await world.plan(text(key, number, f"第{key}条"))
    assert planned.reason == (REFUSALS[answer] if answer else None)
    await world.send_all()

    expected = "refused" if answer else "rejected" if turned_down else "accepted"
    assert (await world.state(key))[0] == expected
    now = world.clock.now().timestamp()
    theirs = {grant.expires_at: grant.remaining for grant in person.grants.values() if now < grant.expires_at}
    assert sum(granted - used for used, granted in (await world.used(number)).values()) == sum(
        theirs.values()
    )


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_the_platform_answers_the_counts_add_up_and_nothing_leaks(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    for number in PEOPLE:
        world.follower(number)
    planned = 0
    for _ in range(25):
        for number in chance.sample(PEOPLE, 3):
            await world.acts(number, "message_received")
        batch = []
        for _ in range(chance.randint(1, 6)):
            number = chance.choice(PEOPLE)
            planned += 1
            batch.append(text(f"{planned:04}", number, f"第{planned}条"))
            if chance.random() < 0.3:
                error = chance.choice(
                    [SendRefused(-1), SendRefused(43101), SendRefused(45047), SendNotMade("x")]
                )
                world.gateway.next_answers(world.openid(number), raising(error))
        await world.plan(*batch)
        await world.send_all()
        world.later(seconds=chance.choice([1, 30, 5_000]))
        async with world.uows.app(world.tenant_id) as uow:
            summary = await world.messaging.summary(uow)
        parts = (summary.refused, summary.accepted, summary.rejected, summary.unknown, summary.in_progress)
        assert sum(parts) == summary.planned == planned
        assert summary.accepted == sum(len(texts) for texts in world.gateway.arrived.values())

    for texts in world.gateway.arrived.values():
        assert len(texts) == len(set(texts))
    facts = await world.facts()
    assert len(facts) == len(set(facts)) == planned - summary.in_progress


def test_the_sandbox_counts_from_the_same_instant() -> None:
    at = datetime(2026, 3, 4, tzinfo=UTC).timestamp()
    grant = open_grant(Trigger.MESSAGE, at)
    assert grant == Grant(at + timedelta(hours=48).total_seconds(), 5)
