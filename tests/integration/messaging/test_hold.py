"""A brand's held sending: nothing goes out, what expires stays expired, and one switch lets it go on."""

from datetime import timedelta

from integration.messaging.test_dispatching import ready
from integration.messaging.test_routes import Api
from integration.messaging.world import World, raising, text
from quanyu.modules.messaging.contracts import MessageClass
from quanyu.modules.messaging.hold import HoldReason, place_hold
from quanyu.modules.messaging.ports import SendUnknown


async def restored(world: World) -> None:
    """Do to messages what a restore does."""
    async with world.uows.system(world.tenant_id) as uow:
        made_at = world.clock.now() - timedelta(hours=3)
        await place_hold(uow, HoldReason.RESTORED, made_at=made_at)


async def test_nothing_goes_out_until_sending_is_released(world: World) -> None:
    await ready(world, 1, 2)
    await restored(world)
    await world.plan(text("first of its account", 1))
    await world.send_all()
    assert world.gateway.calls == 0
    async with world.uows.app(world.tenant_id) as uow:
        view = await world.messaging.get_hold(uow)
        assert (view.held, view.reason, view.waiting) == (True, HoldReason.RESTORED, 1)
        assert view.made_at == world.clock.now() - timedelta(hours=3)
        assert "quanyu sending --release" in view.advice
        assert "quanyu sending --release" in view.advice_zh
        await world.messaging.release(uow)
    await world.send_all()
    assert world.gateway.calls == 1
    async with world.uows.app(world.tenant_id) as uow:
        view = await world.messaging.get_hold(uow)
    assert (view.held, view.reason, view.waiting, view.advice) == (False, None, 0, "")


async def test_what_expired_meanwhile_stays_expired(world: World) -> None:
    await ready(world, 1, 2)
    await world.plan(
        text("short", 1, expires_at=world.clock.now() + timedelta(minutes=5)),
        text("long", 2, expires_at=world.clock.now() + timedelta(hours=9)),
    )
    await restored(world)
    await world.send_all()
    world.later(minutes=6)
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.release(uow)
    await world.send_all()
    assert await world.states() == [("long", "accepted", None), ("short", "refused", "expired")]


async def test_what_waited_in_the_backup_can_be_dropped(world: World) -> None:
    await ready(world, 1, 2, 3)
    await world.plan(text("unsure", 3, message_class=MessageClass.TRANSACTIONAL))
    world.gateway.next_answers(world.openid(3), raising(SendUnknown("slow")))
    await world.send_all()
    await world.plan(text("before", 1))
    await restored(world)
    world.later(minutes=1)
    await world.plan(text("after", 2))
    async with world.uows.app(world.tenant_id) as uow:
        view = await world.messaging.get_hold(uow)
        assert (view.waiting, view.waiting_since_before) == (3, 2)
        await world.messaging.release(uow, drop_waiting=True)
    await world.send_all()
    assert await world.states() == [
        ("after", "accepted", None),
        ("before", "refused", "dropped"),
        ("unsure", "unknown", "no_answer"),  # Whether it went out nobody knows; it is not sent again.
    ]
    assert ("refused", "before", "dropped") in await world.facts()
    assert await world.used(1) == {"message": (0, 5)}


async def test_the_switch_over_http(world: World) -> None:
    await ready(world, 1)
    api = Api(world)
    await world.plan(text("a", 1))
    status, view = await api.call("PUT", "/api/v1/messages/hold")
    assert (status, view["held"], view["reason"], view["waiting"], view["advice"]) == (
        200,
        True,
        "manual",
        1,
        "",
    )
    assert (await api.call("PUT", "/api/v1/messages/hold"))[1] == view
    await world.send_all()
    assert world.gateway.calls == 0
    status, view = await api.call("DELETE", "/api/v1/messages/hold", drop_waiting="false")
    assert (status, view["held"]) == (200, False)
    assert (await api.call("GET", "/api/v1/messages/hold"))[1] == view
    await world.send_all()
    assert world.gateway.calls == 1
