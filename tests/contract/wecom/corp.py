"""A sandbox with one corp, as its users start it, and an address its callbacks reach."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from contract.official_account.conftest import MemoryTokenStore
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.callbacks.errors import CallbackRefused
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom.callbacks import CallbackOpener, Delivery, parse_callback
from quanyu.wechat.wecom.client import CorpCredentials, WeComClient
from quanyu.wechat.wecom.events.base import Callback
from support.processes import SEEN_LIMIT_S

CallbackT = TypeVar("CallbackT", bound=Callback)

_CONFIG = """
people = 30
seed = 7
crowd = false

[[account]]
name = "青山茶食"

[[corp]]
name = "青山茶食"
staff = 6

[[corp.agents]]
name = "全域助手"
calls_customers = true
calls_kf = true
"""


@dataclass(frozen=True)
class Corp:
    """A running sandbox and its corp."""

    url: str
    known: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.known["corpid"])

    @property
    def agent_id(self) -> int:
        return int(self.known["agents"][0]["agentid"])

    def secret(self, scope: str) -> str:
        """The secret of ``contacts``, ``customers``, ``kf``, ``archive``, or of the ``app``."""
        found = self.known["agents"][0]["secret"] if scope == "app" else self.known["secrets"][scope]
        return str(found)

    def client(self, transport: Transport, scope: str, *, secret: str = "") -> WeComClient:
        """Return a client with a token store of its own."""
        known = CorpCredentials(
            corp_id=self.id,
            secret=secret or self.secret(scope),
            agent_id=self.agent_id if scope == "app" else 0,
            base_url=f"{self.url}/qyapi.weixin.qq.com",
        )
        return WeComClient(transport, known, MemoryTokenStore(), SystemClock(), holder="test")

    async def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the sandbox's control interface about the corp; ``/…`` alone about the whole sandbox."""
        is_whole = path in ("/reset", "/faults", "/counters")
        whole = f"/sandbox{path}" if is_whole else f"/sandbox/corps/{self.id}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}{whole}", json=body or {}) as response,
        ):
            answer = await response.json(content_type=None)
            assert response.status < 300, answer
            return answer

    async def calls(self) -> dict[str, int]:
        """How often each path was called."""
        counted: dict[str, int] = (await self.control("GET", "/counters"))["corp_calls"]
        return counted

    async def staff(self) -> list[str]:
        """The user ids of the members."""
        return [one["userid"] for one in (await self.control("GET", "/staff"))["items"]]

    async def add(self, person: int, staff: str, **how: Any) -> str:
        """Let a person and a member add each other; return the customer's id."""
        await self.control("POST", f"/customers/{person}/add", {"userid": staff, **how})
        return str((await self.control("GET", f"/customers/{person}"))["external_userid"])


@contextmanager
def running_corp(directory: Path) -> Iterator[Corp]:
    """Run a sandbox on a free port, with nobody acting by themselves."""
    config = directory / "sandbox.toml"
    config.write_text(_CONFIG, "utf-8")
    command = [
        sys.executable,
        "-m",
        "wechat_sandbox",
        "serve",
        "--port",
        "0",
        "--json",
        "--config",
        str(config),
    ]
    environ = {name: value for name, value in os.environ.items() if name != "QUANYU_CLOCK"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the sandbox ended before it was ready"
        ready = json.loads(line)
        yield Corp(ready["url"], ready["corps"][0])
    finally:
        process.terminate()
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()


@dataclass
class Listener:
    """What reached a callback address, opened by the product's own code."""

    opener: CallbackOpener
    url: str = ""
    received: list[Callback] = field(default_factory=list)
    refused: list[CallbackRefused] = field(default_factory=list)

    async def echo(self, request: web.Request) -> web.Response:
        return web.Response(text=self.opener.echo(Delivery.of(request.query)))

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            self.received.append(parse_callback(self.opener.open(Delivery.of(request.query), body)))
        except CallbackRefused as error:
            self.refused.append(error)
            return web.Response(status=403)
        return web.Response()

    async def until(self, count: int, *kinds: type[Callback]) -> list[Callback]:
        """Wait for ``count`` callbacks of these types; what was done before may still come in between."""
        async with asyncio.timeout(SEEN_LIMIT_S):
            while len(found := [one for one in self.received if isinstance(one, kinds)]) < count:
                assert self.refused == []
                await asyncio.sleep(0.02)
        return found

    def only(self, kind: type[CallbackT]) -> CallbackT:
        """Return the one callback of a type; they come in any order."""
        (found,) = (one for one in self.received if isinstance(one, kind))
        return found


@asynccontextmanager
async def listening(corp: Corp, scope: str) -> AsyncIterator[Listener]:
    """Listen for what a scope, or the ``app``, hears; the sandbox verifies the address first."""
    hook = corp.known["agents"][0]["hook"] if scope == "app" else corp.known["hooks"][scope]
    scope = str(corp.agent_id) if scope == "app" else scope
    opener = CallbackOpener(token=hook["token"], encoding_aes_key=hook["aes_key"], receive_id=corp.id)
    listener = Listener(opener)
    app = web.Application()
    app.router.add_get("/callback", listener.echo)
    app.router.add_post("/callback", listener.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
        address = {"url": listener.url, "token": hook["token"], "aes_key": hook["aes_key"]}
        await corp.control("PUT", f"/callbacks/{scope}", address)
        yield listener
    finally:
        await corp.control("PUT", f"/callbacks/{scope}", {"url": ""})
        await runner.cleanup()
