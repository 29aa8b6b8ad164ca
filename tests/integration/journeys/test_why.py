"""Why somebody did, or did not, get what a journey sends."""

from datetime import timedelta

import pytest

from integration.journeys.world import END, World, graph, say, wait
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.journeys.errors import JourneyNotFound
from quanyu.modules.journeys.why.contracts import JourneyWhy
from quanyu.modules.journeys.why.service import Why
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.segments.contracts import SaveSegment

BIG = {"kind": "event", "event": "Order Completed", "where": [
    {"field": "properties.total", "op": "gte", "value": 100}
]}  # fmt: skip


async def why(world: World, journey: int, user: str) -> JourneyWhy:
    answers = Why(world.brand.people, world.audience, world.messaging)
    person = PersonId(await world.person(user))
    async with world.brand.uows.app(world.tenant) as uow:
        return await answers.ask(uow, journey, person)


def seen(answer: JourneyWhy) -> tuple[str, list[str]]:
    return answer.verdict, [one.verdict for one in answer.events]


async def test_each_event_tells_why_it_let_nobody_in(world: World) -> None:
    await world.acts("安", "Order Completed", total=500)
    world.later(minutes=1)
    journey = await world.publish(graph(BIG, rest=wait(3600, "out"), out=END))
    world.later(hours=3)
    await world.meet("柏")

    assert seen(await why(world, journey, "柏")) == ("never_happened", [])
    assert seen(await why(world, journey, "安")) == ("passed_by", ["before"])

    await world.acts("安", "Order Completed", total=99)
    late = world.event("安", "Order Completed", at=world.now - timedelta(hours=2), total=500)
    await world.tell(late)
    assert seen(await why(world, journey, "安")) == ("passed_by", ["filtered", "late", "before"])

    world.later(minutes=1)
    await world.acts("安", "Order Completed", total=500)
    answer = await why(world, journey, "安")
    assert seen(answer) == ("on_the_way", ["let_in", "filtered", "late", "before"])
    assert [one.node for one in answer.passages] == ["rest"]
    assert answer.reentry == "never"

    world.later(minutes=1)
    await world.acts("安", "Order Completed", total=500)
    assert seen(await why(world, journey, "安"))[1][:2] == ["reentry", "let_in"]


async def test_a_journey_that_does_not_run_lets_nobody_in(world: World) -> None:
    await world.meet("安")
    drawn = await world.draw(graph("Quiz Done", out=END))
    assert seen(await why(world, drawn, "安")) == ("never_published", [])

    await world.order("publish", drawn)
    await world.order("pause", drawn)
    world.later(minutes=1)
    await world.acts("安", "Quiz Done")
    assert seen(await why(world, drawn, "安")) == ("not_running", ["not_let_in"])

    asked = await world.publish(graph({"kind": "request"}, out=END))
    assert seen(await why(world, asked, "安")) == ("by_request", [])


async def test_what_became_of_the_message_comes_first(world: World) -> None:
    """SOP-5: the reason of a refusal is there to be read."""
    await world.meet("安", follows=False)
    journey = await world.publish(graph("Quiz Done", hello=say("你好", "out"), out=END))
    await world.acts("安", "Quiz Done")
    await world.run()

    answer = await why(world, journey, "安")

    assert answer.verdict == "messaged"
    assert [(one.state, one.reason) for one in answer.messages] == [("refused", "no_channel")]
    assert [one.status for one in answer.passages] == ["completed"]


async def test_members_of_before_the_journey_are_told_apart(world: World) -> None:
    await world.acts("安", "Quiz Done")
    async with world.brand.uows.app(world.tenant) as uow:
        command = SaveSegment(name="做过测验", definition={"kind": "event", "name": "Quiz Done"})
        segment = (await world.brand.segments.create(uow, command)).id
    await world.brand.refresher.refresh(world.tenant, decode_id("seg", segment))
    world.later(minutes=1)
    journey = await world.publish(
        graph({"kind": "segment_entered", "segment_id": segment}, rest=wait(3600, "out"), out=END)
    )
    await world.meet("柏")

    assert seen(await why(world, journey, "柏")) == ("never_happened", [])
    assert seen(await why(world, journey, "安")) == ("member_before", ["before"])

    world.later(minutes=1)
    await world.acts("柏", "Quiz Done")
    await world.brand.refresher.refresh(world.tenant, decode_id("seg", segment))
    await world.brand.drain()
    await world.react()
    assert seen(await why(world, journey, "柏")) == ("on_the_way", ["let_in"])


async def test_of_nobody_and_nothing_nothing_is_told(world: World) -> None:
    await world.meet("安")
    answers = Why(world.brand.people, world.audience, world.messaging)
    async with world.brand.uows.app(world.tenant) as uow:
        with pytest.raises(JourneyNotFound):
            await answers.ask(uow, 1, PersonId(await world.person("安")))
    journey = await world.draw(graph("Quiz Done", out=END))
    async with world.brand.uows.app(world.tenant) as uow:
        with pytest.raises(PersonNotFound):
            await answers.ask(uow, journey, PersonId(987_654))
