"""Planning: every decision is made once, kept with its reason, and takes what it needs."""

import asyncio
from datetime import time, timedelta

import pytest

from integration.messaging.world import ACCOUNT, World, template, text
from quanyu.modules.messaging.contracts import (
    CapRule,
    CapUnit,
    MessageClass,
    MessagePolicy,
    MessageState,
    QuietHours,
    QuietMode,
    RefusalReason,
    TemplateRecord,
)
from quanyu.modules.messaging.errors import OriginKeyConflict
from quanyu.modules.people.consent.contracts import EVERY


async def test_a_message_inside_the_window_is_reserved_and_takes_one_of_five(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received", type="text")

    (planned,) = await world.plan(text("a", 1))

    assert (planned.state, planned.reason, planned.created) == (MessageState.RESERVED, None, True)
    assert await world.used(1) == {"message": (1, 5)}
    assert await world.facts() == []


async def test_every_refusal_is_kept_with_its_reason_stated_in_the_log_and_sends_nothing(
    world: World,
) -> None:
    for person in range(1, 10):
        world.follower(person, subscribed=person != 2)
        if person != 3:
            await world.acts(person, "message_received")
    await world.withdraws(4)
    await world.withdraws(5, EVERY)
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.replace_templates(
            uow, ACCOUNT, [TemplateRecord(account_id=ACCOUNT, template_id="old", title="旧", fields=())]
        )
        await world.messaging.replace_templates(
            uow,
            ACCOUNT,
            [TemplateRecord(account_id=ACCOUNT, template_id="two", title="两项", fields=("x", "y"))],
        )
    now = world.clock.now()

    planned = await world.plan(
        text("01 expired", 1, expires_at=now),
        text("02 no channel", 99),
        text("03 other account", 1, account_id=5),
        text("04 not following", 2),
        text("05 opted out", 4),
        text("06 all", 5, message_class=MessageClass.TRANSACTIONAL),
        template("07 withdrawn", 1, content={"template_id": "old", "data": {"x": "1"}}),
        template("08 missing field", 1, content={"template_id": "two", "data": {"x": "1"}}),
        text("09 missing value", 1, "{{ person.city }}"),
        text("10 broken", 1, "{{ 'x' | money }}"),
        text("11 empty", 1, "{% if person.vip %}贵宾{% endif %}"),
        text("12 too long", 1, "长" * 700),
        text("13 closed", 3),
        text("14 transactional after marketing opt-out", 4, message_class=MessageClass.TRANSACTIONAL),
    )

    reasons = [message.reason for message in planned]
    assert reasons == [
        "expired",
        "no_channel",
        "no_channel",
        "not_following",
        "opted_out",
        "opted_out",
        "template_withdrawn",
        "template_missing_values",
        "template_missing_values",
        "template_error",
        "content_empty",
        "content_too_long",
        "window_closed",
        None,
    ]
    assert await world.facts() == [
        ("refused", message.origin_key, message.reason) for message in planned if message.reason
    ]
    await world.send_all()
    assert world.gateway.custom == [
        (world.openid(4), {"msgtype": "text", "text": {"content": "你好"}}),
    ]
    assert await world.used(1) == {"message": (0, 5)}


async def test_the_sixth_message_of_a_window_is_refused_and_a_new_message_renews_it(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")

    planned = await world.plan(*(text(f"m{n}", 1, f"第{n}条") for n in range(6)))

    assert [message.state for message in planned] == ["reserved"] * 5 + ["refused"]
    assert planned[5].reason == RefusalReason.WINDOW_BUDGET_SPENT
    await world.send_all()
    world.later(minutes=1)
    await world.acts(1, "message_received")
    (after,) = await world.plan(text("m7", 1, "第7条"))
    assert after.state == MessageState.RESERVED
    assert await world.used(1) == {"message": (1, 5)}


async def test_two_planners_at_once_never_grant_more_than_the_window_allows(world: World) -> None:
    people = [world.follower(person) for person in range(1, 21)]
    for person in people:
        await world.acts(person, "message_received")

    async def plan(worker: int) -> int:
        batch = [text(f"{worker}:{person}:{n}", person, f"{worker} {n}") for person in people for n in (1, 2)]
        return sum(message.state == "reserved" for message in await world.plan(*batch))

    granted = await asyncio.gather(*(plan(worker) for worker in range(4)))

    assert sum(granted) == 20 * 5
    assert {used for person in people for used in (await world.used(person)).values()} == {(5, 5)}


async def test_planning_again_returns_what_is_there_and_takes_nothing(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")
    (first,) = await world.plan(text("a", 1, variables={"n": 1}))

    again = await world.plan(text("a", 1, variables={"n": 2}), text("a", 1))

    assert [(m.message_id, m.state, m.created) for m in again] == [(first.message_id, "reserved", False)] * 2
    assert await world.used(1) == {"message": (1, 5)}


async def test_two_planners_with_one_origin_key_make_one_message(world: World) -> None:
    world.follower(1)
    await world.acts(1, "message_received")

    results = await asyncio.gather(*(world.plan(text("same", 1)) for _ in range(4)))

    assert sorted(planned.created for (planned,) in results) == [False, False, False, True]
    assert len({planned.message_id for (planned,) in results}) == 1
    assert await world.used(1) == {"message": (1, 5)}
    assert sum((await world.counters()).values()) == 1  # The duplicate rule's, once.


async def test_an_origin_key_used_for_other_content_is_a_conflict(world: World) -> None:
    world.follower(1)
    await world.plan(text("a", 1))

    with pytest.raises(OriginKeyConflict):
        await world.plan(text("a", 1, "别的"))
    with pytest.raises(OriginKeyConflict):
        await world.plan(text("b", 1, "一"), text("b", 1, "二"))

    assert [key for key, _, _ in await world.states()] == ["a"]


async def test_the_same_words_to_one_person_are_a_duplicate_for_ten_minutes(world: World) -> None:
    world.follower(1)
    world.follower(2)
    for person in (1, 2):
        await world.acts(person, "message_received")
    await world.plan(text("a", 1, "满减"))

    (again,) = await world.plan(text("b", 1, "满减"))
    (other_words, other_person) = await world.plan(text("c", 1, "包邮"), text("d", 2, "满减"))
    world.later(minutes=10)
    (later,) = await world.plan(text("e", 1, "满减"))

    assert (again.state, again.reason) == ("refused", "duplicate")
    assert [m.state for m in (other_words, other_person, later)] == ["reserved"] * 3
    assert await world.used(1) == {"message": (3, 5)}


def daily(limit: int) -> CapRule:
    return CapRule(key="daily", limit=limit)


def weekly(limit: int) -> CapRule:
    return CapRule(key="weekly", limit=limit, unit=CapUnit.WEEKS)


async def test_daily_and_weekly_caps_hold_across_concurrent_planners_and_start_over(world: World) -> None:
    people = [world.follower(person) for person in range(1, 6)]
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(caps=(daily(2), weekly(3))))

    async def day(name: str) -> int:
        batches = [
            [template(f"{name}:{worker}:{p}", p, message_class="marketing", variables={"amount": worker})]
            for worker in range(4)
            for p in people
        ]
        results = await asyncio.gather(*(world.plan(*batch) for batch in batches))
        return sum(planned.state == "reserved" for (planned,) in results)

    assert await day("wednesday") == 5 * 2
    world.later(days=1)
    assert await day("thursday") == 5 * 1  # The week allows three.
    world.later(days=4)
    assert await day("monday") == 5 * 2


async def test_a_capped_message_gives_back_what_it_had_taken(world: World) -> None:
    world.follower(1)
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(caps=(daily(5), weekly(1))))
    await world.plan(template("a", 1, message_class="marketing"))

    (second,) = await world.plan(template("b", 1, message_class="marketing", variables={"amount": 9}))

    assert second.reason == RefusalReason.FREQUENCY_CAPPED
    assert sorted(name.split(":")[0] for name in await world.counters()) == ["cap", "cap", "same"]
    assert set((await world.counters()).values()) == {1}


async def test_quiet_hours_hold_marketing_to_their_end_and_let_transactional_pass(world: World) -> None:
    world.follower(1)
    quiet = QuietHours(start=time(22), end=time(8), jitter_s=600)
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    world.later(hours=11)  # 23:00 in Shanghai.

    held, passed = await world.plan(
        template("marketing", 1, message_class="marketing"),
        template("receipt", 1, variables={"amount": 5}),
    )

    morning = world.clock.now() + timedelta(hours=9)
    assert held.state == MessageState.PLANNED
    assert morning <= held.due_at < morning + timedelta(minutes=10)
    assert passed.state == MessageState.RESERVED
    await world.send_all()
    assert await world.states() == [("marketing", "planned", None), ("receipt", "accepted", None)]
    world.later(hours=9, minutes=10)
    await world.send_all()
    assert await world.state("marketing") == ("accepted", None)


async def test_what_changed_during_the_night_counts_in_the_morning(world: World) -> None:
    for person in (1, 2, 3, 4):
        world.follower(person)
        await world.acts(person, "message_received")
    async with world.uows.system(world.tenant_id) as uow:
        quiet = QuietHours(start=time(22), end=time(8), jitter_s=0)
        await world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    world.later(hours=11)
    await world.plan(*(text(f"p{person}", person) for person in (1, 2, 3, 4)))
    assert await world.used(1) == {"message": (0, 5)}  # Nothing is taken for a held message.

    await world.withdraws(2)
    await world.acts(3, "unfollowed")
    world.follower(4, subscribed=False)
    world.later(hours=9)
    await world.send_all()

    assert await world.states() == [
        ("p1", "accepted", None),
        ("p2", "refused", "opted_out"),
        ("p3", "refused", "window_closed"),
        ("p4", "refused", "not_following"),
    ]
    assert [openid for openid, _ in world.gateway.custom] == [world.openid(1)]


async def test_quiet_hours_that_drop_refuse(world: World) -> None:
    world.follower(1)
    quiet = QuietHours(start=time(22), end=time(8), mode=QuietMode.DROP)
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    world.later(hours=11)

    (dropped,) = await world.plan(template("a", 1, message_class="marketing"))

    assert (dropped.state, dropped.reason) == ("refused", "quiet_hours")


async def test_a_message_that_would_expire_before_the_end_of_quiet_hours_is_refused(world: World) -> None:
    world.follower(1)
    async with world.uows.system(world.tenant_id) as uow:
        quiet = QuietHours(start=time(22), end=time(8))
        await world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    world.later(hours=11)

    (refused,) = await world.plan(
        template("a", 1, message_class="marketing", expires_at=world.clock.now() + timedelta(hours=1))
    )

    assert (refused.state, refused.reason) == ("refused", "quiet_hours")


async def test_thousands_at_once_are_decided_in_order(world: World) -> None:
    people = [world.follower(person, name=f"会员{person}") for person in range(1, 3_001)]

    planned = await world.plan(
        *(template(f"t{p}", p, variables={"amount": p}, content=GREETING) for p in people)
    )

    assert [message.origin_key for message in planned] == [f"t{p}" for p in people]
    assert {message.state for message in planned} == {MessageState.RESERVED}


GREETING = {"template_id": "hi", "data": {"name": "{{ person.name }}", "amount": "{{ amount | money }}"}}


async def test_bodies_and_recipients_are_not_readable_in_the_database(world: World) -> None:
    world.follower(1, name="王小明")
    await world.acts(1, "message_received")
    await world.plan(text("a", 1, "亲爱的{{ person.name }}"))

    (row,) = await world.rows("SELECT sealed, recipient, body_hash FROM message_intent")

    assert "王小明".encode() not in row[0]
    assert world.openid(1).encode() not in row[0] + row[1]
    assert len(row[2]) == 32


async def test_a_brand_does_not_see_another_brands_messages(world: World) -> None:
    world.follower(1)
    await world.plan(template("a", 1))

    async with world.uows.app(type(world.tenant_id)(world.tenant_id + 500_000)) as uow:
        assert (await world.messaging.summary(uow)).planned == 0
        assert (await world.messaging.list_messages(uow)).items == ()


async def test_a_message_may_name_the_persons_preference_page(world: World) -> None:
    await world.acts(world.follower(1), "message_received")
    (planned,) = await world.plan(text("page", 1, "退订：{{ preferences_url }}"))
    async with world.uows.app(world.tenant_id) as uow:
        page = await world.messaging.list_messages(uow, person_id=planned.person_id)
    assert [message.body for message in page.items] == ["退订：https://brand.test/1"]


async def test_a_message_may_carry_the_persons_own_link_to_a_form(world: World) -> None:
    """A form that is not out is a value that is missing: nothing is sent."""
    for person in (1, 2):
        await world.acts(world.follower(person), "message_received")
    await world.plan(text("one", 1, "填写：{{ forms.frm_known }}"))
    await world.plan(text("two", 2, "填写：{{ forms['frm_known'] }}"))
    (gone,) = await world.plan(text("gone", 1, "填写：{{ forms.frm_gone }}"))
    async with world.uows.app(world.tenant_id) as uow:
        page = await world.messaging.list_messages(uow)
    assert {m.body for m in page.items if m.body} == {
        "填写：https://brand.test/f/1",
        "填写：https://brand.test/f/2",
    }
    assert (gone.state, gone.reason) == (MessageState.REFUSED, RefusalReason.TEMPLATE_MISSING_VALUES)
