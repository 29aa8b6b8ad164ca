"""Credits of subscribe messages, against the sandbox over the wire (FC: token ledgers; design §6)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from contract.mini_program.conftest import make_mini_program
from contract.official_account.sandbox_process import Sandbox, running_sandbox
from integration.messaging.shop import Shop
from integration.messaging.world import ACCOUNT, World
from quanyu.modules.messaging.contracts import Channel, MessageKind, TemplateRecord
from quanyu.wechat.transport import Timeouts, open_transport


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def shop(world: World, sandbox: Sandbox) -> AsyncIterator[Shop]:
    async with open_transport(Timeouts(connect_s=1, read_s=2, total_s=3)) as transport:
        await sandbox.control("POST", "/reset")
        yield await Shop(world, await make_mini_program(sandbox, transport)).open()


async def test_an_accept_pays_for_one_message_and_its_receipt_says_delivered(shop: Shop) -> None:
    await shop.guest(1)
    assert await shop.sends("a", 1) == ("refused", "credit_missing")
    await shop.answers(1)

    assert await shop.sends("b", 1) == ("accepted", None)
    [row] = await shop.world.rows("SELECT msgid, channel FROM message_intent WHERE origin_key = 'b'")
    assert row.channel == "mini_program"
    await shop.hears(1, "sent", msgid=row.msgid, error="success")

    assert await shop.world.state("b") == ("delivered", None)
    assert await shop.ours(1) == await shop.theirs(1) == 0  # Ours, and not counted twice.
    assert await shop.sends("c", 1) == ("refused", "credit_spent")


async def test_two_planners_at_once_never_take_more_than_was_accepted(shop: Shop) -> None:
    for number in (1, 2, 3):
        await shop.guest(number)
        for _ in range(number):
            await shop.answers(number)

    batches = [
        [shop.message(f"{planner}:{number}:{n}", number) for n in range(3) for number in (1, 2, 3)]
        for planner in range(4)
    ]
    planned = await asyncio.gather(*(shop.plan(*batch) for batch in batches))

    granted = [one.person_id for batch in planned for one in batch if one.state == "reserved"]
    assert sorted(granted) == [1, 2, 2, 3, 3, 3]
    refused = {one.reason for batch in planned for one in batch if one.state == "refused"}
    assert refused == {"credit_spent"}
    await shop.world.send_all()
    assert [await shop.ours(number) for number in (1, 2, 3)] == [0, 0, 0]
    assert [await shop.theirs(number) for number in (1, 2, 3)] == [0, 0, 0]


async def test_a_message_turned_down_gives_its_credit_back(shop: Shop) -> None:
    await shop.guest(1)
    await shop.answers(1)

    await shop.turns_down_the_next()
    assert await shop.sends("a", 1) == ("rejected", "platform_other")

    assert await shop.ours(1) == await shop.theirs(1) == 1
    assert await shop.sends("b", 1) == ("accepted", None)


async def test_an_unknown_outcome_keeps_the_credit(shop: Shop) -> None:
    await shop.guest(1)
    await shop.answers(1)
    await shop.answers(1)
    shop.loses_answers = True
    marketing = shop.message("a", 1).model_copy(update={"message_class": "marketing"})
    await shop.plan(marketing)
    await shop.world.send_all()

    assert await shop.world.state("a") == ("unknown", "no_answer")
    assert await shop.ours(1) == await shop.theirs(1) == 1


async def test_43101_empties_the_count_and_an_accept_begins_a_new_one(shop: Shop) -> None:
    await shop.guest(1)
    await shop.answers(1)
    await shop.answers(1)
    await shop.mini.act(1, "subscriptions/withdraw", template_id=shop.template_id)  # We hear of it later.
    shop.world.later(seconds=1)

    assert await shop.sends("a", 1) == ("rejected", "platform_recipient_refuses")
    assert await shop.ours(1) == 0
    assert await shop.sends("b", 1) == ("refused", "credit_missing")

    shop.world.later(seconds=1)
    await shop.hears(1, "answered", answer="accept")
    assert await shop.ours(1) == 1


async def test_a_withdrawal_after_the_reservation_stops_the_hand_over(shop: Shop) -> None:
    await shop.guest(1)
    await shop.answers(1)
    await shop.plan(shop.message("a", 1))
    shop.world.later(seconds=1)
    await shop.withdraws(1)

    await shop.world.send_all()
    shop.world.later(seconds=1)
    await shop.world.send_all()

    assert await shop.world.state("a") == ("refused", "credit_missing")
    assert await shop.ours(1) == await shop.theirs(1) == 0


async def test_what_other_software_sends_is_counted_once(shop: Shop) -> None:
    await shop.guest(1)
    for _ in range(3):
        await shop.answers(1)
    await shop.other_software_sends(1)
    assert await shop.ours(1) == await shop.theirs(1) == 2
    await shop.hears(1, "sent", msgid="", error="success")  # Tells nothing about whose it was.
    assert await shop.sends("a", 1) == ("accepted", None)
    assert await shop.ours(1) == await shop.theirs(1) == 1


async def test_a_long_term_template_never_runs_out(shop: Shop) -> None:
    await shop.guest(1)
    await shop.answers(1)
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        template = TemplateRecord(
            account_id=ACCOUNT,
            channel=Channel.MINI_PROGRAM,
            template_id=shop.template_id,
            title="政务",
            fields=tuple(shop.values),
            message_kind=MessageKind.MINI_PROGRAM_SUBSCRIBE,
            choices={"enum1": ("是", "否")},
            long_term=True,
        )
        await shop.world.messaging.replace_templates(uow, ACCOUNT, [template])
        assert await shop.world.messaging.list_templates(uow) == (template,)

    planned = await shop.plan(*(shop.message(str(n), 1) for n in range(3)))

    assert {one.state for one in planned} == {"reserved"}
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        allowed = await shop.world.messaging.allowances(uow, ACCOUNT)
    assert [(one.template_id, one.people) for one in allowed.credits] == [(shop.template_id, 1)]
