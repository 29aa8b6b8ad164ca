"""Segments over segments (SG `in segment X`): stored members, updates that go on, circles refused at save."""

from datetime import timedelta

import pytest

from integration.segments.test_membership import VIEWED, create, members
from integration.segments.world import Brand, happened
from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.segments.errors import InvalidDefinition, SegmentAsked, SegmentNotFound


def in_segment(segment: int) -> dict[str, object]:
    return {"kind": "segment", "segment": encode_id("seg", segment)}


async def test_what_changes_in_one_goes_on_to_those_that_ask(brand: Brand) -> None:
    now = brand.clock.now()
    await brand.tell(happened("Viewed", "a", now), happened("Other", "b", now))
    viewers = await create(brand, VIEWED, "viewers")
    others = await create(brand, {"kind": "not", "of": in_segment(viewers)}, "others")

    assert await brand.refresher.tick(brand.tenant) == 2  # The asked one first, whichever is newer.
    assert await members(brand, viewers) == await brand.ids("a")
    assert await members(brand, others) == await brand.ids("b")

    brand.clock.advance(timedelta(hours=2))
    await brand.refresher.refresh(brand.tenant, viewers)
    await brand.refresher.refresh(brand.tenant, others)
    assert await members(brand, others) == await brand.ids("a", "b")


async def test_circles_and_gaps_are_refused_and_change_nothing(brand: Brand) -> None:
    first = await create(brand, VIEWED, "first")
    second = await create(brand, in_segment(first), "second")
    async with brand.uows.app(brand.tenant) as uow:
        with pytest.raises(InvalidDefinition, match="circle"):
            await brand.segments.update(uow, first, SaveSegment(name="first", definition=in_segment(second)))
        with pytest.raises(InvalidDefinition, match="no segment"):
            await brand.segments.create(uow, SaveSegment(name="third", definition=in_segment(1)))
        with pytest.raises(SegmentAsked) as caught:
            await brand.segments.delete(uow, first)
        assert caught.value.details["segments"] == ["second"]
        assert (await brand.segments.get(uow, first)).definition["kind"] == "event"

    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.delete(uow, second)
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.delete(uow, first)
        with pytest.raises(SegmentNotFound):
            await brand.segments.get(uow, first)
