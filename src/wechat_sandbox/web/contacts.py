"""Finding people to play among many: by number, by name, or whoever talked last."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Final

from wechat_sandbox.accounts import Account
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.world import World

_SLICE: Final = 1000  # People are made in a few microseconds each; then others have their turn.


class Contacts:
    """The people of a sandbox as a list one can search."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self._seed = seed
        self._names: list[str] = []

    async def find(self, account: Account, query: str, limit: int) -> list[int]:
        """Return people whose number, openid or name the query is; all, latest talk first, without one."""
        if not query:
            return list(islice(self._by_talk(account, limit), limit))
        direct = self._by_number(account, query)
        if direct is not None:
            return [direct]
        await self._learn_names()
        wanted = query.casefold()
        return list(islice((index for index, name in enumerate(self._names) if wanted in name), limit))

    def _by_number(self, account: Account, query: str) -> int | None:
        if query.isascii() and query.isdecimal() and int(query) < self.world.people:
            return int(query)
        if len(query) == 28:
            relation = self.world.find_relation(account, query)
            return None if relation is None else relation.person
        return None

    def _by_talk(self, account: Account, limit: int) -> Iterator[int]:
        """Yield who talked last, then everyone else by number."""
        seen = dict.fromkeys(self.world.store.latest_talkers(account.appid, limit))
        yield from seen
        if len(seen) < limit:
            yield from (index for index in range(self.world.people) if index not in seen)

    async def _learn_names(self) -> None:
        # No pause between looking at the length and growing: searches may run side by side.
        while (start := len(self._names)) < self.world.people:
            for index in range(start, min(start + _SLICE, self.world.people)):
                self._names.append(make_person(self._seed, index, self.world.people).nickname.casefold())
            await asyncio.sleep(0)
