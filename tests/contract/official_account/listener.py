"""A callback address of a product: opens what comes by the product's own code, and answers as told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefused
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.opening import CallbackOpener, Delivery
from quanyu.wechat.official_account.replies import Wire

Parse = Callable[[bytes], Callback]
Answer = Callable[[Callback], str | None]


@dataclass
class Listener:
    """What arrived, and how it was answered."""

    opener: CallbackOpener
    parse: Parse
    wire: Wire = Wire.XML
    answer: Answer = lambda _: None
    url: str = ""
    account: str = ""  # Its app id.
    client: OfficialAccountClient | None = None  # Of the same account.
    received: list[Callback] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    refused: list[CallbackRefused] = field(default_factory=list)

    async def echo(self, request: web.Request) -> web.Response:
        try:
            return web.Response(text=self.opener.echo(Delivery.of(request.query)))
        except BadSignature:
            return web.Response(status=403)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        try:
            callback = self.parse(self.opener.open(Delivery.of(request.query), body))
        except CallbackRefused as error:
            self.refused.append(error)
            return web.Response(status=403)
        self.received.append(callback)
        document = self.answer(callback)
        if document is None:
            return web.Response(text="success")
        return web.Response(body=self.opener.seal(document, at=datetime.now(UTC), wire=self.wire))


@asynccontextmanager
async def listening(account: dict[str, Any], parse: Parse, **options: Any) -> AsyncIterator[Listener]:
    """Listen for the callbacks of an account as its mode says."""
    key = "" if account["callback_mode"] == "plain" else account["aes_key"]
    opener = CallbackOpener(token=account["token"], app_id=account["appid"], encoding_aes_key=key)
    listener = Listener(opener, parse, account=account["appid"], **options)
    app = web.Application()
    app.router.add_get("/callback", listener.echo)
    app.router.add_post("/callback", listener.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
        yield listener
    finally:
        await runner.cleanup()
