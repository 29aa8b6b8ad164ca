"""Campaigns of one account: nobody starves, all share the rate, each can be paused, slowed down, stopped."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from integration.messaging.world import ACCOUNT, Gateway, World, template, text
from quanyu.modules.messaging.contracts import ChangeCampaign, MessageState, RefusalReason

SALE, NEWS = "bct_1", "bct_2"


class Watched(Gateway):
    """Notes in which order people were written to, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []
        self.at_s: list[float] = []

    async def send_template(self, openid: str, payload: Mapping[str, Any], *, client_msg_id: str) -> str:
        self.order.append(openid)
        self.at_s.append(time.monotonic())
        await asyncio.sleep(0)
        return await super().send_template(openid, payload, client_msg_id=client_msg_id)


@pytest.fixture
def watched(world: World) -> Watched:
    world.gateway = Watched()
    return world.gateway


async def _plan(world: World, campaign: str, people: range, **options: Any) -> None:
    await world.plan(
        *[
            template(
                f"{campaign}:{world.follower(one)}",
                one,
                campaign=campaign,
                message_class=options.get("message_class", "marketing"),
            )
            for one in people
        ]
    )


async def test_two_campaigns_share_an_account_though_one_was_planned_first(
    world: World, watched: Watched
) -> None:
    """D4: whoever planned a million first does not make the others wait; each has half, within a tenth."""
    await _plan(world, SALE, range(1, 1_001))
    await _plan(world, NEWS, range(2_001, 2_501))
    await world.send_all(concurrency=16)
    assert len(watched.order) == 1_500
    first = Counter(int(openid.rpartition("-")[2]) > 2_000 for openid in watched.order[:800])
    assert abs(first[True] - first[False]) <= 80
    assert await world.rows("SELECT count(*) FROM message_intent WHERE state = 'accepted'") == [(1_500,)]


async def test_what_people_wait_for_goes_before_a_hundred_thousand_others(
    world: World, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D4: by class first. Copies of one message are written straight into the table."""
    await _plan(world, SALE, range(1, 2))
    await _copy(world, 100_000)
    ((message_id, sealed),) = await world.rows(
        "SELECT id, sealed FROM message_intent WHERE origin_key NOT LIKE 'copy:%'"
    )
    letter, open_ = world.sealer.open(world.tenant_id, message_id, sealed), world.sealer.open
    monkeypatch.setattr(world.sealer, "open", lambda *what: letter if what[2] == sealed else open_(*what))
    dispatcher = world.dispatcher(concurrency=4)
    stop = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stop))
    await _until(lambda: len(watched.order) >= 8)
    paid = range(900_001, 900_021)
    await _plan(world, "jrn_1", paid, message_class="transactional")
    before = len(watched.order)
    dispatcher.wake()
    wanted = {world.openid(one) for one in paid}
    await _until(lambda: wanted <= set(watched.order))
    stop.set()
    await running
    since = watched.order[before:]
    assert max(since.index(openid) for openid in wanted) < 20 + 3 * 4  # And what was in hand by then.


async def _copy(world: World, times: int) -> None:
    async with world.uows.system(world.tenant_id) as uow:
        await uow.execute(
            """
            INSERT INTO message_intent
            SELECT r.* FROM message_intent i CROSS JOIN generate_series(1, :times) n CROSS JOIN LATERAL
                jsonb_populate_record(i, jsonb_build_object('id', i.id + n, 'origin_key', 'copy:' || n)) r
            WHERE i.tenant_id = :tenant
            """,
            {"tenant": world.tenant_id, "times": times},
        )


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - the dispatcher is what we wait for.
            await asyncio.sleep(0.005)


async def test_two_processes_together_keep_the_rate_of_an_account(world: World, watched: Watched) -> None:
    """D3: the rate belongs to the account, not to a process."""
    await _plan(world, SALE, range(1, 201))
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.set_rate(uow, ACCOUNT, 40)
    stop = asyncio.Event()
    workers = [world.dispatcher(poll_s=0.02) for _ in range(3)]
    running = [asyncio.create_task(one.run(stop)) for one in workers]
    began = time.monotonic()
    await asyncio.sleep(1.2)
    stop.set()
    await asyncio.gather(*running)
    spent = time.monotonic() - began
    assert 40 <= len(watched.order) <= 40 + spent * 40 + 1  # A second's worth at once, then the rate.


async def test_a_campaign_can_be_slowed_down_without_slowing_the_others(
    world: World, watched: Watched
) -> None:
    await _plan(world, SALE, range(1, 101))
    await _plan(world, NEWS, range(2_001, 2_101))
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.campaigns.change(uow, SALE, ChangeCampaign(rate_per_s=5))
    await world.send_all()
    counts = Counter(int(openid.rpartition("-")[2]) > 2_000 for openid in watched.order)
    assert counts[True] == 100
    assert 5 <= counts[False] <= 15


async def test_a_paused_campaign_waits_until_it_goes_on(world: World) -> None:
    """MS-1: pausing and going on; the counts tell how far it is."""
    await _plan(world, SALE, range(1, 11))
    async with world.uows.app(world.tenant_id) as uow:
        paused = await world.messaging.campaigns.change(uow, SALE, ChangeCampaign(paused=True))
    assert (paused.paused, paused.planned, paused.waiting, paused.finishes_in_s) == (True, 10, 10, None)
    await world.send_all()
    assert world.gateway.calls == 0
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.campaigns.change(uow, SALE, ChangeCampaign(paused=False))
        assert [one.id for one in await world.messaging.campaigns.list_open(uow)] == [SALE]
    await world.send_all()
    async with world.uows.app(world.tenant_id) as uow:
        done = await world.messaging.campaigns.get(uow, SALE)
        assert await world.messaging.campaigns.list_open(uow) == ()
    assert (done.accepted, done.waiting, done.per_minute, done.finishes_in_s) == (10, 0, 10, 0)


async def test_a_stopped_campaign_gives_back_what_its_messages_had_taken(world: World) -> None:
    """MS-1: cancelling in flight. What waits is refused with a reason, windows are given back."""
    for one in range(1, 6):
        world.follower(one)
        await world.acts(one, "message_received")
    await world.plan(*[text(f"{SALE}:{one}", one, campaign=SALE) for one in range(1, 6)])
    assert (await world.used(1))["message"] == (1, 5)
    async with world.uows.app(world.tenant_id) as uow:
        await world.messaging.campaigns.stop(uow, SALE)
    await world.send_all()
    assert world.gateway.calls == 0
    async with world.uows.app(world.tenant_id) as uow:
        assert await world.messaging.campaigns.withdraw(uow, SALE) == 5
        assert await world.messaging.campaigns.withdraw(uow, SALE) == 0
        view = await world.messaging.campaigns.get(uow, SALE)
    assert (view.stopped, view.refused, view.waiting) == (True, 5, 0)
    assert [(one.state, one.reason) for one in view.reasons] == [
        (MessageState.REFUSED, RefusalReason.CANCELLED)
    ]
    assert (await world.used(1))["message"] == (0, 5)
    assert len([one for one in await world.facts() if one[2] == "cancelled"]) == 5
