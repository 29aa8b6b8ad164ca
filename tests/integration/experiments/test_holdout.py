"""EX, SOP-9: whoever is held out gets no marketing, whoever sends it; of their orders they still hear."""

import pytest

from integration.messaging.conftest import world as world
from integration.messaging.world import World, template, text
from quanyu.modules.experiments import holdouts
from quanyu.modules.experiments.guard import HeldOut
from quanyu.modules.experiments.queries import experiments
from quanyu.modules.experiments.queries.experiments import HoldoutRow

PEOPLE = range(1, 41)


async def hold_out(world: World, share_bps: int) -> set[int]:
    async with world.uows.app(world.tenant_id) as uow:
        await experiments.save_holdout(uow, HoldoutRow(share_bps, "seed", uow.clock.now()))
        return set(map(int, await holdouts.held_out(uow, [world.follower(one) for one in PEOPLE])))


@pytest.fixture
def guarded(world: World) -> World:
    world.messaging.add_guard(HeldOut())
    return world


async def test_marketing_to_held_out_people_is_refused_with_its_own_reason(guarded: World) -> None:
    held = await hold_out(guarded, 1_000)
    assert 0 < len(held) < 20
    for person in PEOPLE:
        await guarded.acts(person, "message_received")
    planned = await guarded.plan(*(text(f"offer {one}", one) for one in PEOPLE))
    refused = {one for one, message in zip(PEOPLE, planned, strict=True) if message.reason == "held_out"}
    assert refused == held
    one = min(held)
    (order,) = await guarded.plan(
        template(f"order {one}", one, content={"template_id": "t", "data": {"x": "1"}})
    )
    assert (order.state.value, order.reason) == ("reserved", None)


async def test_who_is_held_out_after_planning_gets_nothing_that_still_waited(guarded: World) -> None:
    for person in PEOPLE:
        guarded.follower(person)
        await guarded.acts(person, "message_received")
    await guarded.plan(*(text(f"offer {one}", one) for one in PEOPLE))
    held = await hold_out(guarded, 1_000)
    await guarded.send_all()
    states = {key: (state, reason) for key, state, reason in await guarded.states()}
    assert {key for key, (state, _) in states.items() if state == "refused"} == {
        f"offer {one}" for one in held
    }
    assert {reason for state, reason in states.values() if state == "refused"} == {"held_out"}


async def test_no_hold_out_holds_nobody(guarded: World) -> None:
    assert await hold_out(guarded, 0) == set()
