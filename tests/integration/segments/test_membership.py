"""Members follow definitions exactly, and every coming and going is stated once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.segments.world import Brand, happened, order
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import QueryLimits, Warehouse, WarehouseUnavailable
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.segments import history, refresh
from quanyu.modules.segments.contracts import SaveSegment, SegmentStatus
from quanyu.modules.segments.errors import (
    InvalidDefinition,
    SegmentListened,
    SegmentNameTaken,
    SegmentNotFound,
)
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.schedules import Daily
from quanyu.modules.segments.tree import parse_definition

VIEWED = {"kind": "event", "name": "Viewed", "window": {"kind": "rolling", "amount": 1, "unit": "hours"}}


async def create(brand: Brand, definition: dict[str, Any], name: str = "Active") -> int:
    async with brand.uows.app(brand.tenant) as uow:
        view = await brand.segments.create(uow, SaveSegment(name=name, definition=definition))
    return decode_id("seg", view.id)


async def merge(brand: Brand, *users: str) -> int:
    """State that users (who have one more identifier, a device) are one person; return who that is."""
    devices = [Identifier("device", "", f"{user}-phone") for user in users]
    async with brand.uows.system(brand.tenant) as uow:
        await brand.people.link(uow, devices[0], devices[1], actor="test", reason="same telephone")
    await brand.drain()
    async with brand.uows.system(brand.tenant) as uow:
        found = await brand.people.people_by_identifier(uow, devices)
    assert found[0] == found[1] is not None
    return int(found[0] or 0)


def on_device(user: str, at: datetime) -> IntakeEvent:
    """Make a view by somebody known only by a device."""
    return IntakeEvent(
        kind="track",
        name="Viewed",
        source="shop",
        message_id=f"viewed:{user}",
        occurred_at=at,
        identifiers=(FactIdentifier(namespace="device", scope="", value=f"{user}-phone"),),
    )


async def members(brand: Brand, segment: int) -> list[int]:
    async with brand.uows.app(brand.tenant) as uow:
        return await brand.segments.member_ids(uow, segment)


async def copied(brand: Brand, segment: int) -> list[int]:
    rows = await brand.gate.query(
        "SELECT person FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
        "AND segment_id = {segment:UInt64} AND member = 1 ORDER BY person",
        {"segment": segment},
    )
    return [row[0] for row in rows]


async def test_members_enter_and_leave_as_time_passes(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("Viewed", "a", now - timedelta(minutes=30)),
        happened("Viewed", "b", now - timedelta(minutes=60)),
        happened("Viewed", "c", now - timedelta(minutes=60, milliseconds=1)),
    )
    segment = await create(brand, VIEWED)

    first = await brand.refresher.refresh(brand.tenant, segment)
    a, b = await brand.person("a"), await brand.person("b")
    assert (first.count, first.entered, first.left, first.as_of) == (2, 2, 0, now)
    assert await members(brand, segment) == sorted((a, b))
    assert await copied(brand, segment) == sorted((a, b))

    brand.clock.advance(timedelta(milliseconds=1))
    second = await brand.refresher.refresh(brand.tenant, segment)
    assert (second.count, second.entered, second.left) == (1, 0, 1)
    assert await members(brand, segment) == await copied(brand, segment) == [a]
    outside = encode_id("seg", segment)
    entered = [("segments.entered", person, outside) for person in sorted((a, b))]
    assert await brand.facts() == [*entered, ("segments.left", b, outside)]
    async with brand.uows.app(brand.tenant) as uow:
        view = await brand.segments.get(uow, segment)
    assert (view.status, view.count, view.as_of) == (SegmentStatus.READY, 1, brand.clock.now())


async def test_evaluating_again_changes_and_states_nothing(brand: Brand) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    facts = await brand.facts()

    again = await brand.refresher.refresh(brand.tenant, segment)

    assert (again.count, again.entered, again.left) == (1, 0, 0)
    assert await brand.facts() == facts


async def test_not_done_includes_people_without_any_event(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(
        order("buyer", "o1", now, [("1", "1")]),
        happened("", "reader", now, kind="identify", traits={"city": "杭州"}),
    )
    never = {"kind": "event", "name": "Order Completed", "count": {"op": "eq", "value": 0}}
    segment = await create(brand, never)

    await brand.refresher.refresh(brand.tenant, segment)

    assert await members(brand, segment) == [await brand.person("reader")]


async def test_a_merge_moves_a_member_without_leaving_or_entering(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(on_device("x", now), on_device("y", now))
    segment = await create(brand, VIEWED)
    assert (await brand.refresher.refresh(brand.tenant, segment)).count == 2
    facts = await brand.facts()
    brand.clock.advance(timedelta(minutes=1))

    kept = await merge(brand, "x", "y")
    merged = await brand.refresher.refresh(brand.tenant, segment)

    assert (merged.count, merged.entered, merged.left) == (1, 0, 0)
    assert await members(brand, segment) == await copied(brand, segment) == [kept]
    assert await brand.facts() == facts
    async with brand.uows.app(brand.tenant) as uow:
        page = await brand.segments.members(uow, segment)
    assert [(row.since, row.as_of) for row in page.items] == [(now, brand.clock.now())]


async def test_a_merged_person_who_no_longer_fits_leaves_once(brand: Brand) -> None:
    await brand.tell(*(on_device(user, brand.clock.now()) for user in ("x", "y")))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(hours=2))
    kept = await merge(brand, "x", "y")

    gone = await brand.refresher.refresh(brand.tenant, segment)

    assert (gone.count, gone.left) == (0, 1)
    assert await members(brand, segment) == await copied(brand, segment) == []
    assert [person for name, person, _ in await brand.facts() if name == "segments.left"] == [kept]


async def test_many_changes_go_in_several_commits(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "CHUNK", 2)
    users = [f"u{index}" for index in range(5)]
    await brand.tell(*(happened("Viewed", user, brand.clock.now()) for user in users))
    segment = await create(brand, VIEWED)

    await brand.refresher.refresh(brand.tenant, segment)

    assert await members(brand, segment) == await copied(brand, segment) == await brand.ids(*users)
    assert len(await brand.facts()) == 5


async def test_the_copy_is_repaired_after_a_crash_between_the_two_databases(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)

    async def crash(*_: Any, **__: Any) -> None:
        raise WarehouseUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(SegmentHistory, "write_members", crash)
        with pytest.raises(WarehouseUnavailable):
            await brand.refresher.refresh(brand.tenant, segment)
    a = await brand.person("a")
    assert (await members(brand, segment), await copied(brand, segment)) == ([a], [])

    again = await brand.refresher.refresh(brand.tenant, segment)

    assert (again.entered, await copied(brand, segment)) == (0, [a])
    assert [name for name, _, _ in await brand.facts()] == ["segments.entered"]


async def test_a_restored_database_distrusts_the_copy(brand: Brand) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    a = await brand.person("a")
    async with brand.uows.system(brand.tenant) as uow:  # As if restored from before.
        await uow.execute("DELETE FROM segment_member WHERE tenant_id = :tenant", {"tenant": brand.tenant})
        await uow.execute(
            "UPDATE segment SET member_count = 0 WHERE tenant_id = :tenant", {"tenant": brand.tenant}
        )
        await brand.segments.distrust_copies(uow)

    await brand.refresher.refresh(brand.tenant, segment)

    assert await members(brand, segment) == await copied(brand, segment) == [a]


async def test_changing_the_definition_changes_the_members(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(happened("Viewed", "a", now), order("b", "o1", now, [("2", "3")]))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    bought = {"kind": "event", "name": "Order Completed"}

    async with brand.uows.app(brand.tenant) as uow:
        view = await brand.segments.update(uow, segment, SaveSegment(name="Buyers", definition=bought))
    assert view.status is SegmentStatus.BUILDING
    await brand.refresher.tick(brand.tenant)

    assert await members(brand, segment) == [await brand.person("b")]
    async with brand.uows.app(brand.tenant) as uow:
        assert (await brand.segments.get(uow, segment)).status is SegmentStatus.READY


async def test_the_tick_waits_for_a_minute_or_a_second(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = await create(brand, VIEWED)
    assert await brand.refresher.tick(brand.tenant) == 1
    brand.refresher._evaluated_s.clear()  # Real time does not matter here.
    brand.clock.advance(timedelta(seconds=59))
    assert await brand.refresher.tick(brand.tenant) == 0
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.listen(uow, segment, "jrn_1")
    assert await brand.refresher.tick(brand.tenant) == 1
    assert await brand.refresher.tick(brand.tenant) == 0, "less than a second ago, on both clocks"


async def test_deleting_takes_members_away_everywhere(brand: Brand) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    facts = await brand.facts()

    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.delete(uow, segment)
    await brand.refresher.tick(brand.tenant)

    async with brand.uows.system(brand.tenant) as uow:
        left = await uow.execute(
            "SELECT (SELECT count(*) FROM segment_member WHERE tenant_id = :t), "
            "(SELECT count(*) FROM segment WHERE tenant_id = :t)",
            {"t": brand.tenant},
        )
        assert tuple(left.one()) == (0, 0)
    assert await copied(brand, segment) == []
    assert await brand.facts() == facts
    with pytest.raises(SegmentNotFound):
        await brand.refresher.refresh(brand.tenant, segment)


async def test_a_listened_segment_is_not_deleted(brand: Brand) -> None:
    segment = await create(brand, VIEWED)
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.listen(uow, segment, "jrn_1")
    with pytest.raises(SegmentListened, match="jrn_1"):
        async with brand.uows.app(brand.tenant) as uow:
            await brand.segments.delete(uow, segment)
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.unlisten(uow, segment, "jrn_1")
        await brand.segments.delete(uow, segment)


async def test_refusals_save_nothing(brand: Brand) -> None:
    await create(brand, VIEWED, name="Active")
    with pytest.raises(SegmentNameTaken):
        await create(brand, VIEWED, name="Active")
    with pytest.raises(InvalidDefinition):
        await create(brand, {"kind": "event"}, name="Other")
    async with brand.uows.app(brand.tenant) as uow:
        assert [view.name for view in await brand.segments.list_all(uow)] == ["Active"]


async def test_an_unavailable_warehouse_leaves_members_alone(
    brand: Brand, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    before = await members(brand, segment)
    brand.clock.advance(timedelta(hours=2))

    async def gone(*_: Any, **__: Any) -> Any:
        raise WarehouseUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(warehouse, "query", gone)
        brand.refresher._evaluated_s.clear()
        assert await brand.refresher.tick(brand.tenant) == 0
    assert await members(brand, segment) == before
    async with brand.uows.app(brand.tenant) as uow:
        assert (await brand.segments.get(uow, segment)).status is SegmentStatus.READY


async def test_a_preview_counts_and_shows_people_without_saving(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(*(happened("Viewed", f"u{index}", now) for index in range(3)))

    preview = await brand.segments.preview(brand.uows, brand.tenant, parse_definition(VIEWED), sample=2)

    people = await brand.ids("u0", "u1", "u2")
    assert (preview.count, preview.as_of) == (3, now)
    assert [row.id for row in preview.sample] == [encode_id("per", person) for person in people[:2]]
    earlier = await brand.segments.preview(
        brand.uows, brand.tenant, parse_definition(VIEWED), as_of=now - timedelta(seconds=1)
    )
    assert earlier.count == 0


async def test_members_come_in_pages(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(*(happened("Viewed", f"u{index}", now) for index in range(3)))
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    people = await brand.ids("u0", "u1", "u2")

    async with brand.uows.app(brand.tenant) as uow:
        first = await brand.segments.members(uow, segment, limit=2)
        second = await brand.segments.members(uow, segment, limit=2, cursor=first.next_cursor)
        theirs = await brand.segments.of_person(uow, PersonId(people[0]))
    shown = [(row.id, row.since, row.as_of) for row in (*first.items, *second.items)]
    assert shown == [(encode_id("per", person), now, now) for person in people]
    assert (first.total, second.next_cursor) == (3, None)
    assert [(one.id, one.name) for one in theirs] == [(encode_id("seg", segment), "Active")]


async def test_definitions_can_be_asked_about_given_people(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(happened("Viewed", "a", now), happened("Viewed", "b", now), happened("Other", "c", now))
    a, c = await brand.person("a"), await brand.person("c")
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    found = await brand.segments.select_among(brand.tenant, parse_definition(VIEWED), at, [a, c])
    assert found == {a}
    assert await brand.segments.select_among(brand.tenant, parse_definition(VIEWED), at, []) == frozenset()


async def test_a_scheduled_segment_waits_for_its_time_unless_asked_or_listened_to(brand: Brand) -> None:
    """The clock stands at noon in Shanghai."""
    everyone = {"kind": "all", "of": []}
    daily = SaveSegment(name="Daily", definition=everyone, schedule=Daily(kind="daily", at="13:00"))
    async with brand.uows.app(brand.tenant) as uow:
        segment = decode_id("seg", (await brand.segments.create(uow, daily)).id)

    async def ticks(minutes: int) -> int:
        brand.clock.advance(timedelta(minutes=minutes))
        brand.refresher._evaluated_s.clear()
        return await brand.refresher.tick(brand.tenant)

    assert [await ticks(0), await ticks(30), await ticks(29), await ticks(1), await ticks(5)] == [
        1,
        0,
        0,
        1,
        0,
    ]
    async with brand.uows.app(brand.tenant) as uow:
        view = await brand.segments.get(uow, segment)
        assert (view.lag_s, view.next_at) == (
            300,
            brand.clock.now() - timedelta(minutes=5) + timedelta(days=1),
        )
        await brand.segments.evaluate_now(uow, segment)
    assert [await ticks(0), await ticks(5)] == [1, 0]
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.listen(uow, segment, "jrn_1")
    assert await ticks(5) == 1


async def test_a_definition_beyond_its_limits_fails_alone_and_says_so(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await brand.tell(happened("Viewed", "a", brand.clock.now()))
    heavy, light = await create(brand, VIEWED, "heavy"), await create(brand, VIEWED, "light")
    whole = SegmentHistory.difference

    async def starved(self: SegmentHistory, segment: int, *rest: Any) -> Any:
        if segment != heavy:
            return await whole(self, segment, *rest)
        with monkeypatch.context() as patched:
            patched.setattr(history, "EVALUATION_LIMITS", QueryLimits(memory_bytes=1_000))
            return await whole(self, segment, *rest)

    monkeypatch.setattr(SegmentHistory, "difference", starved)
    await brand.refresher.tick(brand.tenant)
    async with brand.uows.app(brand.tenant) as uow:
        views = [await brand.segments.get(uow, one) for one in (heavy, light)]
    assert [view.status for view in views] == [SegmentStatus.FAILED, SegmentStatus.READY]
    assert (views[0].error or "").startswith("segments.too_heavy: this definition needs more than 60 s")
    assert await members(brand, light) == [await brand.person("a")]
