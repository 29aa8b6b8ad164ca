"""Waiting for an event (JN-9): what comes before, while and after people arrive; and just in time."""

import asyncio
from datetime import timedelta

from integration.journeys.world import END, World, graph, say, until, wait
from quanyu.modules.journeys.contracts import SaveJourney

HOUR = timedelta(hours=1)
WATCH = graph(
    "Product Viewed",
    bought=until("Order Completed", 3600, "yes", "no"),
    yes=END,
    no=END,
)


async def test_an_event_after_parking_moves_people_at_once(world: World) -> None:
    journey = await world.publish(WATCH)
    await world.acts("安")
    await world.run()
    world.later(minutes=10)
    woken = world.woken
    await world.acts("安", "Order Completed")
    assert world.woken == woken + 1
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]
    await world.check()


async def test_an_event_that_came_while_somebody_was_entering_counts(world: World) -> None:
    journey = await world.publish(WATCH)
    await world.tell(
        world.event("安", "Product Viewed"),
        world.event("安", "Order Completed", at=world.now),
        world.event("柏", "Order Completed", at=world.now - timedelta(seconds=1)),
        world.event("柏", "Product Viewed"),
    )
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]
    assert await world.path(journey, "柏") == []  # It happened before they came.


async def test_after_an_outage_what_happened_counts_as_if_we_had_seen_it(world: World) -> None:
    """The engine and the subscriber stood still; nobody is told they bought nothing who did."""
    journey = await world.publish(WATCH)
    viewed = world.now
    world.later(minutes=50)
    await world.tell(
        world.event("安", "Product Viewed", at=viewed),
        world.event("安", "Order Completed", at=viewed + timedelta(minutes=20)),
        world.event("柏", "Product Viewed", at=viewed),
    )
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]
    world.later(minutes=10)
    await world.run()
    assert await world.path(journey, "柏") == [("bought", "timeout"), ("no", "end")]


async def test_ties_go_to_the_event_and_later_ones_to_the_clock(world: World) -> None:
    journey = await world.publish(WATCH)
    await world.acts("安")
    await world.acts("柏")
    await world.run()
    came = world.now
    world.later(hours=2)
    await world.tell(
        world.event("安", "Order Completed", at=came + HOUR),
        world.event("柏", "Order Completed", at=came + HOUR + timedelta(milliseconds=1)),
    )
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]
    assert await world.path(journey, "柏") == [("bought", "timeout"), ("no", "end")]


async def test_only_events_that_meet_the_filters_count(world: World) -> None:
    where = [{"field": "revenue", "op": "gte", "value": 100}]
    journey = await world.publish(
        graph(
            "Product Viewed",
            bought=until("Order Completed", 3600, "yes", "no", where=where),
            yes=END,
            no=END,
        )
    )
    await world.acts("安")
    await world.run()
    await world.acts("安", "Order Completed", revenue="99.99")
    await world.run()
    assert await world.waiting(journey) == {"bought": 1}
    await world.acts("安", "Order Completed", revenue="100.00")
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]


async def test_one_event_opens_one_door(world: World) -> None:
    second = until("Order Completed", 3600, "yes", "no")
    journey = await world.publish(
        graph(
            "Product Viewed",
            first=until("Order Completed", 3600, "second", "no"),
            second=second,
            yes=END,
            no=END,
        )
    )
    await world.acts("安")
    await world.run()
    world.later(minutes=1)
    await world.acts("安", "Order Completed")
    await world.run()
    assert await world.waiting(journey) == {"second": 1}
    world.later(minutes=1)
    await world.tell(world.event("安", "Order Completed"), world.event("安", "Order Completed"))
    await world.run()
    assert await world.path(journey, "安") == [
        ("first", "matched"),
        ("second", "matched"),
        ("yes", "end"),
    ]


async def test_people_of_earlier_versions_still_find_what_they_wait_for(world: World) -> None:
    journey = await world.publish(WATCH)
    await world.acts("安")
    await world.run()
    other = graph("Product Viewed", rest=wait(60, "out"), out=END)
    await world.order("save_draft", journey, SaveJourney(name="旅程", definition=other))
    await world.order("publish", journey)
    await world.acts("安", "Order Completed")
    await world.acts("柏")
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("yes", "end")]
    assert await world.waiting(journey) == {"rest": 1}
    assert await world.totals(journey) == (2, 1, 1, 0)


async def test_nobody_slips_between_the_engine_and_the_subscriber(world: World) -> None:
    """Both at once, over and over: whoever parks is seen, or sees what came."""
    journey = await world.publish(
        graph(
            "Product Viewed",
            hello=say("你好", "bought"),
            bought=until("Order Completed", 3600, "yes", "no"),
            yes=END,
            no=END,
        )
    )
    for number in range(25):
        user = f"顾客{number}"
        await world.acts(user)
        await world.brand.tell(world.event(user, "Order Completed"))
        await asyncio.gather(world.react(), world.engine.run_tenant(world.tenant))
        await world.run()
    assert await world.waiting(journey) == {}
    assert (await world.outcomes(journey))["bought"] == {"matched": 25}
    await world.check()
