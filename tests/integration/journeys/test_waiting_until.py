"""Waiting for the date of an attribute, and for a time of day, on the real database (JN-8)."""

from datetime import UTC, datetime, timedelta

from integration.journeys.world import END, World, graph, say
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.contracts import AttributeWrite


async def _know(world: World, user: str, **attributes: str) -> None:
    person = PersonId(await world.person(user))
    writes = [AttributeWrite(person_id=person, key=key, value=value) for key, value in attributes.items()]

    async def write(uow: UnitOfWork) -> None:
        await world.brand.people.set_attributes(uow, writes, source="test")

    async with world.brand.uows.system(world.tenant) as uow:
        await write(uow)


async def test_people_wait_for_their_own_dates(world: World) -> None:
    await world.meet("soon", "past", "nobody")
    day = (world.now + timedelta(days=3)).date()
    await _know(world, "soon", expires=str(day))
    await _know(world, "past", expires="2020-01-01")
    until = {"kind": "date", "attribute": "expires", "offset": -1, "at": "10:00"}
    journey = await world.publish(
        graph(
            "Start",
            due={"kind": "wait_until", "until": until, "next": "hello", "missing": "none"},
            hello=say("快到期了", "end"),
            none=END,
            end=END,
        )
    )
    for user in ("soon", "past", "nobody"):
        await world.acts(user, "Start")
    await world.run()
    assert await world.waiting(journey) == {"due": 1}
    assert await world.path(journey, "past") == [("due", "next"), ("hello", "next"), ("end", "end")]
    assert await world.path(journey, "nobody") == [("due", "missing"), ("none", "end")]

    (row,) = await world.rows("SELECT wake_at FROM enrolment WHERE tenant_id = :tenant AND status = 'active'")
    eve = day - timedelta(days=1)
    assert row.wake_at == datetime(eve.year, eve.month, eve.day, 2, 0, tzinfo=UTC)  # Ten in Shanghai.

    # The date is moved while they wait: they are asked again when the time was up.
    await _know(world, "soon", expires=str(day + timedelta(days=2)))
    world.clock.advance(row.wake_at - world.now)
    await world.run()
    assert await world.waiting(journey) == {"due": 1}
    world.later(days=2)
    await world.run()
    assert await world.path(journey, "soon") == [("due", "next"), ("hello", "next"), ("end", "end")]
    await world.check()


async def test_a_window_opens_in_the_brands_zone(world: World) -> None:
    await world.meet("u")
    local = world.now + timedelta(hours=8)
    opens = (local + timedelta(minutes=30)).strftime("%H:%M")
    closes = (local + timedelta(minutes=90)).strftime("%H:%M")
    until = {"kind": "window", "weekdays": list(range(1, 8)), "opens": opens, "closes": closes}
    journey = await world.publish(
        graph("Start", w={"kind": "wait_until", "until": until, "next": "end"}, end=END)
    )
    await world.acts("u", "Start")
    await world.run()
    assert await world.waiting(journey) == {"w": 1}
    world.later(minutes=31)
    await world.run()
    assert await world.path(journey, "u") == [("w", "next"), ("end", "end")]
