"""The official account's client as a SendClient, over real HTTP: each failure becomes the right one."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from integration.messaging.dispatcher_process import OneProcessTokens
from quanyu.kernel.clock import FixedClock
from quanyu.modules.messaging.adapters import OfficialAccountSender
from quanyu.modules.messaging.ports import SendNotMade, SendRefused, SendUnknown
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.transport import Timeouts, open_transport

TEXT = {"msgtype": "text", "text": {"content": "你好"}}
TEMPLATE = {"template_id": "T1", "data": {"a": {"value": "1"}}, "url": "https://x.cn"}


class Scripted:
    """A platform that answers what it is told to."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | None = {"errcode": 0, "errmsg": "ok"}
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if request.path == "/cgi-bin/stable_token":
            return web.json_response({"access_token": "t", "expires_in": 7200})
        self.got.append((request.path, json.loads(await request.read())))
        if self.answer is None:
            await asyncio.sleep(30)
        return web.json_response(self.answer)


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", scripted.handle)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    scripted.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    await runner.cleanup()


@pytest.fixture
async def sender(platform: Scripted, clock: FixedClock) -> AsyncIterator[OfficialAccountSender]:
    async with open_transport(Timeouts(total_s=0.3, read_s=0.3)) as transport:
        credentials = Credentials(app_id="wx1", secret="s" * 32, base_url=platform.base_url)
        client = OfficialAccountClient(transport, credentials, OneProcessTokens(), clock, holder="h")
        yield OfficialAccountSender(client)


async def test_what_goes_over_the_wire(platform: Scripted, sender: OfficialAccountSender) -> None:
    assert await sender.send_custom("o1", TEXT) == ""
    platform.answer = {"errcode": 0, "errmsg": "ok", "msgid": 3_000_000_000_000_000_001}
    assert await sender.send_template("o1", TEMPLATE, client_msg_id="k") == "3000000000000000001"

    assert platform.got == [
        ("/cgi-bin/message/custom/send", {"touser": "o1", **TEXT}),
        ("/cgi-bin/message/template/send", {"touser": "o1", "client_msg_id": "k", **TEMPLATE}),
    ]


async def test_an_error_code_is_a_refusal(platform: Scripted, sender: OfficialAccountSender) -> None:
    platform.answer = {"errcode": 45047, "errmsg": "out of response count limit"}
    with pytest.raises(SendRefused) as caught:
        await sender.send_custom("o1", TEXT)
    assert caught.value.code == 45047


async def test_no_answer_is_unknown(platform: Scripted, sender: OfficialAccountSender) -> None:
    platform.answer = None
    with pytest.raises(SendUnknown):
        await sender.send_template("o1", TEMPLATE, client_msg_id="k")


async def test_no_connection_is_not_made(clock: FixedClock) -> None:
    async with open_transport() as transport:
        credentials = Credentials(app_id="wx1", secret="s" * 32, base_url="http://127.0.0.1:9")
        client = OfficialAccountClient(transport, credentials, OneProcessTokens(), clock, holder="h")
        with pytest.raises(SendNotMade):
            await OfficialAccountSender(client).send_custom("o1", TEXT)
