"""How much the platform trusts a person, as ``getuserriskrank`` tells: 0 ordinary to 4 very risky.

Most people are harmless; the seed makes about one in twenty suspicious. A rank set by hand wins.
"""

import hashlib

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf

RANKS = range(5)
# Share of people, in thousandths, from rank 3 down to 1; nobody is blocked without being told so.
_SHARES = ((3, 10), (2, 30), (1, 80))


class Risk:
    """Risk ranks of people at one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._set = Shelf(world.store, "mini_risk", int)

    def rank(self, person: int) -> int:
        found = self._set.find(self._account.appid, str(person))
        return self._natural(person) if found is None else found

    def set(self, person: int, rank: int) -> None:
        self._set.put(self._account.appid, str(person), rank)

    def _natural(self, person: int) -> int:
        digest = hashlib.sha256(f"{self._world.seed}:risk:{person}".encode()).digest()
        draw = int.from_bytes(digest[:4], "big") % 1000
        for rank, below in _SHARES:
            if draw < below:
                return rank
        return 0
