"""People chosen by hand enter a journey as its rules allow, and leave it when the job is taken back."""

from collections.abc import Sequence

import pytest

from integration.journeys.test_first_slice import _buyers
from integration.journeys.world import END, World, graph, say, wait
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.choosing import ChosenPeople
from quanyu.modules.journeys.errors import JourneyNotFound, StartsByEvent, WrongStatus

JOB = "pjob_1"


async def let_in(world: World, journey: int, people: Sequence[int], job: str = JOB) -> set[int] | None:
    async with world.brand.uows.system(world.tenant) as uow:
        return await ChosenPeople().let_in(uow, encode_id("jrn", journey), people, job=job)


async def let_out(world: World, journey: int, people: Sequence[int], job: str = JOB) -> set[int]:
    async with world.brand.uows.system(world.tenant) as uow:
        return await ChosenPeople().let_out(uow, encode_id("jrn", journey), people, job=job)


async def check(world: World, journey: int) -> None:
    async with world.brand.uows.app(world.tenant) as uow:
        await ChosenPeople().check(uow, encode_id("jrn", journey))


async def waiting_journey(world: World) -> int:
    entry = {"kind": "segment_entered", "segment_id": await _buyers(world), "reentry": {"mode": "after_exit"}}
    return await world.publish(graph(entry, rest=wait(60, "out"), out=END))


async def test_chosen_people_enter_once_and_leave_with_the_job(world: World) -> None:
    """JN-1, JN-3: an occasion lets somebody in once; nobody is in twice."""
    an, bo = await world.meet("安", "柏")
    journey = await waiting_journey(world)
    assert await let_in(world, journey, [an]) == {an}
    assert await let_in(world, journey, [an, bo], "pjob_2") == {bo}, "who is in does not come again"
    await world.run()
    assert await world.waiting(journey) == {"rest": 2}

    assert await let_out(world, journey, [an, bo]) == {an}, "only who came by this job"
    assert await world.totals(journey) == (2, 1, 0, 1)
    world.later(seconds=61)
    await world.run()
    assert await let_out(world, journey, [an, bo], "pjob_2") == set(), "who is through stays so"
    assert await world.path(journey, "安") == [("rest", "withdrawn")]
    await world.check()


async def test_of_people_who_became_one_the_passage_is_found_by_the_id_it_began_with(world: World) -> None:
    await world.meet("安")
    await world.brand.tell(world.event("?游客", "Met"))
    visitor = await world.person("?游客")
    journey = await waiting_journey(world)
    assert await let_in(world, journey, [visitor]) == {visitor}
    await world.login("安", "?游客")
    assert await let_out(world, journey, [visitor]) == {visitor}
    await world.check()


async def test_only_journeys_that_run_and_need_no_event(world: World) -> None:
    (an,) = await world.meet("安")
    by_event = await world.publish(graph({"kind": "event", "event": "Bought"}, out=END))
    with pytest.raises(StartsByEvent):
        await check(world, by_event)
    assert await let_in(world, by_event, [an]) is None
    journey = await waiting_journey(world)
    await check(world, journey)
    await world.order("pause", journey)
    with pytest.raises(WrongStatus):
        await check(world, journey)
    assert await let_in(world, journey, [an]) is None
    with pytest.raises(JourneyNotFound):
        await check(world, 1)
    assert await world.totals(journey) == (0, 0, 0, 0)


async def test_what_waits_to_be_sent_goes_with_the_passage(world: World) -> None:
    """JN-12: nothing leaves for somebody whose entry was taken back; others get theirs."""
    an, bo = await world.meet("安", "柏")
    await world.writes("安", "柏")
    entry = {"kind": "segment_entered", "segment_id": await _buyers(world), "reentry": {"mode": "after_exit"}}
    journey = await world.publish(graph(entry, hello=say("你好", "rest"), rest=wait(60, "out"), out=END))
    await let_in(world, journey, [an])
    await let_in(world, journey, [bo], "pjob_2")
    await world.run()
    assert [state for _, state, _ in await world.messages()] == ["reserved"] * 2
    await let_out(world, journey, [an])
    await world.send_all()
    assert sorted(await world.messages(), key=str) == [
        ("hello", "accepted", None),
        ("hello", "refused", "stopped"),
    ]
    assert world.gateway.calls == 1


async def test_what_was_planned_on_the_way_to_the_end_is_sent(world: World) -> None:
    (an,) = await world.meet("安")
    await world.writes("安")
    entry = {"kind": "segment_entered", "segment_id": await _buyers(world), "reentry": {"mode": "after_exit"}}
    journey = await world.publish(graph(entry, hello=say("你好", "out"), out=END))
    await let_in(world, journey, [an])
    await world.run()
    await world.send_all()
    assert [state for _, state, _ in await world.messages()] == ["accepted"]
