"""Callbacks to a mini program, in each mode and notation, opened and answered by our code."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from contract.mini_program.conftest import MiniProgram, make_mini_program
from contract.mini_program.test_messages import own_template
from contract.official_account.listener import Listener, listening
from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.mini_program.messages import TradeAccessEvent, parse_callback
from quanyu.wechat.mini_program.replies import render_transfer
from quanyu.wechat.official_account import messages
from quanyu.wechat.official_account.replies import Wire
from quanyu.wechat.transport import Transport


@dataclass
class Line:
    """A mini program and the address it is called back at."""

    mini: MiniProgram
    listener: Listener

    async def settled(self) -> None:
        for _ in range(1000):
            if (await self.mini.sandbox.control("GET", "/idle"))["idle"]:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the sandbox does not come to rest")


@pytest.fixture(params=[(mode, wire) for mode in ("plain", "compatible", "secure") for wire in Wire])
async def line(sandbox: Sandbox, transport: Transport, request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    mode, wire = request.param
    settings = {"callback_mode": mode, "callback_format": wire.value}
    mini = await make_mini_program(sandbox, transport, original=settings)
    async with listening(mini.account, parse_callback, wire=wire) as listener:
        path = f"/accounts/{mini.account['appid']}"
        assert (await sandbox.control("PUT", path, {"callback_url": listener.url}))["verified"]
        yield Line(mini, listener)


async def test_what_people_do_arrives_typed(line: Line) -> None:
    mini = line.mini
    session = await mini.logged_in(3)
    template = await own_template(mini.client)
    await mini.act(3, "orders", merchant_id="190", merchant_trade_no="A1", paid_amount=6800)
    await mini.act(3, "subscriptions", answers={template.priTmplId: "accept"})
    await mini.act(3, "subscriptions/withdraw", template_id=template.priTmplId)
    await line.settled()

    assert not line.listener.refused
    kinds = {type(callback): callback for callback in line.listener.received}
    assert set(kinds) == {
        TradeAccessEvent,
        messages.SubscribeMessagePopupEvent,
        messages.SubscribeMessageChangeEvent,
    }
    popup = kinds[messages.SubscribeMessagePopupEvent]
    assert isinstance(popup, messages.SubscribeMessagePopupEvent)
    (item,) = popup.SubscribeMsgPopupEvent.List
    assert (popup.FromUserName, item.TemplateId, item.SubscribeStatusString) == (
        session.openid,
        template.priTmplId,
        "accept",
    )
    keys = [one.delivery_key for one in line.listener.received]
    assert len(set(keys)) == len(keys) == 3


async def test_a_person_is_handed_over(line: Line) -> None:
    line.listener.answer = lambda callback: (
        render_transfer(to=callback, at=datetime.now(UTC), wire=line.listener.wire)
        if isinstance(callback, messages.TextMessage)
        else None
    )
    await line.mini.act(3, "enter-session", session_from="sku:9")
    await line.mini.act(3, "say", text="人工 <茶>")
    await line.settled()

    assert not line.listener.refused
    entered, said = line.listener.received
    assert isinstance(entered, messages.EnterSessionEvent)
    assert isinstance(said, messages.TextMessage)
    assert said.Content == "人工 <茶>"

    counters = await line.mini.sandbox.control("GET", "/counters")
    assert counters["delivery"].get("bad_reply", 0) == 0
    kept = await line.mini.sandbox.control("GET", f"/conversations/{line.mini.client.app_id}/3")
    assert "transfer" in {one["kind"] for one in kept["lines"]}
