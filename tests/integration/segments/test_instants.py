"""Facts carry the exact instant at which time moved somebody, however late that is seen (SG: time passes)."""

from datetime import datetime, timedelta

from integration.segments.test_membership import VIEWED, create, members, merge, on_device
from integration.segments.world import Brand, happened


async def stated(brand: Brand) -> list[tuple[str, int, datetime]]:
    async with brand.uows.system(brand.tenant) as uow:
        rows = await uow.execute(
            "SELECT name, person_id, occurred_at FROM log_event WHERE tenant_id = :tenant "
            "AND name LIKE 'segments.%' ORDER BY position",
            {"tenant": brand.tenant},
        )
        return sorted((row[0], row[1], row[2]) for row in rows)


async def test_a_window_that_closed_and_an_event_that_came_tell_their_instants(brand: Brand) -> None:
    start = brand.clock.now()
    await brand.tell(on_device("x", start), happened("Viewed", "a", start - timedelta(minutes=10)))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    a = await brand.person("a")
    before = await stated(brand)

    brand.clock.advance(timedelta(hours=3))
    came = start + timedelta(hours=2, minutes=30)
    await brand.tell(happened("Viewed", "b", came), on_device("y", came + timedelta(minutes=1)))
    kept = await merge(brand, "x", "y")
    await brand.refresher.refresh(brand.tenant, segment)

    b = await brand.person("b")
    told = [one for one in await stated(brand) if one not in before]
    # x was merged with somebody who viewed again before the window closed for good: neither in nor out.
    assert told == [
        ("segments.entered", b, came),
        ("segments.left", a, start + timedelta(minutes=50, milliseconds=1)),
    ]
    assert await members(brand, segment) == sorted((b, kept))
    async with brand.uows.app(brand.tenant) as uow:
        page = await brand.segments.members(uow, segment)
    assert {row.since for row in page.items} == {start, came}


async def test_what_became_known_late_counts_from_when_it_was_seen(brand: Brand) -> None:
    start = brand.clock.now()
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(minutes=30))
    await brand.tell(happened("Viewed", "late", start - timedelta(minutes=5)))
    await brand.refresher.refresh(brand.tenant, segment)
    late = await brand.person("late")
    assert await stated(brand) == [("segments.entered", late, start + timedelta(minutes=30))]


async def test_calendar_borders_are_local_midnights(brand: Brand) -> None:
    """The clock stands at noon in Shanghai."""
    start = brand.clock.now()
    today = {"kind": "event", "name": "Viewed", "window": {"kind": "calendar", "period": "today"}}
    await brand.tell(happened("Viewed", "a", start - timedelta(hours=1)))
    segment = await create(brand, today)
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(days=2))
    await brand.refresher.refresh(brand.tenant, segment)
    a = await brand.person("a")
    assert ("segments.left", a, start + timedelta(hours=12)) in await stated(brand)
