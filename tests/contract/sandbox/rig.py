"""A sandbox on loopback with a clock moved by hand, and a small product that answers callbacks."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from wechat_sandbox.accounts import Account, CallbackFormat, CallbackMode
from wechat_sandbox.callbacks import DeliveryRules
from wechat_sandbox.clock import ManualClock
from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.sandbox import Sandbox
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.xml import document, parse

START = 1_772_337_600.0  # 2026-03-01 12:00 in China.
QUICK = DeliveryRules(answer_s=0.3, gap_s=0.3, workers=4, report_after_s=0.01)


@dataclass
class Received:
    """One request a callback address has seen."""

    query: dict[str, str]
    body: bytes
    message: dict[str, Any]


@dataclass
class Product:
    """A callback address and a tracking API, answering as a test tells."""

    answer: Callable[[Received], Awaitable[web.Response]] | None = None
    account: Account | None = None
    received: list[Received] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    tracking_answers: list[web.Response] = field(default_factory=list)
    url: str = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/callback", self._echo)
        app.router.add_post("/callback", self._take_callback)
        app.router.add_post("/v1/batch", self._take_batch)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _echo(self, request: web.Request) -> web.Response:
        assert self.account is not None
        query = request.query
        signed = sign(self.account.token, query["timestamp"], query["nonce"]) == query["signature"]
        return web.Response(text=query["echostr"] if signed else "no", status=200)

    async def _take_callback(self, request: web.Request) -> web.Response:
        assert self.account is not None
        body, query = await request.read(), dict(request.query)
        taken = Received(query, body, _open(self.account, body, query))
        self.received.append(taken)
        return await self.answer(taken) if self.answer else web.Response(text="success")

    async def _take_batch(self, request: web.Request) -> web.Response:
        self.credentials.append(request.headers["Authorization"])
        self.batches.append(await request.json())
        return self.tracking_answers.pop(0) if self.tracking_answers else web.json_response({"success": True})

    def reply(self, received: Received, fields: dict[str, Any], **changes: str) -> web.Response:
        """Answer with an encrypted passive reply; ``changes`` spoil the envelope."""
        assert self.account is not None
        codec = CallbackCodec(self.account.token, self.account.aes_key, self.account.appid)
        head = {
            "ToUserName": received.message["FromUserName"],
            "FromUserName": received.message["ToUserName"],
            "CreateTime": 1,
        }
        encrypted = codec.encrypt(document(head | fields).encode())
        envelope: dict[str, Any] = {
            "Encrypt": encrypted,
            "MsgSignature": sign(self.account.token, "7", "nonce", encrypted),
            "TimeStamp": 7,
            "Nonce": "nonce",
        }
        return web.Response(text=document(envelope | changes), content_type="text/xml")


def _open(account: Account, body: bytes, query: dict[str, str]) -> dict[str, Any]:
    """Check and open a callback, written as the account's settings say."""
    read = json.loads if account.callback_format is CallbackFormat.JSON else parse
    outer = read(body)
    if account.callback_mode is CallbackMode.PLAIN:
        assert sign(account.token, query["timestamp"], query["nonce"]) == query["signature"]
        return dict(outer)
    codec = CallbackCodec(account.token, account.aes_key, account.appid)
    stamp = {"timestamp": query["timestamp"], "nonce": query["nonce"]}
    codec.verify(query["msg_signature"], encrypted=outer["Encrypt"], **stamp)
    return dict(read(codec.decrypt(outer["Encrypt"])))


class Rig:
    """A running sandbox and a client for it."""

    def __init__(self, product: Product, state: Path | None = None, **options: Any) -> None:
        self.product = product
        self.clock = ManualClock(START)
        settings: dict[str, Any] = {
            "port": 0,
            "seed": 11,
            "people": 40,
            "crowd": False,
            "state": state,
            "accounts": ({"callback_url": f"{product.url}/callback"},),
        }
        # One worker delivers in order; several overtake each other, as on the platform.
        rules = replace(QUICK, workers=options.pop("workers", QUICK.workers))
        self.sandbox = Sandbox(SandboxConfig(**(settings | options)), self.clock, delivery=rules)
        self.world = self.sandbox.world
        self.account = next(iter(self.world.accounts.values()))
        product.account = self.account
        self._client: aiohttp.ClientSession | None = None
        self._stopped = False

    async def start(self) -> "Rig":
        await self.sandbox.start()
        self._client = aiohttp.ClientSession(self.sandbox.url)
        await self.until(lambda: self.sandbox.phase == "live")
        return self

    async def stop(self) -> None:
        """Stop once; stopping again does nothing."""
        if self._stopped:
            return
        self._stopped = True
        if self._client is not None:
            await self._client.close()
        await self.sandbox.stop()

    @property
    def client(self) -> aiohttp.ClientSession:
        assert self._client is not None
        return self._client

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens on the wire; fails after ten seconds."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - many unrelated things are waited for.
                await asyncio.sleep(0.005)

    async def settled(self) -> None:
        await self.until(lambda: self.sandbox.idle)

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self.client.get(path, params=query) as answer:
            assert answer.status == 200
            return dict(await answer.json(content_type=None))

    async def post(
        self, path: str, body: Any = None, *, raw: bytes | None = None, **query: str
    ) -> dict[str, Any]:
        data = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
        async with self.client.post(path, params=query, data=data) as answer:
            assert answer.status == 200
            return dict(await answer.json(content_type=None))

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Make any call and return the status with the JSON body, None when there is none."""
        async with self.client.request(method, path, **options) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else None

    async def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        options: dict[str, Any] = {"params": query}
        if method != "GET":
            options["json"] = body or {}
        status, answer = await self.request(method, f"/sandbox{path}", **options)
        assert status < 300, answer
        return answer

    async def token(self) -> str:
        answer = await self.post(
            "/cgi-bin/stable_token",
            {
                "grant_type": "client_credential",
                "appid": self.account.appid,
                "secret": self.account.secret,
            },
        )
        return str(answer["access_token"])

    async def ask(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """Call the API with a token: POST with a body, else GET."""
        token = await self.token()
        if body is None:
            return await self.get(path, access_token=token, **query)
        return await self.post(path, body, access_token=token, **query)

    async def code(self, path: str, body: Any = None, **query: str) -> int:
        """Make a call and return its error code."""
        return int((await self.ask(path, body, **query)).get("errcode", 0))

    async def act(self, person: int, verb: str, **body: Any) -> Any:
        """Let a person do something."""
        return await self.control("POST", f"/people/{person}/{verb}", body)

    async def upload(
        self, path: str, content: bytes, *, filename: str, texts: dict[str, str] | None = None, **query: str
    ) -> dict[str, Any]:
        """Upload a file as the part ``media``."""
        form = aiohttp.FormData(texts or {}, quote_fields=False)
        form.add_field("media", io.BytesIO(content), filename=filename)
        params = {"access_token": await self.token()} | query
        async with self.client.post(path, params=params, data=form) as answer:
            assert answer.status == 200
            return dict(await answer.json(content_type=None))

    async def fetch(self, path: str, body: Any = None, **query: str) -> tuple[int, bytes, Mapping[str, str]]:
        """Fetch bytes without a token and without following redirects."""
        method = "GET" if body is None else "POST"
        options: dict[str, Any] = {"params": query, "allow_redirects": False}
        if body is not None:
            options["data"] = json.dumps(body, ensure_ascii=False).encode()
        async with self.client.request(method, path, **options) as answer:
            return answer.status, await answer.read(), answer.headers

    async def events(self, name: str) -> list[dict[str, Any]]:
        """Return what the product heard of an event, once everything is delivered."""
        await self.settled()
        return [one.message for one in self.product.received if one.message.get("Event") == name]

    async def send_text(self, person: int, text: str = "您好") -> int:
        """Send a customer-service text and return the error code."""
        answer = await self.post(
            "/cgi-bin/message/custom/send",
            {"touser": self.openid(person), "msgtype": "text", "text": {"content": text}},
            access_token=await self.token(),
        )
        return int(answer["errcode"])

    def openid(self, person: int) -> str:
        return self.world.get_relation(self.account, person).openid
