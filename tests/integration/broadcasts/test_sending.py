"""Broadcasts from the plan to the last message, through crashes, pauses and cancelling (MS-1 … MS-7)."""

import asyncio
import random
from datetime import UTC, timedelta
from typing import Any

import pytest

from integration.broadcasts.world import ACCOUNT_ID, World
from integration.messaging.world import raising
from integration.segments.world import happened
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.messaging.ports import SendRefused
from quanyu.modules.plays.broadcasts import queries
from quanyu.modules.plays.broadcasts.contracts import BroadcastStatus
from quanyu.modules.plays.broadcasts.errors import WrongStatus
from quanyu.modules.segments.errors import SegmentListened


async def test_everybody_of_a_segment_gets_it_once(world: World) -> None:
    people = await world.followers(25)
    number = await world.start(await world.segment())
    view = await world.finish(number)
    assert view.status is BroadcastStatus.DONE
    assert [(one.from_status, one.to_status, one.actor) for one in reversed(view.moves)] == [
        ("draft", "scheduled", "小满"),
        ("scheduled", "snapshotting", "quanyu"),
        ("snapshotting", "sending", "quanyu"),
        ("sending", "done", "quanyu"),
    ]
    assert await world.counted(number) == {"planned": 25}
    assert (view.progress.planned, view.progress.accepted, view.progress.waiting) == (25, 25, 0)
    assert world.arrived() == {world.neighbours.recipients[one].address: 1 for one in people}


async def test_everybody_left_out_has_a_reason_and_the_reasons_add_up(world: World) -> None:
    """MS-2: excluded, held out of all marketing, control of this broadcast; the governor says the rest."""
    people = await world.followers(200)
    segment = await world.segment()
    now = world.brand.clock.now()
    await world.brand.tell(*(happened("Bought", f"u{one}", now) for one in range(10)))
    buyers = await world.segment("Bought")
    await world.hold_out(1_000)
    for one in people[20:25]:
        del world.neighbours.recipients[one]
    number = await world.start(segment, exclude_segment_id=buyers, holdout_bps=2_000)
    view = await world.finish(number)
    counts = await world.counted(number)
    assert sum(counts.values()) == 200
    assert counts["excluded"] == 10
    assert 5 <= counts["held_out"] <= 35
    assert 15 <= counts["control"] <= 60
    assert view.progress.planned == counts["planned"]
    assert view.progress.planned == view.progress.accepted + view.progress.refused
    assert {one.reason for one in view.progress.reasons} <= {"no_channel"}
    assert len(world.arrived()) == view.progress.accepted


class _Crash(Exception):
    """The process died."""


@pytest.mark.parametrize("seed", range(4))
async def test_a_crash_at_any_step_loses_nobody_and_writes_to_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """MS-2, MS-5: processes die inside their transactions, and just after committing them."""
    people = await world.followers(60)
    number = await world.start(await world.segment(), holdout_bps=500)
    draw = random.Random(seed)
    dies_in = draw.choice([1, 2, 3])

    def dying(function: Any) -> Any:
        async def call(*args: Any, **named: Any) -> Any:
            nonlocal dies_in
            dies_in -= 1
            if dies_in == 0:
                dies_in = draw.choice([2, 3, 4, 5])
                if draw.random() < 0.5:
                    raise _Crash
                await function(*args, **named)
                raise _Crash
            return await function(*args, **named)

        return call

    for name in ("add_people", "advance", "mark_planned", "mark", "move", "begin_run", "end_run"):
        monkeypatch.setattr(queries, name, dying(getattr(queries, name)))
    for _ in range(200):
        running = world.runner(snapshot_size=7, plan_size=5)  # Another process each time.
        for _ in range(draw.choice([1, 2, 3])):
            await running.work(world.brand.tenant)
        await world.send()
        if (await world.view(number)).status is BroadcastStatus.DONE:
            break
    counts = await world.counted(number)
    assert sum(counts.values()) == len(people)
    assert set(counts) <= {"planned", "control"}
    arrived = world.arrived()
    assert len(arrived) == counts["planned"]
    assert set(arrived.values()) == {1}


async def test_two_processes_at_once_write_to_nobody_twice(world: World) -> None:
    await world.followers(40)
    number = await world.start(await world.segment())
    first, second = (world.runner(snapshot_size=6, plan_size=4) for _ in range(2))
    for _ in range(30):
        await asyncio.gather(first.work(world.brand.tenant), second.work(world.brand.tenant))
    await world.send()
    assert await world.counted(number) == {"planned": 40}
    assert set(world.arrived().values()) == {1}


async def test_who_became_one_with_somebody_else_gets_it_once(world: World) -> None:
    """MS-3: dedupe by person."""
    people = await world.followers(4)
    number = await world.start(await world.segment())
    await world.running.work(world.brand.tenant)
    await world.running.work(world.brand.tenant)
    real = world.brand.people.canonical_ids

    async def merged(uow: Any, asked: Any) -> dict[PersonId, PersonId]:
        return {**await real(uow, asked), people[0]: people[1]}

    world.running = world.runner()
    world.running._canonical = merged  # The last thing it asks; the merge itself is tested elsewhere.
    await world.finish(number)
    assert await world.counted(number) == {"planned": 3, "duplicate": 1}
    assert len(world.arrived()) == 3


async def test_a_paused_broadcast_waits_and_goes_on(world: World) -> None:
    await world.followers(12)
    number = await world.start(await world.segment())
    running = world.runner(plan_size=5)
    for _ in range(3):
        await running.work(world.brand.tenant)  # Begun, counted, five planned.
    paused = await world.order("pause", number)
    assert (paused.status, paused.progress.paused) == (BroadcastStatus.PAUSED, True)
    await world.work()
    await world.send()
    assert world.gateway.calls == 0
    await world.order("resume", number)
    view = await world.finish(number)
    assert (view.status, len(world.arrived())) == (BroadcastStatus.DONE, 12)


async def test_cancelling_in_flight_takes_back_what_waits(world: World) -> None:
    """MS-1: nothing is handed over after it; everybody has a state."""
    await world.followers(12)
    number = await world.start(await world.segment())
    running = world.runner(plan_size=5)
    for _ in range(3):
        await running.work(world.brand.tenant)
    await world.order("cancel", number)
    view = await world.finish(number)
    assert view.status is BroadcastStatus.CANCELLED
    assert world.gateway.calls == 0
    assert await world.counted(number) == {"planned": 5, "cancelled": 7}
    assert [(one.reason, one.count) for one in view.progress.reasons] == [("cancelled", 5)]
    with pytest.raises(WrongStatus):
        await world.order("resume", number)


async def test_moves_that_cannot_be_are_refused(world: World) -> None:
    """MS-1: legal moves only."""
    await world.followers(1)
    segment = await world.segment()
    number = await world.create(segment)
    for verb in ("pause", "resume", "cancel", "unschedule"):
        with pytest.raises(WrongStatus):
            await world.order(verb, number)
    at = (world.brand.clock.now() + timedelta(hours=1)).isoformat()
    later = await world.start(segment, schedule={"kind": "at", "at": at})
    await world.work()
    assert (await world.view(later)).status is BroadcastStatus.SCHEDULED
    async with world.brand.uows.app(world.brand.tenant) as uow:
        with pytest.raises(SegmentListened):
            await world.brand.segments.delete(uow, decode_id("seg", segment))
    assert (await world.order("unschedule", later)).status is BroadcastStatus.DRAFT
    await world.order("schedule", later)
    world.later(hours=1)
    assert (await world.finish(later)).status is BroadcastStatus.DONE


async def test_a_recurring_broadcast_is_due_again(world: World) -> None:
    """Noon in Shanghai; every day at one, until tomorrow."""
    await world.followers(3)
    until = (world.brand.clock.now() + timedelta(days=1)).date().isoformat()
    schedule = {"kind": "recurring", "weekdays": [1, 2, 3, 4, 5, 6, 7], "at": "13:00", "until": until}
    number = await world.start(await world.segment(), schedule=schedule)
    assert (await world.finish(number)).status is BroadcastStatus.SCHEDULED
    world.later(hours=1)
    view = await world.finish(number)
    assert (view.status, view.run, len(view.runs)) == (BroadcastStatus.SCHEDULED, 1, 1)
    assert view.next_at is not None
    world.later(days=1)
    view = await world.finish(number)
    assert (view.status, view.run) == (BroadcastStatus.DONE, 2)
    assert set(world.arrived().values()) == {2}


async def test_each_gets_it_at_their_best_hour_and_some_at_random(world: World) -> None:
    people = await world.followers(60)
    world.hours.known = dict.fromkeys(people, 20)
    number = await world.start(await world.segment(), best_hour=True)
    await world.work()
    async with world.brand.uows.app(world.brand.tenant) as uow:
        rows = await queries.list_people(uow, number, 1, state=None, after=0, rows_max=100)
    timings = {timing for _, _, timing, _, _ in rows}
    assert timings == {"best", "random"}
    zone = timedelta(hours=8)
    for _, _, timing, due_at, _ in rows:
        assert world.brand.clock.now() <= due_at <= world.brand.clock.now() + timedelta(days=1)
        if timing == "best":
            assert (due_at.astimezone(UTC) + zone).hour == 20
    world.later(days=1)
    assert (await world.finish(number)).status is BroadcastStatus.DONE
    assert len(world.arrived()) == 60


async def test_a_first_wave_that_goes_wrong_stops_the_broadcast(world: World) -> None:
    """MS-7: a few first; too many failures pause it before the others get theirs."""
    people = await world.followers(80)
    for one in people:
        world.gateway.next_answers(world.neighbours.recipients[one].address, raising(SendRefused(40_037)))
    waves = {"first_bps": 2_000, "wait_minutes": 30, "failed_max_bps": 500}
    number = await world.start(await world.segment(), waves=waves)
    view = await world.finish(number)
    first = (await world.counted(number))["planned"]
    assert 4 <= first <= 32
    assert view.status is BroadcastStatus.SENDING
    world.later(minutes=31)
    view = await world.finish(number)
    assert view.status is BroadcastStatus.PAUSED
    assert view.moves[0].reason == f"first wave: {first} tried, {first} failed, 0 unsubscribed"
    await world.order("resume", number)  # Somebody looked, and lets the others have theirs.
    assert (await world.finish(number)).status is BroadcastStatus.DONE
    assert await world.counted(number) == {"planned": 80}


async def test_a_first_wave_that_goes_well_is_followed_by_the_rest(world: World) -> None:
    await world.followers(40)
    number = await world.start(await world.segment(), waves={"first_bps": 2_000, "wait_minutes": 30})
    await world.finish(number)
    assert 0 < len(world.arrived()) < 40
    world.later(minutes=31)
    assert (await world.finish(number)).status is BroadcastStatus.DONE
    assert set(world.arrived().values()) == {1}
    assert len(world.arrived()) == 40


async def test_over_the_wire(world: World) -> None:
    await world.followers(3)
    segment = await world.segment()
    draft = {
        "name": "新茶",
        "segment_id": segment,
        "account_id": ACCOUNT_ID,
        "message_kind": "template",
        "content": {"template_id": "tpl-new", "data": {"thing1": "明前龙井"}},
        "per_minute": 600,
    }
    status, counted = await world.api.call("POST", "/api/v1/broadcasts/audience", draft)
    assert (status, counted) == (200, {"members": 3, "excluded": 0, "control": 0, "to_send": 3})
    status, made = await world.api.call("POST", "/api/v1/broadcasts", draft)
    assert (status, made["status"]) == (201, "draft")
    path = f"/api/v1/broadcasts/{made['id']}"
    assert (await world.api.call("PUT", path, {**draft, "name": "绿茶"}))[1]["name"] == "绿茶"
    status, scheduled = await world.api.call("POST", f"{path}/schedule")
    assert (status, scheduled["status"], scheduled["progress"]["rate_per_s"]) == (200, "scheduled", 10.0)
    await world.finish(decode_id("bct", made["id"]))
    status, people = await world.api.call("GET", f"{path}/people", state="planned", limit="2")
    assert (status, len(people["items"]), people["next_cursor"] is not None) == (200, 2, True)
    assert people["items"][0]["message_id"].startswith("msg_")
    assert (people["items"][0]["message_state"], people["items"][0]["reason_text"]) == ("accepted", None)
    status, page = await world.api.call("GET", "/api/v1/broadcasts")
    assert [(one["name"], one["status"], one["audience"]) for one in page["items"]] == [("绿茶", "done", 3)]
    status, _ = await world.api.call("DELETE", path)
    assert status == 409
    assert (await world.api.call("GET", "/api/v1/broadcasts/bct_000000000000"))[0] == 404
