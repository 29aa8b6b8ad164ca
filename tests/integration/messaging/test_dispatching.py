"""Dispatching: committed before the call, every outcome written once, nothing given away."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.messaging.world import ACCOUNT, World, raising, template, text
from quanyu.kernel.clock import FixedClock
from quanyu.modules.messaging.contracts import Channel, MessageClass, MessagesSummary, RefusalReason
from quanyu.modules.messaging.errors import LaneNotFound
from quanyu.modules.messaging.ports import SendNotMade, SendRefused, SendUnknown
from quanyu.modules.people.consent.contracts import EVERY


async def summary(world: World) -> MessagesSummary:
    async with world.uows.app(world.tenant_id) as uow:
        return await world.messaging.summary(uow)


async def ready(world: World, *people: int) -> None:
    for person in people:
        world.follower(person)
        await world.acts(person, "message_received")


async def test_text_and_template_go_out_as_the_platform_expects_them(world: World) -> None:
    await ready(world, 1)
    planned = await world.plan(text("t", 1, "您好 {{ n }}", variables={"n": 3}), template("p", 1))

    await world.send_all()

    assert world.gateway.custom == [(world.openid(1), {"msgtype": "text", "text": {"content": "您好 3"}})]
    ((openid, payload, key),) = world.gateway.templates
    assert openid == world.openid(1)
    assert payload == {"template_id": "tpl-paid", "data": {"amount": {"value": "¥12.00"}}}
    assert 1 <= len(key) <= 32
    assert await world.states() == [("p", "accepted", None), ("t", "accepted", None)]
    assert sorted(await world.facts()) == [("accepted", "p", None), ("accepted", "t", None)]
    attempts = await world.rows("SELECT intent_id, attempt, outcome FROM message_attempt ORDER BY 1")
    assert [tuple(row) for row in attempts] == [(m.message_id, 1, "accepted") for m in planned]


async def test_the_hand_over_is_committed_before_the_call(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    seen: list[tuple[str, str | None]] = []

    async def look(openid: str, payload: Mapping[str, Any]) -> str:
        seen.append(await world.state("a"))
        return ""

    world.gateway.next_answers(world.openid(1), look)
    await world.send_all()

    assert seen == [("handed", None)]


@pytest.mark.parametrize(
    ("code", "reason", "window_after"),
    [
        (45015, "platform_window_closed", {}),
        (43004, "platform_not_following", {}),
        (45047, "platform_budget_spent", {"message": (5, 5)}),
        (43101, "platform_recipient_refuses", {"message": (0, 5)}),
        (40003, "platform_recipient_unknown", {"message": (0, 5)}),
        (48001, "platform_forbidden", {"message": (0, 5)}),
        (99999, "platform_other", {"message": (0, 5)}),
    ],
)
async def test_a_rejection_is_kept_with_its_reason_and_gives_back_what_it_did_not_use(
    world: World, code: int, reason: str, window_after: dict[str, tuple[int, int]]
) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    world.gateway.next_answers(world.openid(1), raising(SendRefused(code, "no")))

    await world.send_all()

    assert await world.state("a") == ("rejected", reason)
    assert await world.facts() == [("rejected", "a", reason)]
    assert await world.used(1) == window_after
    assert await world.counters() == {}
    assert (await world.rows("SELECT code FROM message_intent"))[0][0] == code


async def test_a_busy_platform_is_asked_again_later_with_growing_pauses(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    world.gateway.next_answers(world.openid(1), *[raising(SendRefused(-1, "system error"))] * 2)

    await world.send_all()
    assert await world.state("a") == ("reserved", None)
    world.later(seconds=1)
    await world.send_all()
    await world.send_all()
    assert world.gateway.calls == 2
    world.later(seconds=2)
    await world.send_all()

    assert world.gateway.calls == 3
    assert await world.state("a") == ("accepted", None)
    assert await world.used(1) == {"message": (1, 5)}


async def test_a_daily_quota_that_is_spent_is_waited_for_until_the_message_expires(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1, expires_at=world.clock.now() + timedelta(minutes=25)))
    world.gateway.next_answers(world.openid(1), *[raising(SendRefused(45009, "quota"))] * 5)

    for _ in range(5):
        await world.send_all()
        world.later(minutes=10)

    assert world.gateway.calls == 3
    assert await world.state("a") == ("rejected", "gave_up")
    assert await world.used(1) == {"message": (0, 5)}


async def test_calls_that_never_left_are_tried_again_and_given_up_after_so_many(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    world.gateway.next_answers(world.openid(1), *[raising(SendNotMade("no route"))] * 9)

    for _ in range(5):
        await world.send_all(retry_max=3)
        world.later(minutes=1)

    assert world.gateway.calls == 3
    assert await world.state("a") == ("rejected", "gave_up")


async def test_wrong_credentials_hold_messages_back_instead_of_losing_them(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    world.gateway.next_answers(world.openid(1), raising(SendRefused(40164, "ip")))

    await world.send_all()

    assert await world.state("a") == ("reserved", None)
    world.later(minutes=1)
    await world.send_all()
    assert await world.state("a") == ("accepted", None)


async def test_marketing_of_unknown_outcome_is_never_sent_again(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    world.gateway.next_answers(world.openid(1), raising(SendUnknown("slow"), after_accepting=world.gateway))

    await world.send_all()
    world.later(hours=1)
    await world.send_all()

    assert world.gateway.arrived[world.openid(1)] == ["你好"]
    assert await world.state("a") == ("unknown", "no_answer")
    assert await world.facts() == [("unknown", "a", "no_answer")]
    assert await world.used(1) == {"message": (1, 5)}  # Kept: it may have counted.


async def test_transactional_text_of_unknown_outcome_is_repeated_so_many_times(world: World) -> None:
    await ready(world, 1, 2)
    await world.plan(
        text("back", 1, message_class=MessageClass.TRANSACTIONAL),
        text("gone", 2, message_class=MessageClass.TRANSACTIONAL),
    )
    world.gateway.next_answers(world.openid(1), raising(SendUnknown("slow"), after_accepting=world.gateway))
    world.gateway.next_answers(world.openid(2), *[raising(SendUnknown("slow"))] * 9)

    for _ in range(6):
        await world.send_all()
        world.later(minutes=1)

    assert world.gateway.arrived[world.openid(1)] == ["你好", "你好"]  # At least once, as promised.
    assert await world.states() == [("back", "accepted", None), ("gone", "unknown", "no_answer")]
    assert len([1 for openid, _ in world.gateway.custom if openid == world.openid(2)]) == 1 + 3
    assert sorted(await world.facts()) == [("accepted", "back", None), ("unknown", "gone", "no_answer")]


async def test_a_template_of_unknown_outcome_is_repeated_with_the_same_key_and_arrives_once(
    world: World,
) -> None:
    await ready(world, 1)
    await world.plan(template("a", 1, message_class=MessageClass.MARKETING))
    world.gateway.next_answers(world.openid(1), raising(SendUnknown("slow"), after_accepting=world.gateway))

    await world.send_all()
    assert await world.state("a") == ("unknown", "no_answer")
    assert await world.facts() == []  # It will be asked again: nothing final to state.
    world.later(seconds=2)
    await world.send_all()

    assert len({key for _, _, key in world.gateway.templates}) == 1
    assert len(world.gateway.templates) == 2
    assert len(world.gateway.arrived[world.openid(1)]) == 1
    assert await world.state("a") == ("accepted", None)
    assert await world.facts() == [("accepted", "a", None)]


async def test_a_marketing_template_is_left_alone_once_the_platform_has_forgotten_its_key(
    world: World,
) -> None:
    await ready(world, 1)
    await world.plan(template("a", 1, message_class=MessageClass.MARKETING))
    world.gateway.next_answers(world.openid(1), raising(SendUnknown("slow"), after_accepting=world.gateway))

    await world.send_all()
    world.later(minutes=9)
    await world.send_all()

    assert len(world.gateway.templates) == 1
    assert await world.state("a") == ("unknown", "no_answer")
    assert await world.facts() == [("unknown", "a", "no_answer")]


async def test_a_message_that_may_have_gone_out_is_not_called_rejected_when_repeating_fails(
    world: World,
) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1, message_class=MessageClass.TRANSACTIONAL))
    world.gateway.next_answers(
        world.openid(1),
        raising(SendUnknown("slow"), after_accepting=world.gateway),
        *[raising(SendNotMade("down"))] * 9,
    )

    for _ in range(9):
        await world.send_all(retry_max=3)
        world.later(minutes=1)

    assert await world.state("a") == ("unknown", "no_answer")
    assert await world.facts() == [("unknown", "a", "no_answer")]


async def test_what_changed_since_the_reservation_stops_the_hand_over(world: World) -> None:
    await ready(world, 1, 2, 3, 4)
    await world.plan(
        text("expired", 1, expires_at=world.clock.now() + timedelta(minutes=5)),
        text("opted out", 2),
        text("unfollowed", 3),
        text("good", 4),
    )
    await world.withdraws(2, EVERY)
    await world.acts(3, "unfollowed")
    world.later(minutes=5)

    await world.send_all()

    assert await world.states() == [
        ("expired", "refused", "expired"),
        ("good", "accepted", None),
        ("opted out", "refused", "opted_out"),
        ("unfollowed", "refused", "window_closed"),
    ]
    assert world.gateway.calls == 1
    assert await world.used(1) == {"message": (0, 5)}
    assert len(await world.counters()) == 1


def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock go on with every look at it, as real ones do."""
    look = FixedClock.now

    def now(clock: FixedClock) -> datetime:
        clock.advance(timedelta(microseconds=1))
        return look(clock)

    monkeypatch.setattr(FixedClock, "now", now)


async def test_a_message_whose_short_window_ended_while_it_waited_goes_out_in_a_longer_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it took is found again to the microsecond: it does not stand in its own way as a duplicate."""
    await ready(world, 1)
    ticking(monkeypatch)
    await world.acts(1, "followed")
    await world.plan(text("a", 1))
    assert await world.used(1) == {"follow": (1, 3), "message": (0, 5)}
    world.later(minutes=5)  # Nobody sent meanwhile: the minute after following is over.

    await world.send_all()  # Found without a window, and held …
    await world.send_all()  # … until the next look.

    assert await world.state("a") == ("accepted", None)
    assert await world.used(1) == {"message": (1, 5)}


async def test_a_backlog_that_slips_into_quiet_hours_is_held(world: World) -> None:
    from datetime import time

    from quanyu.modules.messaging.contracts import MessagePolicy, QuietHours

    await ready(world, 1)
    async with world.uows.system(world.tenant_id) as uow:
        quiet = QuietHours(start=time(22), end=time(8), jitter_s=0)
        await world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))
    await world.plan(text("a", 1))
    world.later(hours=12)

    await world.send_all()

    assert await world.state("a") == ("planned", None)
    assert await world.used(1) == {"message": (0, 5)}
    assert await world.counters() == {}
    world.later(hours=8)
    await world.send_all()
    assert await world.state("a") == ("accepted", None)


async def test_a_guard_stops_messages_at_the_last_moment(world: World) -> None:
    await ready(world, 1, 2)
    await world.plan(text("stop me", 1, journey_id=5), text("keep me", 2, journey_id=6))

    class StopJourneyFive:
        async def refusals(self, uow: Any, messages: Any) -> dict[int, RefusalReason]:
            return {ref.message_id: RefusalReason.STOPPED for ref in messages if ref.journey_id == 5}

    world.messaging.add_guard(StopJourneyFive())
    await world.send_all()

    assert await world.states() == [("keep me", "accepted", None), ("stop me", "refused", "stopped")]


async def test_a_paused_account_keeps_its_messages_until_it_goes_on(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.pause_account(uow, ACCOUNT)

    await world.send_all()
    assert world.gateway.calls == 0
    async with world.uows.app(world.tenant_id) as uow:
        (lane,) = await world.messaging.list_lanes(uow)
        assert (lane.paused, lane.waiting, lane.in_flight) == (True, 1, 0)
        await world.messaging.resume_account(uow, ACCOUNT)
    await world.send_all()

    assert world.gateway.calls == 1


async def test_an_account_nothing_was_planned_for_cannot_be_paused(world: World) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        with pytest.raises(LaneNotFound):
            await world.messaging.pause_account(uow, ACCOUNT)


async def test_an_account_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    people = range(1, 31)
    await ready(world, *people)
    await world.plan(*(text(f"m{person:02}", person) for person in people))
    for person in people:
        world.gateway.next_answers(world.openid(person), raising(SendUnknown("slow")))

    dispatcher = world.dispatcher(concurrency=1, breaker_threshold=3, breaker_cooldown_s=3600)
    await dispatcher.run_until_idle()
    await dispatcher.close()

    assert world.gateway.calls == 3
    result = await summary(world)
    assert (result.unknown, result.in_progress, result.planned) == (3, 27, 30)


async def test_no_more_calls_are_in_flight_than_the_account_has_slots(world: World) -> None:
    people = range(1, 41)
    await ready(world, *people)
    await world.plan(*(text(f"m{person}", person) for person in people))
    in_flight: list[int] = []
    handed: list[int] = []

    async def linger(openid: str, payload: Mapping[str, Any]) -> str:
        in_flight.append(in_flight[-1] + 1 if in_flight else 1)
        handed.append(len(await world.rows("SELECT id FROM message_intent WHERE state = 'handed'")))
        in_flight.append(in_flight[-1] - 1)
        return ""

    for person in people:
        world.gateway.next_answers(world.openid(person), linger)
    await world.send_all(concurrency=7)

    assert max(in_flight) <= 7
    assert max(handed) <= 7
    assert (await summary(world)).accepted == 40


async def test_two_dispatchers_share_the_work_and_send_nothing_twice(world: World) -> None:
    people = range(1, 101)
    await ready(world, *people)
    await world.plan(*(text(f"m{person}", person) for person in people))
    first, second = world.dispatcher(concurrency=8), world.dispatcher(concurrency=8)

    await asyncio.gather(first.run_until_idle(), second.run_until_idle())
    await first.close()
    await second.close()

    assert sorted(openid for openid, _ in world.gateway.custom) == sorted(map(world.openid, people))
    assert (await summary(world)).accepted == 100


async def test_messages_of_an_ended_worker_are_unknown_and_those_of_a_living_one_are_left(
    world: World,
) -> None:
    await ready(world, 1, 2)
    await world.plan(text("left behind", 1))
    began, go_on = asyncio.Event(), asyncio.Event()

    async def hang(openid: str, payload: Mapping[str, Any]) -> str:
        began.set()
        await go_on.wait()
        return ""

    world.gateway.next_answers(world.openid(1), hang)
    hanging = world.dispatcher()
    task = asyncio.create_task(hanging.run_until_idle())
    await began.wait()
    await world.send_all()
    assert await world.state("left behind") == ("handed", None)  # Its worker lives.

    await hanging._lease.release()  # As if the process had died.
    await world.send_all()
    assert await world.state("left behind") == ("unknown", "interrupted")

    go_on.set()  # It had not died after all: the truth replaces the guess.
    await task
    await hanging.close()
    assert await world.state("left behind") == ("accepted", None)
    assert sorted(await world.facts()) == [
        ("accepted", "left behind", None),
        ("unknown", "left behind", "interrupted"),
    ]


async def test_stopping_lets_calls_in_flight_end_and_writes_their_outcomes(world: World) -> None:
    await ready(world, 1)
    await world.plan(text("a", 1))
    began, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(openid: str, payload: Mapping[str, Any]) -> str:
        began.set()
        await go_on.wait()
        return ""

    world.gateway.next_answers(world.openid(1), wait)
    dispatcher = world.dispatcher()
    running = asyncio.create_task(dispatcher.run(stop))
    await began.wait()
    stop.set()
    await asyncio.sleep(0)
    go_on.set()
    await running

    assert await world.state("a") == ("accepted", None)


async def test_a_running_dispatcher_hears_of_new_messages_at_once(world: World) -> None:
    await ready(world, 1)
    stop, sent = asyncio.Event(), asyncio.Event()

    async def note(openid: str, payload: Mapping[str, Any]) -> str:
        sent.set()
        return ""

    world.gateway.next_answers(world.openid(1), note)
    dispatcher = world.dispatcher(poll_s=3600)
    world.messaging.on_planned(dispatcher.wake)
    running = asyncio.create_task(dispatcher.run(stop))
    await world.plan(text("a", 1))
    async with asyncio.timeout(10):
        await sent.wait()
    stop.set()
    await running

    assert await world.state("a") == ("accepted", None)


async def test_the_counts_add_up_in_all_and_per_journey(world: World) -> None:
    await ready(world, 1, 2, 3, 4, 5)
    await world.plan(
        text("ok", 1, journey_id=11, node_id="send"),
        text("rejected", 2, journey_id=11, node_id="send"),
        text("unknown", 3, journey_id=11, node_id="send"),
        text("refused", 77, journey_id=11, node_id="send"),
        text("elsewhere", 4),
    )
    world.gateway.next_answers(world.openid(2), raising(SendRefused(45015)))
    world.gateway.next_answers(world.openid(3), raising(SendUnknown("slow")))
    await world.send_all()
    await world.plan(text("waits", 5, journey_id=11))

    total = await summary(world)
    async with world.uows.app(world.tenant_id) as uow:
        one = await world.messaging.summary(uow, journey_id=11)
        by_account = await world.messaging.summary(uow, channel=Channel.OFFICIAL_ACCOUNT)
        by_sms = await world.messaging.summary(uow, channel=Channel.SMS)
        nodes = await world.messaging.node_counts(uow, 11)

    parts = (total.refused, total.accepted, total.rejected, total.unknown, total.in_progress)
    assert parts == (1, 2, 1, 1, 1)
    assert total.planned == sum(parts) == 6
    assert one.planned == 5
    assert (by_account.planned, by_sms.planned) == (6, 0)
    assert {(row.state, row.reason, row.count) for row in total.reasons} == {
        ("refused", "no_channel", 1),
        ("rejected", "platform_window_closed", 1),
        ("unknown", "no_answer", 1),
    }
    assert [(row.journey_id, row.planned) for row in total.journeys] == [(None, 1), ("jrn_b", 5)]
    assert nodes["send"] == {"accepted": 1, "rejected": 1, "unknown": 1, "refused": 1}


async def test_the_database_refuses_a_move_that_cannot_happen(world: World) -> None:
    import psycopg
    from sqlalchemy.exc import IntegrityError

    await ready(world, 1)
    await world.plan(text("a", 1))
    await world.send_all()

    with pytest.raises(IntegrityError, match="cannot move from accepted to reserved") as caught:
        async with world.uows.system(world.tenant_id) as uow:
            await uow.execute(
                "UPDATE message_intent SET state = 'reserved', wake_at = updated_at WHERE tenant_id = :t",
                {"t": world.tenant_id},
            )

    assert isinstance(caught.value.orig, psycopg.errors.CheckViolation)
