"""In a segment since, entered and left one: told exactly, whenever it is looked at (SG: time passes)."""

from datetime import datetime, timedelta
from typing import Any

from integration.segments.test_instants import stated
from integration.segments.test_membership import VIEWED, create, members, merge, on_device
from integration.segments.world import Brand, happened
from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.insights.contracts import ExplainSegment
from quanyu.modules.segments.insights.service import SegmentInsights
from quanyu.modules.segments.members import MemberQueries
from quanyu.modules.segments.queries import SegmentQueries
from quanyu.modules.segments.tree import parse_definition

DAYS_3 = {"amount": 3, "unit": "days"}
VIP = {"kind": "attribute", "key": "level", "op": "eq", "value": "vip"}


def about(segment: int, **more: Any) -> dict[str, Any]:
    return {"kind": "segment", "segment": encode_id("seg", segment), **more}


def moved(segment: int, move: str, **more: Any) -> dict[str, Any]:
    return {"kind": "segment_move", "segment": encode_id("seg", segment), "move": move, **more}


async def refresh(brand: Brand, *segments: int) -> None:
    for segment in segments:
        await brand.refresher.refresh(brand.tenant, segment)
    await brand.drain()


async def told(brand: Brand, user: str, level: str, at: datetime) -> None:
    await brand.tell(
        happened("", user, at, kind="identify", traits={"level": level}, message_id=f"{user}:{level}:{at}")
    )


async def copied_since(brand: Brand, segment: int) -> dict[int, datetime]:
    rows = await brand.gate.query(
        "SELECT person, since FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
        "AND segment_id = {segment:UInt64} AND member = 1",
        {"segment": segment},
    )
    return dict(rows)


async def kept_since(brand: Brand, segment: int) -> dict[int, datetime]:
    async with brand.uows.system(brand.tenant) as uow:
        return await MemberQueries(uow).since_of(segment, await MemberQueries(uow).list_ids(segment))


async def test_staying_for_days_tells_the_exact_instant(brand: Brand) -> None:
    start = brand.clock.now()
    vips = await create(brand, VIP, "vips")
    stayed = await create(brand, about(vips, since={"kind": "ago", "op": "at_least", **DAYS_3}), "stayed")
    new = await create(brand, about(vips, since={"kind": "rolling", **DAYS_3}), "new")
    await told(brand, "a", "vip", start)
    await refresh(brand, vips, stayed, new)
    a = await brand.person("a")
    assert (await members(brand, stayed), await members(brand, new)) == ([], [a])

    brand.clock.advance(timedelta(days=2))
    await told(brand, "b", "vip", brand.clock.now())
    await refresh(brand, vips, stayed, new)
    brand.clock.advance(timedelta(days=1, hours=5))
    await refresh(brand, vips, stayed, new)
    b = await brand.person("b")
    assert (await members(brand, stayed), await members(brand, new)) == ([a], [b])
    facts = await stated(brand)
    assert ("segments.entered", a, start + timedelta(days=3)) in facts
    assert ("segments.left", a, start + timedelta(days=3, milliseconds=1)) in facts

    # Leaving and coming back begins anew.
    await told(brand, "a", "no", brand.clock.now())
    await refresh(brand, vips, stayed, new)
    await told(brand, "a", "vip", brand.clock.now())
    await refresh(brand, vips, stayed, new)
    assert (await members(brand, stayed), await members(brand, new)) == ([], sorted((a, b)))


async def test_dates_are_those_of_the_brand(brand: Brand) -> None:
    """The clock stands at noon in Shanghai."""
    start = brand.clock.now()
    viewers = await create(brand, VIEWED, "viewers")
    await brand.tell(happened("Viewed", "a", start))
    await refresh(brand, viewers)
    today = await create(brand, about(viewers, since={"kind": "calendar", "period": "today"}), "today")
    before = await create(
        brand, about(viewers, since={"kind": "absolute", "to": start.isoformat()}), "before"
    )
    after = await create(
        brand, about(viewers, since={"kind": "absolute", "from": start.isoformat()}), "after"
    )
    brand.clock.advance(timedelta(minutes=30))
    await refresh(brand, today, before, after)
    a = await brand.person("a")
    assert [await members(brand, one) for one in (today, before, after)] == [[a], [], [a]]


async def test_entering_and_leaving_in_a_window(brand: Brand) -> None:
    start = brand.clock.now()
    viewers = await create(brand, VIEWED, "viewers")
    hours = {"kind": "rolling", "amount": 4, "unit": "hours"}
    left = await create(brand, moved(viewers, "left", window=hours), "left")
    came = await create(brand, moved(viewers, "entered", window=hours), "came")
    await brand.tell(happened("Viewed", "a", start), on_device("x", start))
    await refresh(brand, viewers)
    await refresh(brand, left, came)
    a = await brand.person("a")
    assert (await members(brand, left), len(await members(brand, came))) == ([], 2)

    brand.clock.advance(timedelta(hours=2))
    await brand.tell(on_device("y", brand.clock.now()))
    await refresh(brand, viewers)
    await refresh(brand, left, came)
    gone = set(await members(brand, left))
    assert a in gone
    assert len(gone) == 2
    # x left; whoever x turns out to be did, too.
    kept = await merge(brand, "x", "y")
    await refresh(brand, viewers, left, came)
    assert set(await members(brand, left)) == {a, kept}

    brand.clock.advance(timedelta(hours=4))
    await refresh(brand, left)
    assert await members(brand, left) == []
    gone_at = start + timedelta(hours=5, milliseconds=2)  # They left 1 ms after the hour, the window is 4.
    assert ("segments.left", a, gone_at) in await stated(brand)


async def test_merged_people_are_members_since_the_first_of_them(brand: Brand) -> None:
    start = brand.clock.now()
    ever = {"kind": "event", "name": "Viewed"}
    viewers = await create(brand, ever, "viewers")
    stayed = await create(brand, about(viewers, since={"kind": "ago", "op": "at_least", **DAYS_3}), "stayed")
    await brand.tell(on_device("x", start))
    await refresh(brand, viewers)
    brand.clock.advance(timedelta(days=4))
    await brand.tell(on_device("y", brand.clock.now()))
    await refresh(brand, viewers, stayed)
    kept = await merge(brand, "x", "y")
    await refresh(brand, stayed)  # Before the segment asked about has seen the merge.
    assert await members(brand, stayed) == [kept]
    brand.clock.advance(timedelta(minutes=1))
    await refresh(brand, viewers, stayed)
    assert await members(brand, stayed) == [kept]
    assert await kept_since(brand, viewers) == await copied_since(brand, viewers) == {kept: start}


async def test_a_copy_that_says_another_time_is_put_right(brand: Brand) -> None:
    start = brand.clock.now()
    vips = await create(brand, VIP, "vips")
    await told(brand, "a", "vip", start)
    await refresh(brand, vips)
    a = await brand.person("a")
    await brand.gate.command(
        "INSERT INTO segment_membership (tenant_id, segment_id, person, since, version, member) "
        "SELECT {tenant:UInt32}, segment_id, person, since + INTERVAL 1 DAY, version + 1, member "
        "FROM segment_membership WHERE tenant_id = {tenant:UInt32} AND segment_id = {segment:UInt64}",
        {"segment": vips},
    )
    assert await copied_since(brand, vips) == {a: start + timedelta(days=1)}
    async with brand.uows.system(brand.tenant) as uow:
        await SegmentQueries(uow).distrust_copies()
    brand.clock.advance(timedelta(hours=1))
    await refresh(brand, vips)
    assert await copied_since(brand, vips) == {a: start}


async def test_a_person_is_told_since_when(brand: Brand) -> None:
    start = brand.clock.now()
    vips = await create(brand, VIP, "vips")
    await told(brand, "a", "vip", start)
    await refresh(brand, vips)
    a = await brand.person("a")
    brand.clock.advance(timedelta(days=1))
    await told(brand, "a", "no", brand.clock.now())
    await told(brand, "b", "vip", brand.clock.now())
    await refresh(brand, vips)
    tree = {"kind": "any", "of": [about(vips, since={"kind": "rolling", **DAYS_3}), moved(vips, "left")]}
    insights = SegmentInsights(brand.segments._warehouse, brand.people, brand.segments)

    async def told_of(person: int) -> list[Any]:
        command = ExplainSegment(definition=tree, person=encode_id("per", person))
        told = await insights.explain(brand.uows, brand.tenant, command)
        at = await brand.segments.evaluation(brand.uows, brand.tenant)
        found = await brand.segments.select_among(brand.tenant, parse_definition(tree), at, [person])
        assert told.tree.met == (person in found)
        return [
            (part.met, part.found, [(one.name, one.at) for one in part.moments]) for part in told.tree.parts
        ]

    now = brand.clock.now()
    assert await told_of(a) == [(False, None, []), (True, "1", [("segments.left", now)])]
    b = await brand.person("b")
    assert await told_of(b) == [(True, None, [("segments.entered", now)]), (False, "0", [])]
