"""The command line's way to the platform on this machine: the running one, or one started for the call."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import aiohttp

from quanyu.app.run_file import find_running
from quanyu.app.settings import Settings
from quanyu.kernel.errors import AppError, Conflict, Unavailable

BRAND_HEADER: Final = "quanyu-brand"  # With the local token: the key of the brand that is meant.


class RequestRefused(AppError):
    """The platform refused a request of the command line."""

    code = "app.request_refused"


class NothingRuns(Conflict):
    """The command needs a running platform, and none runs on this data directory."""

    code = "app.nothing_runs"


class NoDeployment(Conflict):
    """The data directory does not exist or holds no deployment: there is nothing to ask or to change."""

    code = "app.no_deployment"


class PlatformAway(Unavailable):
    """The platform does not answer, or went away while the command line was watching."""

    code = "app.platform_away"


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
        try:
            return await self._answer(method, path, **options)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformAway(
                "the platform does not answer; look whether it still runs, or start it with `quanyu up`",
                message_zh="平台没有应答，请检查它是否仍在运行，或用 `quanyu up` 启动",
            ) from error

    async def _answer(self, method: str, path: str, **options: Any) -> Any:
        async with self._session.request(method, path, headers=self._headers, **options) as answer:
            if answer.status == 204:
                return None
            content = _decode(await answer.read(), answer.status)
            if answer.status >= 400:
                raise RequestRefused(
                    str(content.get("detail", f"HTTP {answer.status}")),
                    message_zh=str(content.get("detail_zh", "")),
                    status=answer.status,
                )
            return content


def _decode(body: bytes, status: int) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        # Another program listens where the platform did, or a proxy answered for it.
        raise RequestRefused(
            f"HTTP {status}, and not in the platform's words", message_zh=f"HTTP {status},应答并非来自平台"
        ) from error


@asynccontextmanager
async def running_client(settings: Settings) -> AsyncIterator[LocalClient]:
    """Yield a client of the running platform; nothing is started or made for it.

    Raises:
        NothingRuns: no platform runs on this data directory.
    """
    running = find_running(settings.data)
    if running is None:
        raise NothingRuns(
            f"no platform runs on {settings.data.root}; start it with `quanyu up`, "
            "or set QUANYU_DATA to its data",
            message_zh=f"{settings.data.root} 上没有正在运行的平台，"
            "请先运行 `quanyu up`，或把 QUANYU_DATA 设为其数据目录",
        )
    async with _session(running.url, settings) as session:
        yield LocalClient(session)


@asynccontextmanager
async def local_client(
    settings: Settings, *, brand: str | None = None, makes_deployment: bool = False
) -> AsyncIterator[LocalClient]:
    """Yield a client of the running platform; if none runs, start one quietly and stop it afterwards.

    ``brand``: the key of the brand that is meant; the first one when left out.
    ``makes_deployment``: an import may be the first thing a deployment ever does; nothing else begins one.

    Raises:
        NoDeployment: the data directory holds none, and this command would not begin one.
    """
    running = find_running(settings.data)
    if running is not None:
        async with _session(running.url, settings) as session:
            yield LocalClient(session, brand)
        return
    if not makes_deployment and not settings.data.holds_deployment():
        raise NoDeployment(
            f"{settings.data.root} holds no deployment; set QUANYU_DATA to its data, "
            "or begin one with `quanyu up`",
            message_zh=f"{settings.data.root} 中没有平台数据，请检查 QUANYU_DATA，或用 `quanyu up` 新建",
        )
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
