"""Subscribers: windows open at the instant people acted; receipts find their messages."""

from dataclasses import replace
from datetime import timedelta

from integration.messaging.world import World, raising, template, text
from quanyu.modules.messaging.ports import SendUnknown


async def test_each_action_opens_its_own_window_for_its_own_time(world: World) -> None:
    world.follower(1)
    for name, properties in (
        ("message_received", {"type": "text"}),
        ("menu_clicked", {"action": "scancode_push"}),
        ("followed", {}),
        ("scanned", {}),
    ):
        await world.react(world.windows, world.event(name, 1, properties=properties))

    assert await world.used(1) == {
        "message": (0, 5),
        "menu_click": (0, 3),
        "follow": (0, 3),
        "scan": (0, 3),
    }
    world.later(seconds=60)
    assert await world.used(1) == {"message": (0, 5)}
    world.later(hours=48, seconds=-61)
    assert await world.used(1) == {"message": (0, 5)}
    world.later(seconds=1)
    assert await world.used(1) == {}


async def test_only_some_menu_actions_open_a_window(world: World) -> None:
    world.follower(1)
    await world.acts(1, "menu_clicked", action="pic_weixin")
    await world.acts(1, "menu_clicked", action="location_select")
    assert await world.used(1) == {}

    await world.acts(1, "menu_clicked", key="HELP", action="CLICK")
    assert await world.used(1) == {"menu_click": (0, 3)}


async def test_a_tap_on_a_menu_message_counts_as_a_menu_click(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received", type="text", menu_item="101")
    assert await world.used(1) == {"menu_click": (0, 3)}


async def test_the_window_that_ends_first_is_used_first(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await world.acts(1, "followed")

    await world.plan(*(text(f"m{n}", 1, f"{n}") for n in range(4)))

    assert await world.used(1) == {"follow": (3, 3), "message": (1, 5)}


async def test_events_repeated_or_out_of_order_change_nothing(world: World) -> None:
    world.follower(1)
    early, late = world.clock.now(), world.clock.now() + timedelta(hours=1)
    world.later(hours=2)
    newer = world.event("message_received", 1, at=late)
    await world.react(world.windows, newer)
    await world.plan(text("a", 1))

    await world.react(world.windows, newer, world.event("message_received", 1, at=early))
    await world.react(world.windows, world.event("unfollowed", 1, at=early))

    assert await world.used(1) == {"message": (1, 5)}


async def test_unfollowing_closes_every_window(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await world.acts(1, "scanned")
    world.later(seconds=5)

    await world.acts(1, "unfollowed")

    assert await world.used(1) == {}
    world.later(seconds=5)
    await world.acts(1, "followed")
    assert await world.used(1) == {"follow": (0, 3)}


async def test_messages_sent_since_the_action_count_against_the_budget_it_opened(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await world.plan(text("before", 1, "一"))
    await world.send_all()
    world.later(minutes=1)
    acted_at = world.clock.now()
    world.later(minutes=1)
    await world.plan(text("after", 1, "二"))
    await world.send_all()
    await world.plan(text("on its way", 1, "三"))

    await world.react(world.windows, world.event("message_received", 1, at=acted_at))

    assert await world.used(1) == {"message": (2, 5)}


async def test_events_of_nobody_or_of_other_accounts_are_passed_over(world: World) -> None:
    world.follower(1)
    stranger = world.event("message_received", None)
    unknown = world.event("message_received", 55)
    other = world.event("message_received", 1)
    other.context["app"] = "wxother"

    await world.react(world.windows, stranger, unknown, other)

    assert await world.rows("SELECT kind FROM message_window") == []


async def test_a_receipt_says_delivered_or_failed_once(world: World) -> None:
    for person in (1, 2, 3):
        world.follower(person)
    await world.plan(*(template(f"t{person}", person) for person in (1, 2, 3)))
    await world.send_all()
    msgids = dict([tuple(row) for row in await world.rows("SELECT origin_key, msgid FROM message_intent")])
    receipts = [
        world.event("template_send_finished", person, properties={"msgid": msgids[key], "status": status})
        for person, key, status in (
            (1, "t1", "success"),
            (2, "t2", "failed:user block"),
            (3, "t3", "failed: system failed"),
        )
    ]

    await world.react(world.receipts, *receipts)
    await world.react(world.receipts, *receipts)

    assert await world.states() == [
        ("t1", "delivered", None),
        ("t2", "failed", "user_blocked"),
        ("t3", "failed", "platform_failed"),
    ]
    assert sorted(await world.facts())[3:] == [
        ("delivered", "t1", None),
        ("failed", "t2", "user_blocked"),
        ("failed", "t3", "platform_failed"),
    ]
    async with world.uows.app(world.tenant_id) as uow:
        summary = await world.messaging.summary(uow)
    assert (summary.accepted, summary.delivered, summary.failed, summary.planned) == (3, 1, 2, 3)


async def test_a_receipt_that_comes_before_the_answer_waits_for_it(world: World) -> None:
    world.follower(1)
    await world.plan(template("t", 1))
    world.gateway.next_answers(world.openid(1), raising(SendUnknown("slow"), after_accepting=world.gateway))
    await world.send_all()
    receipt = world.event(
        "template_send_finished", 1, properties={"msgid": "4000000000000000000", "status": "success"}
    )
    await world.react(world.receipts, receipt)
    assert await world.state("t") == ("unknown", "no_answer")

    world.later(seconds=2)
    await world.send_all()

    assert await world.state("t") == ("accepted", None)
    await world.send_all()
    assert await world.state("t") == ("delivered", None)
    assert await world.rows("SELECT msgid FROM message_receipt") == []


async def test_receipts_of_messages_nobody_here_sent_are_forgotten(world: World) -> None:
    stray = world.event("template_send_finished", None, properties={"msgid": "9", "status": "success"})
    await world.react(world.receipts, stray)
    assert len(await world.rows("SELECT msgid FROM message_receipt")) == 1

    world.later(days=4)
    await world.send_all()

    assert await world.rows("SELECT msgid FROM message_receipt") == []


async def test_ended_windows_and_counters_are_purged(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    await world.plan(text("a", 1))
    await world.send_all()

    world.later(days=4)
    await world.send_all()

    assert await world.rows("SELECT kind FROM message_window") == []
    assert await world.rows("SELECT name FROM person_message_counter") == []


async def test_messages_follow_merged_people(world: World) -> None:
    old, new, third = (world.follower(person) for person in (1, 2, 3))
    await world.plan(template("a", 1))

    for _ in range(2):
        async with world.uows.system(world.tenant_id) as uow:
            await world.messaging.follow_merges(uow, {old: new, third: new})

    async with world.uows.app(world.tenant_id) as uow:
        assert len((await world.messaging.list_messages(uow, person_id=new)).items) == 1
        assert (await world.messaging.list_messages(uow, person_id=old)).items == ()


async def test_a_late_reply_takes_from_the_window_it_went_out_in_and_once(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    world.later(seconds=5)
    first, second, old = (replace(world.event("x", 1), name="channels.late_reply_sent") for _ in range(3))
    before = replace(old, occurred_at=world.clock.now() - timedelta(minutes=1))

    await world.react(world.windows, first, before)  # One went out before the window opened.
    await world.react(world.windows, first, second, before)  # Told again: counted once.

    assert await world.used(1) == {"message": (2, 5)}
    planned = await world.plan(*(text(str(n), 1, f"第{n}条") for n in range(4)))
    assert [one.reason for one in planned] == [None, None, None, "window_budget_spent"]

    world.later(seconds=5)
    await world.acts(1, "message_received")
    await world.react(world.windows, replace(first, message_id="third"))
    assert await world.used(1) == {"message": (3, 5)}  # Ours are on their way; the reply was before.
