"""A tiny platform over real HTTP: takes messages, remembers client_msg_ids, notes who got what."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class TinyPlatform:
    """Accepts every message after a moment; what a person got is noted before the answer."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.texts: Counter[tuple[str, str]] = Counter()  # (openid, content)
        self.templates: Counter[tuple[str, str]] = Counter()  # (openid, client_msg_id), once per key
        self._msgids: dict[tuple[str, str], int] = {}
        self.calls = 0
        self.in_flight = 0
        self.base_url = ""
        self._progress = asyncio.Condition()

    async def wait_for_calls(self, calls: int) -> None:
        """Return once so many messages came in altogether."""
        async with self._progress:
            await self._progress.wait_for(lambda: self.calls >= calls)

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": "tiny", "expires_in": 7200})

    async def custom(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.texts[body["touser"], body["text"]["content"]] += 1
        await self._linger()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def template(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        key = (body["touser"], body["client_msg_id"])
        if key not in self._msgids:
            self._msgids[key] = 10**18 + len(self._msgids)
            self.templates[key] += 1
        await self._linger()
        answer: dict[str, Any] = {"errcode": 0, "errmsg": "ok", "msgid": self._msgids[key]}
        return web.json_response(answer)

    async def _linger(self) -> None:
        async with self._progress:
            self.calls += 1
            self._progress.notify_all()
        self.in_flight += 1
        try:
            await asyncio.sleep(self._random.uniform(0, 0.02))
        finally:
            self.in_flight -= 1


@asynccontextmanager
async def running(seed: int) -> AsyncIterator[TinyPlatform]:
    """Serve on a free port of this machine."""
    platform = TinyPlatform(seed)
    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", platform.token)
    app.router.add_post("/cgi-bin/message/custom/send", platform.custom)
    app.router.add_post("/cgi-bin/message/template/send", platform.template)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    platform.base_url = f"http://{host}:{port}"
    try:
        yield platform
    finally:
        await runner.cleanup()
