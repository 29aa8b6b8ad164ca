"""From the callback of a new customer to the welcome on their phone, on the real wire (WM-1 … WM-3)."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from integration.staff.welcomes.world import World
from quanyu.infra.unit_of_work import Fact
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.contents import ImagePart, LinkPart, WelcomeContent
from quanyu.modules.staff.welcomes.contracts import Scope
from quanyu.modules.staff.welcomes.ledger import Hand, LedgerQueries, Settlement
from quanyu.modules.staff.welcomes.ports import CodeOrigin, Greeter
from quanyu.modules.staff.welcomes.rules import Chosen, KeptRule
from quanyu.modules.staff.welcomes.service import read_rule_id
from quanyu.modules.staff.welcomes.states import WelcomeState
from quanyu.modules.staff.welcomes.writing import LedgerWriter
from quanyu.wechat.wecom import welcome as wire

HELLO = WelcomeContent(text="你好，{{ name }}！我是{{ staff }}。", fallback="你好！")


async def facts(world: World) -> list[Any]:
    async with world.uows.system(world.tenant_id) as uow:
        rows = await uow.execute(
            "SELECT name, properties, context, message_id FROM log_event "
            "WHERE tenant_id = :t AND name LIKE 'staff.welcome%' ORDER BY name",
            {"t": world.tenant_id},
        )
        return list(rows)


async def sealed(world: World) -> bytes | None:
    async with world.uows.system(world.tenant_id) as uow:
        rows = await uow.execute("SELECT sealed FROM welcome WHERE tenant_id = :t", {"t": world.tenant_id})
        found = rows.scalar_one()
        return None if found is None else bytes(found)


async def test_a_new_customer_is_greeted_by_name_once_however_often_it_is_told(world: World) -> None:
    """WM-1, WM-2, WM-5: a delivery that comes again uses no code twice."""
    userid = await world.staff()
    world.neighbours.staff[userid] = Greeter(name="小张")
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)

    document = await world.tell(customer, code)
    await world.side.deliver(document, nonce="again")
    await world.settle()
    await world.side.deliver(document, nonce="and again")
    await world.settle()

    name = (await world.sandbox.control("GET", "/customers/1"))["name"]
    assert await world.heard(customer) == [
        {"text": {"content": f"你好，{name}！我是小张。"}, "attachments": []}
    ]
    (row,) = await world.rows()
    assert (row.state, row.reason, row.scope, row.slot, row.variant, row.fallback) == (
        WelcomeState.SENT,
        "",
        Scope.CORP,
        "default",
        "A",
        "",
    )
    assert row.took_ms is not None
    assert row.took_ms < 5_000
    (fact,) = await facts(world)
    assert fact.name == "staff.welcome_sent"
    assert fact.context["customer"] == row.customer
    assert code not in str(fact)
    assert name not in str(fact)


async def test_the_code_is_forgotten_when_it_is_used(world: World) -> None:
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    async with world.uows.system(world.tenant_id) as uow:
        before = (
            await uow.execute("SELECT sealed FROM welcome WHERE tenant_id = :t", {"t": world.tenant_id})
        ).one()
    await world.settle()
    async with world.uows.system(world.tenant_id) as uow:
        after = (
            await uow.execute("SELECT sealed FROM welcome WHERE tenant_id = :t", {"t": world.tenant_id})
        ).one()
    assert code.encode() not in bytes(before.sealed)
    assert after.sealed is None


@pytest.mark.parametrize("age_s", [21, 25, 60])
async def test_a_code_seen_too_late_is_recorded_as_expired_and_not_sent(world: World, age_s: int) -> None:
    """WM-2: certainly after 25 s; nothing is asked of the platform."""
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)

    await world.tell(customer, code, age_s=age_s)
    await world.settle()

    (row,) = await world.rows()
    assert (row.state, row.reason) == (WelcomeState.EXPIRED, "seen_late")
    assert "20 秒" in row.reason_zh
    assert "20 s" in row.reason_en
    assert await world.heard(customer) == []
    (newest, *_) = (await world.sandbox.control("GET", "/welcomes"))["items"]
    assert (newest["code"], newest["used"]) == (code, False)


@pytest.mark.parametrize(
    ("errcode", "state", "reason"),
    [
        (41050, WelcomeState.EXPIRED, "platform_expired"),
        (41051, WelcomeState.ALREADY_USED, "already_sent"),
        (41053, WelcomeState.ERROR, "not_agreed"),
        (48002, WelcomeState.ERROR, "48002"),
    ],
)
async def test_a_refusal_is_kept_with_its_reason(
    world: World, errcode: int, state: WelcomeState, reason: str
) -> None:
    await world.set(world.draft(HELLO))
    await world.fault(errcode=errcode)
    customer, code = await world.meet(1)

    await world.tell(customer, code)
    await world.settle()

    (row,) = await world.rows()
    assert (row.state, row.reason) == (state, reason)
    assert row.reason_zh
    assert row.reason_en
    assert await world.heard(customer) == []
    (fact,) = await facts(world)
    assert (fact.name, fact.properties["outcome"]) == ("staff.welcome_not_sent", state)


async def test_another_app_that_is_sending_is_waited_for(world: World) -> None:
    """41096 may be retried while the code is good."""
    await world.set(world.draft(HELLO))
    await world.fault(errcode=41096, times=1)
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    assert len(await world.heard(customer)) == 1
    assert [row.state for row in await world.rows()] == [WelcomeState.SENT]


async def test_a_competing_system_is_warned_of(world: World) -> None:
    """WM-6: the platform says that somebody else used the code."""
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)
    client = await world.clients.get(world.tenant_id, world.side.id)
    await client.call(wire.SEND, wire.WelcomeRequest(welcome_code=code, text=wire.Text("别的系统")))

    await world.tell(customer, code)
    await world.settle()

    assert [row.reason for row in await world.rows()] == ["already_sent"]
    async with world.uows.app(world.tenant_id) as uow:
        figures = await world.journal.figures(uow, None, days=7)
    (warning,) = figures.warnings
    assert (warning.corp, warning.refusals, warning.welcomes) == (world.corp, 1, 1)
    assert warning.staff == (await world.staff(),)
    assert len(await world.heard(customer)) == 1


async def test_an_answer_that_is_lost_leaves_it_unknown_and_never_sent_again(world: World) -> None:
    """At most one welcome: what may have arrived is not repeated."""
    await world.set(world.draft(HELLO))
    await world.fault(drop_after_effect=True)
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    await world.sandbox.control("DELETE", "/faults")
    await world.settle()
    assert [(row.state, row.reason) for row in await world.rows()] == [(WelcomeState.UNKNOWN, "no_answer")]
    assert len(await world.heard(customer)) == 1


async def test_what_a_killed_process_had_handed_becomes_unknown(world: World) -> None:
    """WM-2: after a crash nobody knows, so nobody sends."""
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    async with world.uows.system(world.tenant_id) as uow:
        await uow.execute(
            "UPDATE welcome SET state = 'handed', handed_at = :at WHERE tenant_id = :t",
            {"t": world.tenant_id, "at": uow.clock.now() - timedelta(seconds=41)},
        )
    await world.settle()
    assert [(row.state, row.reason) for row in await world.rows()] == [
        (WelcomeState.UNKNOWN, "process_ended")
    ]
    assert await world.heard(customer) == []


async def test_what_a_killed_process_had_claimed_is_taken_over(world: World) -> None:
    await world.set(world.draft(HELLO))
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    async with world.uows.system(world.tenant_id) as uow:
        await uow.execute(
            "UPDATE welcome SET state = 'rendering', attempts = 1, due_at = :at WHERE tenant_id = :t",
            {"t": world.tenant_id, "at": uow.clock.now()},
        )
    await world.settle()
    assert [row.state for row in await world.rows()] == [WelcomeState.SENT]


async def test_two_senders_share_the_work_and_send_each_once(world: World) -> None:
    await world.set(world.draft(WelcomeContent(text="hi")))
    customers = []
    for person in range(1, 13):
        customer, code = await world.meet(person)
        customers.append(customer)
        await world.tell(customer, code)
    await asyncio.gather(world.settle(), world.settle(), world.settle())
    assert [len(await world.heard(customer)) for customer in customers] == [1] * 12
    assert {row.state for row in await world.rows()} == {WelcomeState.SENT}


async def test_a_claim_that_lapsed_hands_nothing_even_in_one_commit_with_its_successor(world: World) -> None:
    """WM-2: on a machine that stalls, one process may claim a welcome twice; one of the two may call."""
    rule = await world.set(world.draft(WelcomeContent(text="hi")))
    slot = rule.slots[0]
    chosen = Chosen(KeptRule(read_rule_id(rule.id), rule), slot, slot.variants[0])
    await world.tell(*await world.meet(1))
    now = world.uows.clock.now()
    async with world.uows.system(world.tenant_id) as uow:
        queries = LedgerQueries(uow)
        (lapsed,) = await queries.claim(world.keyring, until=now, limit=1)
        (valid,) = await queries.claim(world.keyring, until=now, limit=1)
    writer = LedgerWriter(world.uows, world.tenant_id, _no_fact, world.neighbours)

    hands = [Hand(one, chosen, "") for one in (lapsed, valid)]
    assert await asyncio.gather(*(writer.write(hand) for hand in hands)) == [False, True]


def _no_fact(_: Settlement) -> Fact:
    raise AssertionError("nothing is settled here")


async def test_a_slow_call_holds_nobody_else_up(world: World) -> None:
    """WM-1: the next customer does not wait for the platform's answer to the last one."""
    await world.set(world.draft(WelcomeContent(text="hi")))
    await world.fault(delay_s=3, times=1)
    slow, slow_code = await world.meet(1)
    await world.tell(slow, slow_code)
    await world.sender.begin(world.tenant_id)
    await asyncio.sleep(0.3)
    quick, quick_code = await world.meet(2)
    await world.tell(quick, quick_code)
    began = time.monotonic()
    await world.sender.begin(world.tenant_id)
    while not await world.heard(quick):
        assert time.monotonic() - began < 2.5
        await asyncio.sleep(0.05)
    await world.settle()


async def test_no_name_in_time_means_the_default_and_no_delay(world: World) -> None:
    """WM-5: the name has a default, and asking for it is not allowed to cost the welcome."""
    await world.set(world.draft(HELLO, defaults={"name": "朋友", "staff": "顾问"}))
    await world.sandbox.control("POST", "/faults", {"path": "/cgi-bin/externalcontact/get", "delay_s": 6})
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    began = time.monotonic()
    await world.settle()
    assert time.monotonic() - began < 5
    assert [one["text"]["content"] for one in await world.heard(customer)] == ["你好，朋友！我是顾问。"]


async def test_the_closest_rule_speaks_and_is_stored(world: World) -> None:
    """WM-4: code before store before staff before corp."""
    userid = await world.staff()
    world.neighbours.codes["state-1"] = CodeOrigin(code="liv_1", store="西湖店")
    for scope, targets in (
        (Scope.CORP, ()),
        (Scope.STAFF, (userid,)),
        (Scope.STORE, ("西湖店",)),
        (Scope.CODE, ("liv_1",)),
    ):
        await world.set(world.draft(WelcomeContent(text=f"from {scope}"), scope=scope, targets=targets))
    by_code, code_1 = await world.meet(1)
    by_search, code_2 = await world.meet(2)
    await world.tell(by_code, code_1, State="state-1")
    await world.tell(by_search, code_2, State="made up")
    await world.settle()
    assert [(row.scope, row.rule_name) for row in await world.rows()] == [
        (Scope.CODE, "code rule"),
        (Scope.STAFF, "staff rule"),
    ]
    assert [one["text"]["content"] for one in await world.heard(by_code)] == ["from code"]


async def test_nobody_is_greeted_without_a_rule(world: World) -> None:
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    assert [(row.state, row.reason) for row in await world.rows()] == [(WelcomeState.WITHHELD, "no_rule")]


async def test_a_blocked_name_is_not_greeted_but_marked_and_told(world: World) -> None:
    """WM-7."""
    await world.set(world.draft(HELLO))
    name, userid = (await world.sandbox.control("GET", "/customers/1"))["name"], await world.staff()
    async with world.uows.app(world.tenant_id) as uow:
        await world.welcomes.set_block_list(
            uow, world.side.id, WelcomeBlockList(names=(name,), alert=(userid,), tag="etAAA1")
        )
    spam, spam_code = await world.meet(1)
    other, other_code = await world.meet(2)
    await world.tell(spam, spam_code)
    await world.tell(other, other_code)
    await world.settle()

    assert [(row.state, row.reason) for row in await world.rows()] == [
        (WelcomeState.WITHHELD, "blocked"),
        (WelcomeState.SENT, ""),
    ]
    assert await world.heard(spam) == []
    traits = [dict(row.properties).get("reason") for row in await facts(world)]
    assert "blocked" in traits
    told = (await world.sandbox.control("GET", f"/staff/{userid}/messages"))["items"]
    assert len(told) == 1
    token = world.keyring.blind("external_userid", world.side.corp_id, spam)
    assert world.neighbours.suspects == [(userid, token, "etAAA1")]
    assert name not in str(told)


async def test_a_file_that_cannot_be_had_gives_way_to_plain_words(world: World) -> None:
    """WM-3: the fallback rather than nothing."""
    await world.set(world.draft(HELLO))
    rule = (await world.rules())[0]
    content = WelcomeContent(text="看图", parts=(ImagePart(media="wmd_1"),), fallback="欢迎光临")
    await world.force(rule, content)
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    (row,) = await world.rows()
    assert (row.state, row.fallback) == (WelcomeState.SENT, "media_missing")
    assert await world.heard(customer) == [{"text": {"content": "欢迎光临"}, "attachments": []}]


async def test_content_the_platform_refuses_gives_way_to_plain_words(world: World) -> None:
    """WM-3: a sure refusal leaves the code unused, so it can carry the fallback."""
    await world.set(world.draft(HELLO))
    await world.fault(errcode=40058, times=1)
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    (row,) = await world.rows()
    assert (row.state, row.fallback) == (WelcomeState.SENT, "refused")
    assert [one["text"]["content"] for one in await world.heard(customer)] == ["你好！"]


async def test_links_carry_whom_they_were_sent_to(world: World) -> None:
    """WM-5: the token leads back to the one welcome."""
    from quanyu.modules.staff.welcomes.links import WelcomeLinks

    link = LinkPart(title="新客礼", url="https://shop.example/gift?a=1")
    content = WelcomeContent(text="领券 {{ coupon_link }}", parts=(link,), fallback="你好")
    await world.set(world.draft(content, coupon_link="https://shop.example/c"))
    customer, code = await world.meet(1)
    await world.tell(customer, code)
    await world.settle()
    (row,) = await world.rows()
    ((body,),) = (await world.heard(customer),)
    url = body["attachments"][0]["link"]["url"]
    token = url.rpartition("qy_w=")[2]
    assert url.startswith("https://shop.example/gift?a=1&qy_w=")
    assert body["text"]["content"] == f"领券 https://shop.example/c?qy_w={token}"
    number = WelcomeLinks(world.keyring).read(token)
    async with world.uows.app(world.tenant_id) as uow:
        assert number is not None
        assert await world.journal.find(uow, number) == row
