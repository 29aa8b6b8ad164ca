"""Who enters, and how often."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integration.journeys.world import END, World, graph, until, wait

REST = graph("Quiz Done", rest=wait(3600, "out"), out=END)


def entry(**options: Any) -> dict[str, Any]:
    return {"kind": "event", "event": "Quiz Done", **options}


async def test_repeated_triggers_enrol_once(world: World) -> None:
    """JN-1: three times in one batch, again later, and the very same events told again."""
    journey = await world.publish(REST)
    events = [world.event(user, "Quiz Done") for user in ("安", "柏") for _ in range(3)]
    await world.tell(*events)
    await world.tell(*events)
    await world.acts("安", "Quiz Done")
    await world.run()
    assert await world.totals(journey) == (2, 2, 0, 0)
    world.later(hours=1)
    await world.run()
    await world.acts("安", "Quiz Done")
    await world.run()
    assert await world.totals(journey) == (2, 0, 2, 0)
    await world.check()


async def test_reacting_twice_to_the_same_events_changes_nothing(world: World) -> None:
    """A crash between the reaction and its cursor cannot happen; a rebuilt cursor can."""
    journey = await world.publish(graph(entry(reentry={"mode": "after_exit"}), out=END))
    await world.acts("安", "Quiz Done")
    await world.run()
    async with world.brand.uows.system(world.tenant) as uow:
        await uow.execute(
            "DELETE FROM log_cursor WHERE tenant_id = :tenant AND consumer = 'react:journeys'",
            {"tenant": world.tenant},
        )
    world.later(seconds=10)
    await world.react()
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_each_value_of_the_entry_key_is_an_entry_of_its_own(world: World) -> None:
    """JN-2."""
    journey = await world.publish(graph(entry(entry_key="order.id"), rest=wait(60, "out"), out=END))
    for order_id in ("a", "b", "a", "x" * 300 + "1", "x" * 300 + "2", "zero\0"):
        await world.acts("安", "Quiz Done", order={"id": order_id})
    await world.acts("安", "Quiz Done")  # Without one: they share the empty key.
    await world.acts("安", "Quiz Done", order={"other": 1})
    await world.run()
    assert await world.totals(journey) == (6, 6, 0, 0)


async def test_people_enter_again_after_a_cool_down(world: World) -> None:
    """JN-3: counted from the last entry; not while they are in."""
    again = entry(reentry={"mode": "cool_down", "cool_down_s": 7200})
    journey = await world.publish(graph(again, rest=wait(60, "out"), out=END))
    for minutes, entered in ((0, 1), (1, 1), (117, 1), (1, 1), (1, 2)):
        world.later(minutes=minutes)
        await world.run()
        await world.acts("安", "Quiz Done")
        assert (await world.totals(journey))[0] == entered
    await world.check()


async def test_people_enter_so_often_in_a_period(world: World) -> None:
    """JN-3: at most k in any period, told one by one or all at once."""
    again = entry(reentry={"mode": "per_period", "times": 2, "period_s": 3600})
    journey = await world.publish(graph(again, rest=wait(60, "out"), out=END))
    for minutes, entered in ((0, 1), (10, 2), (40, 2), (10, 3), (1, 3), (9, 4)):
        world.later(minutes=minutes)
        await world.run()
        await world.acts("安", "Quiz Done")
        assert (await world.totals(journey))[0] == entered
    await world.check()


@pytest.mark.parametrize(("late_s", "enters"), [(3600, True), (3601, False)])
async def test_what_happened_long_ago_starts_nobody(world: World, late_s: int, enters: bool) -> None:
    """IN-2: an import of last year's orders must not greet everybody."""
    journey = await world.publish(REST)
    world.later(days=1)
    await world.tell(world.event("安", "Quiz Done", at=world.now - timedelta(seconds=late_s)))
    assert (await world.totals(journey))[0] == int(enters)


async def test_what_happened_before_publishing_starts_nobody(world: World) -> None:
    await world.brand.tell(world.event("安", "Quiz Done"))  # Not seen by the subscriber yet.
    world.later(seconds=1)
    journey = await world.publish(REST)
    await world.react()
    assert (await world.totals(journey))[0] == 0
    await world.brand.tell(world.event("安", "Quiz Done"))
    world.later(seconds=1)
    await world.order("publish", journey)  # The way in stays as it was.
    await world.react()
    assert (await world.totals(journey))[0] == 1


async def test_time_in_a_journey_begins_with_the_event(world: World) -> None:
    """However late we hear of it."""
    journey = await world.publish(REST)
    world.later(minutes=30)
    began = world.now
    world.later(minutes=20)
    await world.tell(world.event("安", "Quiz Done", at=began))
    await world.run()
    rows = await world.rows("SELECT entered_at, wake_at FROM enrolment WHERE tenant_id = :tenant")
    assert [tuple(row) for row in rows] == [(began, began + timedelta(hours=1))]
    world.later(minutes=40)
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_a_clock_that_is_ahead_does_not_hold_anybody_back(world: World) -> None:
    journey = await world.publish(REST)
    await world.tell(world.event("安", "Quiz Done", at=world.now + timedelta(minutes=30)))
    await world.run()
    world.later(hours=1)
    await world.run()
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_what_lets_somebody_in_is_not_what_they_then_wait_for(world: World) -> None:
    journey = await world.publish(
        graph("Order Completed", again=until("Order Completed", 3600, "out", "out"), out=END)
    )
    await world.acts("安", "Order Completed", order_id="1")
    await world.run()
    assert await world.waiting(journey) == {"again": 1}
    await world.acts("安", "Order Completed", order_id="2")  # At the same instant, accepted later.
    await world.run()
    assert await world.path(journey, "安") == [("again", "matched"), ("out", "end")]


async def test_an_anonymous_event_starts_nobody(world: World) -> None:
    journey = await world.publish(REST)
    await world.tell(replace(world.event("安", "Quiz Done"), identifiers=()))
    assert (await world.totals(journey))[0] == 0


async def test_what_happened_in_the_second_of_publication_lets_in_by_its_arrival(world: World) -> None:
    """The platform tells whole seconds, so a follow may look older than the journey it came after."""
    world.later(milliseconds=700)
    second = world.now.replace(microsecond=0)
    await world.brand.tell(world.event("柏", "Quiz Done", at=second))
    world.later(milliseconds=100)
    journey = await world.publish(REST)
    world.later(milliseconds=100)
    await world.tell(world.event("安", "Quiz Done", at=second))
    assert (await world.totals(journey))[0] == 1
