"""Telling open pages what has changed, without asking and without work while nobody looks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

Chat = tuple[str, str]  # (appid, openid); an empty openid is the account itself, both empty is everything.

CHATS_MAX = 200


class Watcher:
    """What changed since one page last looked."""

    def __init__(self) -> None:
        self._changed: set[Chat] = set()
        self._woken = asyncio.Event()

    def note(self, chat: Chat) -> None:
        if len(self._changed) > CHATS_MAX:
            self._changed = {("", "")}  # Too much to name one by one: look at everything again.
        self._changed.add(chat)
        self._woken.set()

    async def take(self) -> frozenset[Chat]:
        """Wait for changes and return them all."""
        await self._woken.wait()
        self._woken.clear()
        taken, self._changed = frozenset(self._changed), set()
        return taken


class Changes:
    """Hands changes to whoever watches."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self.closed = False

    def note(self, appid: str, openid: str) -> None:
        for watcher in self._watchers:
            watcher.note((appid, openid))

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """Watch while the block is open."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Wake every watcher a last time, so that open streams end."""
        self.closed = True
        self.note("", "")
