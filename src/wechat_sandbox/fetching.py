"""Fetching files that a program asks the platform to take from an address of its own."""

import asyncio
from collections.abc import Callable

import aiohttp

ANSWER_S = 30.0
BYTES_MAX = 200 * 1024 * 1024
Done = Callable[[bytes | None], None]


class Fetcher:
    """Fetches in the background; ``done`` gets the bytes, or nothing when it cannot be had."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        return len(self._tasks)

    def fetch(self, url: str, done: Done) -> None:
        task = asyncio.get_running_loop().create_task(self._fetch(url, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, url: str, done: Done) -> None:
        content: bytes | None = None
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_S)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
                body = await answer.content.read(BYTES_MAX + 1)
                while not answer.content.at_eof() and len(body) <= BYTES_MAX:
                    body += await answer.content.read(BYTES_MAX + 1 - len(body))
                content = body if answer.status in (200, 206) and len(body) <= BYTES_MAX else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            content = None
        done(content)
