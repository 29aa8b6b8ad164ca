"""ID-3: a message goes out for the purpose it names; the refusal tells which one was not wanted."""

import pytest
from pydantic import ValidationError

from quanyu.modules.messaging.contracts import MessageClass, MessageState
from quanyu.modules.people.consent.contracts import Basis, SavePurpose

from .world import World, template, text

CLUB = SavePurpose(name_zh="会员俱乐部", name_en="Club", basis=Basis.UNTIL_WITHDRAWN)


async def ready(world: World) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        await world.consent.save_purpose(uow, "club", CLUB)
    for person in (1, 2, 3):
        world.follower(person)
        await world.acts(person, "message_received")


async def test_a_withdrawal_stops_what_is_sent_for_its_purpose_and_nothing_else(world: World) -> None:
    await ready(world)
    await world.withdraws(1, "club")
    await world.withdraws(2)

    planned = await world.plan(
        text("club 1", 1, purpose="club"),
        text("marketing 1", 1),
        text("club 2", 2, purpose="club"),
        text("marketing 2", 2),
        text("unheard of", 3, purpose="no_such_purpose"),
        template("order 1", 1, content={"template_id": "t", "data": {"x": "1"}}),
    )

    assert [(one.state.value, one.reason) for one in planned] == [
        ("refused", "opted_out"), ("reserved", None), ("reserved", None), ("refused", "opted_out"),
        ("refused", "no_consent"), ("reserved", None),
    ]  # fmt: skip
    rows = await world.rows("SELECT origin_key, purpose, detail FROM message_intent ORDER BY origin_key")
    assert [tuple(row) for row in rows] == [
        ("club 1", "club", "club"), ("club 2", "club", None), ("marketing 1", "", None),
        ("marketing 2", "", "marketing"), ("order 1", "", None),
        ("unheard of", "no_such_purpose", "no_such_purpose"),
    ]  # fmt: skip


async def test_a_withdrawal_after_planning_stops_the_message_of_that_purpose_before_it_goes_out(
    world: World,
) -> None:
    await ready(world)
    await world.plan(text("club", 1, purpose="club"), text("marketing", 2))
    await world.withdraws(1, "club")
    await world.withdraws(2, "club")
    await world.send_all()
    rows = await world.rows("SELECT origin_key, state, detail FROM message_intent ORDER BY origin_key")
    assert [tuple(row) for row in rows] == [
        ("club", str(MessageState.REFUSED), "club"), ("marketing", str(MessageState.ACCEPTED), None),
    ]  # fmt: skip


async def test_a_transactional_message_names_no_purpose(world: World) -> None:
    with pytest.raises(ValidationError, match="name one for marketing only"):
        text("x", 1, purpose="club", message_class=MessageClass.TRANSACTIONAL)
