"""A replay says of the past what the journey really did, message by message; it changes nothing."""

from collections import Counter
from dataclasses import replace
from datetime import time
from random import Random
from typing import Any

import pytest

from integration.journeys.world import END, FOLLOWED, WROTE, World, ask, graph, say, until, wait
from integration.messaging.world import APPID
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.journeys.replay.contracts import JourneyReplayState, ReplayReport, StartJourneyReplay
from quanyu.modules.journeys.replay.running import Replayer
from quanyu.modules.journeys.replay.service import PREFIX, Replays
from quanyu.modules.messaging.contracts import CapRule, CapUnit, MessagePolicy, QuietHours
from quanyu.modules.segments.contracts import SaveSegment

VIEWED = "Product Viewed"
ORDERED = "Order Completed"
LOOKED_AGAIN = {
    "kind": "event",
    "name": VIEWED,
    "window": {"kind": "rolling", "amount": 3, "unit": "hours"},
    "count": {"op": "gte", "value": 2},
}
HOURS = 60
PEOPLE = ("安", "柏", "陈", "丁", "娥", "方")


def _draft() -> dict[str, Any]:
    drawn = graph(
        {"kind": "event", "event": VIEWED, "reentry": {"mode": "cool_down", "cool_down_s": 4 * 3600}},
        rest=wait(3600, "looked"),
        looked=ask(LOOKED_AGAIN, "hello", "remind"),
        hello=say("您看中的茶还有货", "bought"),
        remind=say("新茶上架了", "bought"),
        bought=until(ORDERED, 6 * 3600, "thanks", "out"),
        thanks=say("谢谢您", "out", message_class="transactional"),
        out=END,
    )
    goal = {"event": ORDERED, "within_s": 3 * 3600, "leaves": False}
    return drawn | {"exits": [{"kind": "event", "event": "Refunded"}], "goal": goal}


def _replays(world: World, *, people_of_block: int = 40_000) -> Replays:
    replayer = Replayer(
        world.brand.uows,
        world.brand.gate._warehouse,
        world.audience,
        world.persons,
        world.messaging.rehearsal,
        WorkPool(processes=2),
        people_of_block=people_of_block,
    )
    return Replays(world.brand.uows, world.journeys.draft, world.brand.people, replayer)


async def _replay(world: World, journey: int, replays: Replays, *, days: int = 4) -> ReplayReport:
    async with world.brand.uows.app(world.tenant) as uow:
        made = await replays.start(uow, journey, StartJourneyReplay(days=days), actor="测试")
    assert await replays.run_next(world.tenant) == 1
    async with world.brand.uows.app(world.tenant) as uow:
        done = await replays.get(uow, journey, decode_id(PREFIX, made.id))
    assert (done.state, done.error, done.progress) == (JourneyReplayState.DONE, "", 1.0)
    assert done.report is not None
    return done.report


async def _live(world: World, random: Random) -> None:
    """Let people act at whole hours, and the platform follow at once."""
    deeds = (VIEWED, VIEWED, ORDERED, WROTE, "Refunded", FOLLOWED)
    for _ in range(HOURS):
        acts = [(random.choice(PEOPLE), random.choice(deeds)) for _ in range(random.randint(0, 2))]
        events = [
            replace(
                world.event(user, name),
                context={"channel": "official_account", "app": APPID} if name in (FOLLOWED, WROTE) else {},
            )
            for user, name in acts
        ]
        if events:
            await world.tell(*events)
        await world.run()
        await world.send_all()
        world.later(hours=1)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_replay_is_what_really_happened(world: World, seed: int) -> None:
    """The same draft, live over 60 hours and replayed at their end."""
    policy = MessagePolicy(
        quiet_hours=(QuietHours(start=time(23), end=time(7), jitter_s=0),),
        caps=(CapRule(key="daily", limit=1), CapRule(key="weekly", limit=4, unit=CapUnit.WEEKS)),
    )
    async with world.brand.uows.app(world.tenant) as uow:
        await world.messaging.set_policy(uow, policy)
    people = await world.meet(*PEOPLE)
    del world.neighbours.recipients[people[5]]  # One has no address.
    journey = await world.publish(_draft())
    await _live(world, Random(seed))
    await world.run()
    await world.send_all()
    before = await _effects(world)

    report = await _replay(world, journey, _replays(world, people_of_block=2))

    view = await world.view(journey)
    assert report.entries == view.entered > 5
    assert sum(report.outcomes.values()) == report.entries
    assert report.outcomes.get("end", 0) == view.completed
    assert {name: dict(node.ways) for name, node in report.nodes.items() if node.ways} == (
        await world.outcomes(journey)
    )
    assert {name: node.standing for name, node in report.nodes.items() if node.standing} == (
        await world.waiting(journey)
    )
    told = Counter((node, reason or "sent") for node, _, reason in await world.messages())
    replayed: Counter[tuple[str | None, str]] = Counter()
    for node, one in report.sends.items():
        replayed.update({(node, "sent"): one.sent} if one.sent else {})
        replayed.update({(node, refused.reason): refused.count for refused in one.refused})
        assert one.planned == one.sent + sum(refused.count for refused in one.refused)
    assert replayed == told
    assert told[None, "sent"] == 0 < told.total()
    assert sum(day.entered for day in report.days) == report.entries
    assert (
        sum(day.sent for day in report.days)
        == sum(report.hours)
        == told.total() - sum(count for (_, reason), count in told.items() if reason != "sent")
    )
    assert report.tick_s == 3600
    assert report.conflicts == ()  # What the journey itself sent is what is replayed.
    assert await _effects(world) == before


async def _effects(world: World) -> list[Any]:
    """Return how much there is of everything a journey may leave behind."""
    return await world.rows(
        "SELECT (SELECT count(*) FROM enrolment), (SELECT count(*) FROM message_intent), "
        "(SELECT count(*) FROM journey_step), (SELECT count(*) FROM log_event), "
        "(SELECT sum(used) FROM message_window WHERE tenant_id = :tenant)"
    )


async def test_comings_of_a_young_segment_are_computed_day_by_day(world: World) -> None:
    await world.meet("安", "柏", "陈")
    await world.acts("安", ORDERED)
    world.later(hours=30)
    await world.acts("柏", ORDERED)
    world.later(hours=30)
    bought = {"kind": "event", "name": ORDERED, "window": {"kind": "ever"}}
    async with world.brand.uows.app(world.tenant) as uow:
        command = SaveSegment(name="买过", description="", definition=bought)
        segment = await world.brand.segments.create(uow, command)
    entry = {"kind": "segment_entered", "segment_id": segment.id}
    journey = await world.draw(graph(entry, hello=say("谢谢", "out"), out=END))

    report = await _replay(world, journey, _replays(world), days=3)

    assert (report.computed_entries, report.people, report.entries) == (True, 2, 2)
    assert report.outcomes == {"end": 2}
    (refused,) = report.sends["hello"].refused
    assert (refused.reason, refused.count) == ("window_closed", 2)


async def test_messages_of_others_around_the_same_time_are_told(world: World) -> None:
    await world.meet("安")
    other = await world.publish(graph("Gift", hello=say("礼物", "out"), out=END), "另一个")
    await world.writes("安")
    await world.acts("安", "Gift")
    await world.run()
    await world.send_all()
    await world.acts("安")
    world.later(hours=2)
    draft = await world.draw(graph(VIEWED, hello=say("你好", "out"), out=END))

    replays = _replays(world)
    report = await _replay(world, draft, replays)

    (conflict,) = report.conflicts
    assert (conflict.journey_id, conflict.messages, conflict.people) == (encode_id("jrn", other), 1, 1)
    async with world.brand.uows.app(world.tenant) as uow:
        (last,) = (await replays.list_of(uow, draft)).items
        people = await replays.people(uow, draft, decode_id(PREFIX, last.id), "sent:hello")
    assert [one.id for one in people.items] == [encode_id("per", await world.person("安"))]


async def test_a_cancelled_replay_keeps_nothing_and_a_faulty_draft_is_refused(world: World) -> None:
    journey = await world.draw(graph(VIEWED, out=END))
    replays = _replays(world)
    async with world.brand.uows.app(world.tenant) as uow:
        made = await replays.start(uow, journey, StartJourneyReplay(), actor="测试")
    async with world.brand.uows.app(world.tenant) as uow:
        ended = await replays.cancel(uow, journey, decode_id(PREFIX, made.id))
    assert ended.state is JourneyReplayState.CANCELLED
    assert await replays.run_next(world.tenant) == 0

    broken = await world.draw(graph(VIEWED, rest=wait(5, "nowhere")))
    with pytest.raises(AppError):
        async with world.brand.uows.app(world.tenant) as uow:
            await replays.start(uow, broken, StartJourneyReplay(), actor="测试")


async def test_what_was_cut_off_begins_anew(world: World) -> None:
    journey = await world.draw(graph(VIEWED, out=END))
    async with world.brand.uows.app(world.tenant) as uow:
        made = await _replays(world).start(uow, journey, StartJourneyReplay(), actor="测试")
        await uow.execute("UPDATE journey_replay SET state = 'running'")
    again = _replays(world)
    assert await again.run_next(world.tenant) == 1
    async with world.brand.uows.app(world.tenant) as uow:
        assert (await again.get(uow, journey, decode_id(PREFIX, made.id))).state is JourneyReplayState.DONE


async def test_goings_of_a_young_segment_are_computed_day_by_day(world: World) -> None:
    await world.meet("安", "柏")
    await world.acts("安", ORDERED)
    world.later(hours=60)
    await world.acts("柏", ORDERED)
    world.later(hours=1)
    lately = {
        "kind": "event",
        "name": ORDERED,
        "window": {"kind": "rolling", "amount": 1, "unit": "days"},
    }
    async with world.brand.uows.app(world.tenant) as uow:
        command = SaveSegment(name="刚买过", description="", definition=lately)
        segment = await world.brand.segments.create(uow, command)
    entry = {"kind": "segment_left", "segment_id": segment.id}
    journey = await world.draw(graph(entry, hello=say("再来看看", "out"), out=END))

    report = await _replay(world, journey, _replays(world), days=3)

    assert (report.computed_entries, report.people, report.entries) == (True, 1, 1)
