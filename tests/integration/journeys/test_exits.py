"""Exits and goals: checked at once, and before anything goes out (JN-12, JN-13, SOP-3)."""

from typing import Any

import pytest

from integration.journeys.test_first_slice import _buyers, _refresh
from integration.journeys.world import END, World, graph, say, wait
from integration.messaging.world import raising
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.messaging.ports import SendUnknown
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.service import Consent

DAY = 86_400
BOUGHT = {"kind": "event", "event": "Order Completed"}


def reminding(*exits: dict[str, Any], goal: dict[str, Any] | None = None) -> dict[str, Any]:
    """Wait a day after a start, say something, wait another."""
    nodes = {
        "rest": wait(DAY, "hello"),
        "hello": say("你好", "linger"),
        "linger": wait(DAY, "out"),
        "out": END,
    }
    return {**graph("Started", **nodes), "exits": list(exits), "goal": goal}


async def goals(world: World, journey: int) -> int:
    return (await world.view(journey)).goals


async def stated(world: World, journey: int) -> list[tuple[str, str | None]]:
    """Return (name, reason) of everything the journey stated, in order."""
    found = await world.rows(
        "SELECT name, properties->>'reason' FROM log_event WHERE tenant_id = :tenant AND name LIKE "
        f"'journeys.%' AND properties->>'journey_id' = '{encode_id('jrn', journey)}' ORDER BY position"
    )
    return [(row[0], row[1]) for row in found]


async def withdraws(world: World, person: int) -> None:
    async with world.brand.uows.app(world.tenant) as uow:
        saying = Saying(
            person_id=PersonId(person),
            operation_id=f"no:{person}",
            purpose="marketing",
            channel=ConsentChannel.ALL,
            state=ConsentState.WITHDRAWN,
            text_version=None,
            source=ConsentSource.STAFF,
            occurred_at=world.now,
        )
        await Consent().say(uow, saying)
    await world.brand.drain()
    await world.react()


async def test_whoever_does_it_leaves_at_once_and_others_go_on(world: World) -> None:
    """JN-12: people who are parked do not wait for their timer; the reason is stored and stated."""
    await world.meet("安", "柏")
    journey = await world.publish(
        reminding({**BOUGHT, "where": [{"field": "revenue", "op": "gte", "value": 100}]})
    )
    await world.acts("安", "Started")
    await world.acts("柏", "Started")
    await world.run()
    await world.acts("安", "Order Completed", revenue=50, currency="CNY", order_id="a")
    assert await world.totals(journey) == (2, 2, 0, 0), "too small an order"
    await world.acts("安", "Order Completed", revenue=120, currency="CNY", order_id="b")
    assert await world.totals(journey) == (2, 1, 0, 1), "without the engine"
    assert await world.path(journey, "安") == [("rest", "exit_event")]
    world.later(days=1, seconds=1)
    await world.run()
    assert await world.path(journey, "柏") == [("rest", "next"), ("hello", "next")]
    assert [node for node, *_ in await world.messages()] == ["hello"]
    assert await stated(world, journey) == [
        ("journeys.entered", None),
        ("journeys.entered", None),
        ("journeys.left", "exit_event"),
    ]
    await world.check()


async def test_a_message_on_its_way_does_not_outlive_the_passage(world: World) -> None:
    """JN-12, JN-15: asked once more at hand-over, of those who came to the end, too."""
    await world.meet("安", "柏")
    await world.writes("安", "柏")
    nodes = {"hello": say("你好", "out"), "out": END}
    journey = await world.publish({**graph("Started", **nodes), "exits": [BOUGHT]})
    for one in ("安", "柏"):
        await world.acts(one, "Started")
    await world.run()
    assert await world.totals(journey) == (2, 0, 2, 0)
    await world.acts("安", "Order Completed", order_id="a")
    await world.send_all()
    assert sorted(await world.messages(), key=str) == [
        ("hello", "accepted", None),
        ("hello", "refused", "stopped"),
    ]
    assert world.gateway.calls == 1
    assert await world.totals(journey) == (2, 0, 2, 0), "who came to the end completed"
    await world.check()


async def test_what_had_no_answer_is_not_repeated_to_somebody_who_left(world: World) -> None:
    """JN-12: a repeat under the platform's key is a message, too; others are repeated."""
    await world.meet("安", "柏")
    await world.add_template("notice", "thing")
    said = {
        "message_kind": "template",
        "content": {"template_id": "notice", "data": {"thing": "{{ event.name }}"}},
    }
    drawn = graph("Started", hello=say("", "out", **said), out=END)
    await world.publish({**drawn, "exits": [BOUGHT]})
    for one in ("安", "柏"):
        world.gateway.next_answers(
            f"openid-{world.tenant}-{await world.person(one)}", raising(SendUnknown("no answer"))
        )
        await world.acts(one, "Started")
    await world.run()
    await world.send_all()
    assert [state for _, state, _ in await world.messages()] == ["unknown"] * 2
    assert world.gateway.calls == 2
    await world.acts("安", "Order Completed", order_id="a")
    world.later(minutes=5)
    await world.send_all()
    assert sorted(state for _, state, _ in await world.messages()) == ["accepted", "unknown"]
    assert world.gateway.calls == 3


async def test_goals_count_once_in_their_window(world: World) -> None:
    """JN-13: one conversion per entry, from the entry on; SOP-3: what remains is cancelled."""
    await world.meet("安", "柏", "辰")
    goal = {"event": "Order Completed", "within_s": 3 * DAY}
    journey = await world.publish(reminding(goal=goal))
    keeping = await world.publish(reminding(goal={**goal, "leaves": False}), "继续")
    await world.acts("安", "Order Completed", order_id="before")
    for one in ("安", "柏", "辰"):
        await world.acts(one, "Started")
    await world.run()
    assert await goals(world, journey) == 0
    await world.acts("安", "Order Completed", order_id="1")
    await world.acts("安", "Order Completed", order_id="2")
    assert (await goals(world, journey), await goals(world, keeping)) == (1, 1)
    assert await world.path(journey, "安") == [("rest", "goal")]
    assert await world.waiting(keeping) == {"rest": 3}

    world.later(days=1, seconds=1)
    await world.run()
    world.later(days=1, seconds=1)
    await world.run()
    assert await world.totals(journey) == (3, 0, 2, 1)
    await world.acts("柏", "Order Completed", order_id="3")
    assert await goals(world, journey) == 2, "who came to the end may still do it"
    world.later(days=2)
    await world.acts("辰", "Order Completed", order_id="4")
    assert await goals(world, journey) == 2, "too late"
    assert (await stated(world, journey)).count(("journeys.goal_reached", None)) == 2
    async with world.brand.uows.app(world.tenant) as uow:
        listed = await world.journeys.list_journeys(uow)
    assert [(one.name, one.goals) for one in listed.items] == [("继续", 2), ("旅程", 2)]
    await world.check()


async def test_segments_and_consent(world: World) -> None:
    """JN-12: going into a segment or withdrawing consent ends it; the reason says which."""
    _, bo = await world.meet("安", "柏")
    segment = await _buyers(world)
    journey = await world.publish(
        reminding(
            {"kind": "segment", "segment_id": segment, "move": "entered"},
            {"kind": "consent_withdrawn", "purpose": "marketing"},
        )
    )
    for one in ("安", "柏"):
        await world.acts(one, "Started")
    await world.run()
    await world.acts("安", "Order Completed", order_id="1")
    await _refresh(world, segment)
    assert await world.path(journey, "安") == [("rest", "exit_segment")]
    await withdraws(world, bo)
    assert await world.path(journey, "柏") == [("rest", "consent_withdrawn")]
    assert await world.totals(journey) == (2, 0, 0, 2)
    await world.check()


async def test_told_in_any_order_it_ends_the_same(world: World) -> None:
    """IN-2: what ended a passage may be heard before what began it; between two entries it makes room."""
    await world.meet("安", "柏")
    entry = {"kind": "event", "event": "Started", "reentry": {"mode": "after_exit"}}
    journey = await world.publish({**graph(entry, rest=wait(DAY, "out"), out=END), "exits": [BOUGHT]})
    start = world.event("安", "Started")
    world.later(seconds=30)
    await world.acts("安", "Order Completed", order_id="1")
    world.later(seconds=30)
    await world.tell(start)
    assert await world.path(journey, "安") == [("rest", "exit_event")]

    events = []
    for name in ("Started", "Order Completed", "Started"):
        events.append(world.event("柏", name))
        world.later(seconds=10)
    await world.tell(*events)
    assert await world.path(journey, "柏") == [("rest", "exit_event")]
    assert await world.waiting(journey) == {"rest": 1}
    await world.check()


async def test_a_journey_is_not_entered_by_its_own_facts(world: World) -> None:
    await world.meet("安")
    turning = {"kind": "event", "event": "journeys.left", "reentry": {"mode": "after_exit"}}
    journey = await world.publish(graph("Started", out=END))
    following = await world.publish(graph(turning, out=END), "接着")
    await world.acts("安", "Started")
    for _ in range(3):
        await world.run()
        world.later(seconds=2)
        await world.acts("安", "Looked")
    assert await world.totals(journey) == (1, 0, 1, 0)
    assert await world.totals(following) == (1, 0, 1, 0)


async def test_a_segment_nobody_has_is_found_before_publishing(world: World) -> None:
    missing = {"kind": "segment", "segment_id": encode_id("seg", 9), "move": "left"}
    drawn = await world.draw(reminding(BOUGHT, missing))
    with pytest.raises(InvalidJourney) as caught:
        await world.order("publish", drawn)
    assert [one.path for one in caught.value.findings] == ["exits.1.segment_id"]
