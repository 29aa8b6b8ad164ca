"""People let in by request: once a key, as the rule of re-entry allows, and what their messages may say."""

from typing import Any

import pytest

from integration.journeys.world import END, Api, World, graph, say, wait
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.contracts import EnrolmentResult, EnrolPerson

ENTRY = {"kind": "request", "reentry": {"mode": "cool_down", "cool_down_s": 3600}}


def _journey(entry: dict[str, Any] = ENTRY) -> dict[str, Any]:
    return graph(entry, hello=say("您预约了 {{ event.shop }}", "rest"), rest=wait(60, "out"), out=END)


async def _enrol(world: World, journey: int, **command: Any) -> EnrolmentResult:
    result: EnrolmentResult = await world.order("enrol", journey, EnrolPerson.model_validate(command))
    return result


async def test_a_key_lets_somebody_in_once(world: World) -> None:
    (person,) = await world.meet("安")
    await world.writes("安")
    journey = await world.publish(_journey())
    asked: dict[str, Any] = {
        "key": "booking-7",
        "identifier": {"namespace": "user_id", "value": "安"},
        "properties": {"shop": "西湖店"},
    }
    first = await _enrol(world, journey, **asked)
    assert (first.entered, first.repeated, first.person_id) == (True, False, encode_id("per", person))
    again = await _enrol(world, journey, **asked)
    assert (again.entered, again.repeated, again.id) == (True, True, first.id)
    with pytest.raises(AppError) as other:
        await _enrol(world, journey, **{**asked, "properties": {"shop": "别处"}})
    assert other.value.code == "journeys.enrolment_key_used"

    me = {"person_id": encode_id("per", person)}
    second = await _enrol(world, journey, key="booking-8", **me)
    assert (second.id, second.entered, second.reason) == (None, False, "on_the_way")
    await world.run()
    await world.send_all()
    assert [payload["text"]["content"] for _, payload in world.gateway.custom] == ["您预约了 西湖店"]
    world.later(seconds=60)
    await world.run()
    third = await _enrol(world, journey, key="booking-8", **me)
    assert (third.entered, third.reason) == (False, "reentry")
    world.later(hours=1)
    assert (await _enrol(world, journey, key="booking-8", **me)).entered
    assert (await _enrol(world, journey, **asked)).repeated  # Still the same answer.
    assert (await world.totals(journey))[0] == 2
    await world.check()


async def test_nobody_else_comes_in(world: World) -> None:
    await world.meet("安")
    journey = await world.publish(_journey())
    await world.acts("安")
    await world.run()
    assert await world.totals(journey) == (0, 0, 0, 0)


async def test_what_is_refused(world: World) -> None:
    (person,) = await world.meet("安")
    me = {"key": "1", "person_id": encode_id("per", person)}

    async def code(journey: int, **command: Any) -> str:
        with pytest.raises(AppError) as refused:
            await _enrol(world, journey, **command)
        return refused.value.code

    assert await code(7, **me) == "journeys.not_found"
    drawn = await world.draw(_journey())
    assert await code(drawn, **me) == "journeys.wrong_status"
    by_event = await world.publish(graph("Start", out=END))
    assert await code(by_event, **me) == "journeys.starts_by_event"
    journey = await world.publish(_journey())
    stranger = {"namespace": "user_id", "value": "nobody"}
    assert await code(journey, key="1", identifier=stranger) == "journeys.unknown_person"
    assert await code(journey, key="1", person_id=encode_id("per", 4_000_000)) == "journeys.unknown_person"


async def test_the_door(api: Api, world: World) -> None:
    (person,) = await world.meet("安")
    journey = encode_id("jrn", await world.publish(_journey()))
    path = f"/api/v1/journeys/{journey}/enrolments"
    body = {"key": "a", "person_id": encode_id("per", person)}
    status, answer = await api.call("POST", path, body)
    assert (status, answer["entered"], answer["repeated"]) == (200, True, False)
    assert api.woken == 1
    assert (await api.call("POST", path, body))[1]["repeated"] is True
    both = {**body, "identifier": {"namespace": "user_id", "value": "安"}}
    assert (await api.call("POST", path, both))[0] == 422
    large = {**body, "properties": {"text": "长" * 6_000}}
    assert (await api.call("POST", path, large))[0] == 422
