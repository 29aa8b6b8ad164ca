"""The brand's rules at work: caps, spacing, exclusion, priority, the blocklist; and why (FC, SOP-4, 5)."""

from datetime import time, timedelta
from typing import Any

import pytest

from integration.messaging.world import World, text
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.messaging.blocklist import BlockPeople, BlockScope
from quanyu.modules.messaging.contracts import (
    CapRule,
    CapUnit,
    Channel,
    ExclusionRule,
    MessageClass,
    MessageDetail,
    MessagePolicy,
    MessageState,
    PlannedMessage,
    Priority,
    QuietHours,
    RefusalReason,
    WhenCapped,
)
from quanyu.modules.messaging.reach import Reach, Reachable

HOURLY = CapRule(key="spacing", limit=1, unit=CapUnit.HOURS, when_capped=WhenCapped.WAIT)


async def rules(world: World, **options: Any) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(**{"duplicate_window_s": 0, **options}))


async def write(world: World, key: str, person_id: int = 1, **options: Any) -> PlannedMessage:
    (planned,) = await world.plan(text(key, person_id, key, **options))
    return planned


async def detail(world: World, planned: PlannedMessage) -> MessageDetail:
    async with world.uows.app(world.tenant_id) as uow:
        return await world.messaging.get_message(uow, planned.message_id)


async def test_a_spaced_message_waits_for_its_turn_and_says_so(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await rules(world, caps=(HOURLY,))
    first, second = await write(world, "a"), await write(world, "b")
    assert (first.state, second.state) == (MessageState.RESERVED, MessageState.PLANNED)
    assert second.due_at == world.clock.now() + timedelta(hours=1)

    world.later(minutes=59)
    await world.send_all()
    assert (await detail(world, second)).state is MessageState.PLANNED
    world.later(minutes=2)
    await world.send_all()

    told = await detail(world, second)
    assert told.state is MessageState.ACCEPTED
    assert [(one.verdict, one.why) for one in told.decisions] == [("held", "cap:spacing"), ("reserved", "")]
    assert told.decisions[0].until == second.due_at
    assert told.decisions[1].took == ("cap:spacing", "window:message")


async def test_a_message_that_would_wait_too_long_is_refused_with_the_rule(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await rules(world, caps=(HOURLY,))
    await write(world, "a")
    late = await write(world, "b", expires_at=world.clock.now() + timedelta(minutes=30))
    assert (late.state, late.reason) == (MessageState.REFUSED, RefusalReason.FREQUENCY_CAPPED)
    assert (await detail(world, late)).detail == "spacing: 1/1 hours"


async def test_a_rolling_cap_counts_from_each_message_not_from_the_hour(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await rules(world, caps=(CapRule(key="busy", limit=2, every=6, unit=CapUnit.HOURS),))
    states = []
    for hour in range(9):
        states.append(str((await write(world, f"m{hour}")).state))
        await world.send_all()
        world.later(hours=1)
    sent = ["accepted" if state == "reserved" else state for state in states]
    # Two at 0 and 1 h; room again at 6 h (the first counts no more) and 7 h.
    assert [state == "accepted" for state in sent] == [
        True, True, False, False, False, False, True, True, False,
    ]  # fmt: skip


async def test_what_is_given_back_is_the_very_unit_that_was_taken(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await rules(world, caps=(CapRule(key="daily", limit=2),))
    await write(world, "a")
    await world.send_all()
    world.later(hours=1)
    planned = await write(world, "b", campaign="bct_x")
    assert planned.state is MessageState.RESERVED
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.campaigns.stop(uow, "bct_x")
        assert await world.messaging.campaigns.withdraw(uow, "bct_x") == 1
    assert (await write(world, "c")).state is MessageState.RESERVED
    assert (await write(world, "d")).state is MessageState.REFUSED


async def test_of_one_persons_messages_the_most_urgent_takes_the_last_room(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await rules(
        world,
        caps=(CapRule(key="daily", limit=3, kept_for_high=1),),
        priorities={"jrn_high": Priority.HIGH, "jrn_low": Priority.LOW},
    )
    planned = await world.plan(
        text("low", 1, "一", campaign="jrn_low"),
        text("normal", 1, "二"),
        text("high", 1, "三", campaign="jrn_high"),
    )
    assert [one.state for one in planned] == ["refused", "reserved", "reserved"]


async def test_campaigns_of_a_group_exclude_each_other_and_tell_which_came_first(world: World) -> None:
    for person in (1, 2):
        world.follower(person)
        await world.acts(person, "message_received")
    await rules(world, exclusions=(ExclusionRule(key="winter", campaigns=("jrn_a", "jrn_b"), days=3),))
    assert (await write(world, "a", campaign="jrn_a")).state is MessageState.RESERVED
    other = await write(world, "b", campaign="jrn_b")
    assert other.reason == RefusalReason.EXCLUDED
    assert (await detail(world, other)).detail == "jrn_a"
    assert (await write(world, "c", campaign="jrn_a")).state is MessageState.RESERVED
    assert (await write(world, "d")).state is MessageState.RESERVED  # Of no campaign.
    assert (await write(world, "e", 2, campaign="jrn_b")).state is MessageState.RESERVED  # Somebody else.

    await world.send_all()
    world.later(days=3, minutes=1)
    await world.acts(1, "message_received")
    assert (await write(world, "f", campaign="jrn_b")).state is MessageState.RESERVED


async def test_quiet_hours_follow_the_persons_own_zone(world: World) -> None:
    """Noon in Shanghai is night in New York."""
    for person, zone in ((1, "America/New_York"), (2, "nowhere"), (3, None)):
        world.follower(person, **({"time_zone": zone} if zone else {}))
        await world.acts(person, "message_received")
    await rules(
        world,
        quiet_hours=(QuietHours(start=time(22), end=time(8), jitter_s=0),),
        zone_attribute="time_zone",
    )
    states = [(await write(world, f"m{person}", person)).state for person in (1, 2, 3)]
    assert states == ["planned", "reserved", "reserved"]


async def test_the_blocklist_stops_what_is_planned_and_what_waits(world: World) -> None:
    for person in (1, 2):
        world.follower(person)
        await world.acts(person, "message_received")
    await rules(world)
    waiting = await write(world, "waits")
    people = (encode_id("per", 1), encode_id("per", 2))
    async with world.uows.app(world.tenant_id) as uow:
        for _ in range(2):
            block = BlockPeople(person_ids=people, note="投诉", ends_at=uow.clock.now() + timedelta(days=1))
            assert await world.messaging.blocklist.block(uow, block, actor="陈小满") == 2
        page = await world.messaging.blocklist.list_blocked(uow, limit=1)
        rest = await world.messaging.blocklist.list_blocked(uow, limit=1, cursor=page.next_cursor)
        assert [one.person_id for one in (*page.items, *rest.items)] == [people[1], people[0]]
        assert rest.next_cursor is None
    await world.send_all()
    stopped = await detail(world, waiting)
    assert (stopped.state, stopped.reason) == (MessageState.REFUSED, RefusalReason.BLOCKED)
    assert [one.verdict for one in stopped.decisions] == ["reserved", "refused"]
    assert (await write(world, "marketing")).reason == RefusalReason.BLOCKED
    order = await write(world, "order", message_class=MessageClass.TRANSACTIONAL)
    assert order.state is MessageState.RESERVED

    async with world.uows.app(world.tenant_id) as uow:
        everything = BlockPeople(person_ids=people[:1], scope=BlockScope.EVERYTHING)
        await world.messaging.blocklist.block(uow, everything, actor="陈小满")
        await world.messaging.blocklist.unblock(uow, PersonId(2))
    order = await write(world, "order 2", message_class=MessageClass.TRANSACTIONAL)
    assert order.reason == RefusalReason.BLOCKED
    assert (await write(world, "other", 2)).state is MessageState.RESERVED
    world.later(days=2)
    assert (await write(world, "still", 1)).reason == RefusalReason.BLOCKED  # The newer entry has no end.


async def reach(world: World, person_id: int = 1) -> Reach:
    async with world.uows.app(world.tenant_id) as uow:
        return await world.messaging.reach.of(uow, PersonId(person_id))


async def test_reach_says_what_the_governor_would_and_takes_nothing(world: World) -> None:
    world.follower(1)
    await write(world, "a")  # The account has a lane from now on; the window is closed.
    ((way, reason, _),) = [
        (one.reachable, one.reason, one.until)
        for one in (await reach(world)).ways
        if not one.template_id and one.kind == "customer_service_text"
    ]
    assert (way, reason) == (Reachable.NO, RefusalReason.WINDOW_CLOSED)

    await world.acts(1, "message_received")
    await rules(world, caps=(HOURLY,))
    before = await world.used(1)
    (way,) = [one for one in (await reach(world)).ways if one.kind == "customer_service_text"]
    assert (way.reachable, way.channel) == (Reachable.NOW, Channel.OFFICIAL_ACCOUNT)
    assert await world.used(1) == before
    assert await world.counters() == {}

    await write(world, "b")
    (way,) = [one for one in (await reach(world)).ways if one.kind == "customer_service_text"]
    assert (way.reachable, way.detail) == (Reachable.LATER, "cap:spacing")
    assert way.until == world.clock.now() + timedelta(hours=1)


async def test_caps_and_blocks_follow_people(world: World) -> None:
    """Merged, both count together; parted again, neither gets more than the rules allow (ID-2)."""
    old, new = world.follower(1), world.follower(2)
    for person in (1, 2):
        await world.acts(person, "message_received")
    await rules(world, caps=(CapRule(key="daily", limit=2),))
    await write(world, "a", 1)
    await write(world, "b", 2)
    async with world.uows.app(world.tenant_id) as uow:
        block = BlockPeople(person_ids=(encode_id("per", 1),))
        await world.messaging.blocklist.block(uow, block, actor="陈小满")
    for _ in range(2):
        async with world.uows.system(world.tenant_id) as uow:
            await world.messaging.follow_merges(uow, {old: new})
    assert await world.counters() == {"cap:daily:2": 2}
    assert (await write(world, "c", 2)).reason == RefusalReason.BLOCKED
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.blocklist.unblock(uow, new)
    assert (await write(world, "d", 2)).reason == RefusalReason.FREQUENCY_CAPPED

    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.follow_splits(uow, [(old, new, old)], [])
    assert (await write(world, "e", 1)).reason == RefusalReason.FREQUENCY_CAPPED


async def test_a_message_of_another_brand_is_not_found(world: World) -> None:
    with pytest.raises(AppError, match="there is no message"):
        async with world.uows.app(world.tenant_id) as uow:
            await world.messaging.get_message(uow, 12345)
