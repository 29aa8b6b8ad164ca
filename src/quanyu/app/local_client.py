"""The command line's way to the platform on this machine: the running one, or one started for the call."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import aiohttp

from quanyu.app.run_file import find_running
from quanyu.app.settings import Settings
from quanyu.kernel.errors import AppError

BRAND_HEADER: Final = "quanyu-brand"  # With the local token: the key of the brand that is meant.


class RequestRefused(AppError):
    """The platform refused a request of the command line."""

    code = "app.request_refused"


class LocalClient:
    """JSON requests with the local token."""

    def __init__(self, session: aiohttp.ClientSession, brand: str | None = None) -> None:
        self._session = session
        self._headers = {} if brand is None else {BRAND_HEADER: brand}

    async def get(self, path: str, **query: Any) -> Any:
        """Return the answer of a GET."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Any:
        """Return the answer of a POST."""
        return await self._ask("POST", path, json=body)

    async def put(self, path: str, body: Any = None) -> Any:
        """Return the answer of a PUT."""
        return await self._ask("PUT", path, json=body)

    async def delete(self, path: str, **query: Any) -> Any:
        """Return the answer of a DELETE."""
        return await self._ask("DELETE", path, params=query)

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        async with self._session.request(method, path, headers=self._headers, **options) as answer:
            if answer.status == 204:
                return None
            content = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RequestRefused(
                    str(content.get("detail", f"HTTP {answer.status}")),
                    message_zh=str(content.get("detail_zh", "")),
                    status=answer.status,
                )
            return content


@asynccontextmanager
async def local_client(settings: Settings, *, brand: str | None = None) -> AsyncIterator[LocalClient]:
    """Yield a client of the running platform; if none runs, start one quietly and stop it afterwards.

    ``brand``: the key of the brand that is meant; the first one when left out.
    """
    running = find_running(settings.data)
    if running is not None:
        async with _session(running.url, settings) as session:
            yield LocalClient(session, brand)
        return
    from quanyu.app.platform import BrandSpec, Platform  # Loading it takes longer than most requests.

    settings = replace(settings, host="127.0.0.1", port=_free_port())
    stopping = asyncio.Event()
    async with Platform(settings, BrandSpec()) as platform:
        serving = asyncio.create_task(platform.serve(stopping))
        await platform.is_serving.wait()
        try:
            async with _session(f"http://127.0.0.1:{settings.port}", settings) as session:
                yield LocalClient(session, brand)
        finally:
            stopping.set()
            await serving


def _session(url: str, settings: Settings) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        url,
        headers={"authorization": f"Bearer {settings.data.ensure_local_token()}"},
        timeout=aiohttp.ClientTimeout(total=120),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
