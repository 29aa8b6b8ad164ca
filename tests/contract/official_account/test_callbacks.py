"""Callbacks of the platform, in each mode, opened and answered by our code."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.official_account.conftest import MemoryTokenStore
from contract.official_account.listener import Listener, listening
from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.calls import Nothing
from quanyu.wechat.official_account import messages, service_staff
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.official_account.parsing import parse_callback
from quanyu.wechat.official_account.replies import TextReply, TransferReply, render_reply
from quanyu.wechat.transport import Transport

MODES = ("plain", "compatible", "secure")


async def settled(sandbox: Sandbox) -> None:
    for _ in range(1000):
        if (await sandbox.control("GET", "/idle"))["idle"]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the sandbox does not come to rest")


@pytest.fixture(params=MODES)
async def listener(
    sandbox: Sandbox, transport: Transport, request: pytest.FixtureRequest
) -> AsyncIterator[Listener]:
    settings = {"kind": "service", "callback_mode": request.param}
    account = (await sandbox.control("POST", "/accounts", settings))["account"]
    async with listening(account, parse_callback) as opened:
        changed = await sandbox.control("PUT", f"/accounts/{account['appid']}", {"callback_url": opened.url})
        assert changed["verified"], "the address is verified in every mode"
        credentials = Credentials(app_id=account["appid"], secret=account["secret"], base_url=sandbox.url)
        opened.client = OfficialAccountClient(
            transport, credentials, MemoryTokenStore(), SystemClock(), holder="test"
        )
        yield opened


async def act(sandbox: Sandbox, listener: Listener, act: str, **how: Any) -> messages.Callback:
    await sandbox.control("POST", f"/people/1/{act}", {"appid": listener.account, **how})
    await settled(sandbox)
    assert not listener.refused
    return listener.received[-1]


async def test_what_people_do_arrives_typed(listener: Listener, sandbox: Sandbox) -> None:
    followed = await act(sandbox, listener, "follow")
    said = await act(sandbox, listener, "say", text="你好 <茶> ]]>")
    image = await act(sandbox, listener, "send-image")
    place = await act(sandbox, listener, "send-location")
    link = await act(sandbox, listener, "send-link", title="T", description="D", url="https://e.x")
    left = await act(sandbox, listener, "unfollow")

    assert isinstance(followed, messages.SubscribeEvent)
    assert isinstance(said, messages.TextMessage)
    assert said.Content == "你好 <茶> ]]>"
    assert isinstance(image, messages.ImageMessage)
    assert image.MediaId
    assert isinstance(place, messages.LocationMessage)
    assert isinstance(link, messages.LinkMessage)
    assert link.Url == "https://e.x"
    assert isinstance(left, messages.UnsubscribeEvent)
    keys = [callback.delivery_key for callback in listener.received]
    assert len(set(keys)) == len(keys) == 6


async def test_an_answer_reaches_the_person(listener: Listener, sandbox: Sandbox) -> None:
    reply = TextReply("收到 ]]> & 谢谢")
    listener.answer = lambda callback: render_reply(reply, to=callback, at=datetime.now(UTC))

    await act(sandbox, listener, "follow")
    await act(sandbox, listener, "say", text="在吗")

    sent = (await sandbox.control("GET", f"/messages?appid={listener.account}"))["items"]
    assert [(line["kind"], line["body"]["Content"]) for line in sent] == [("passive:text", reply.content)] * 2


async def test_a_person_is_handed_over_to_the_staff(listener: Listener, sandbox: Sandbox) -> None:
    listener.answer = lambda callback: (
        render_reply(TransferReply(), to=callback, at=datetime.now(UTC))
        if isinstance(callback, messages.TextMessage)
        else None
    )

    await act(sandbox, listener, "follow")
    said = await act(sandbox, listener, "say", text="人工")

    assert listener.client is not None
    waiting = await listener.client.call(service_staff.WAITING, Nothing())
    assert [one.openid for one in waiting.waitcaselist] == [said.FromUserName]


async def test_a_repeated_delivery_has_the_same_key(listener: Listener, sandbox: Sandbox) -> None:
    await act(sandbox, listener, "follow")
    await sandbox.control("POST", "/faults", {"event": "message:text", "duplicate": 1, "times": 1})

    await act(sandbox, listener, "say", text="一次")

    said = [one.delivery_key for one in listener.received if isinstance(one, messages.TextMessage)]
    assert len(said) == 2
    assert said[0] == said[1]
