"""How fast somebody may fail to sign in: counted in PostgreSQL, so that every process counts the same.

An attempt is counted before the password is looked at, and taken back when it was right: guesses sent side by
side count like guesses one after the other.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.tenants.access.errors import TooManyAttempts
from quanyu.modules.tenants.contracts import NO_TENANT

_FIRST_DELAY: Final = timedelta(seconds=10)
_LONGEST_DELAY: Final = timedelta(minutes=15)
_FORGOTTEN_AFTER: Final = timedelta(hours=24)
_SWEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose failures are counted, and how many cost nothing."""

    key: bytes
    free: int


def account(name: str) -> Counted:
    """Count failures for one account, known or not: ``name`` is what was typed, or an id."""
    return Counted(_digest(f"account:{name}"), free=5)


def address(host: str) -> Counted:
    """Count failures from one address; a whole office may stand behind it."""
    return Counted(_digest(f"address:{host}"), free=30)


def delay_after(failures: int, free: int) -> timedelta:
    """Return how long to wait after so many failures: nothing at first, then twice as long each time."""
    if failures < free:
        return timedelta()
    return min(_FIRST_DELAY * (1 << min(failures - free, 10)), _LONGEST_DELAY)


class SignInPace:
    """Counts attempts and refuses those that come too soon."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows

    async def count(self, counted: Sequence[Counted]) -> None:
        """Count an attempt for each of ``counted``.

        Raises:
            TooManyAttempts: one of them has to wait; nothing was counted.
        """
        free = {one.key: one.free for one in counted}
        async with self._uows.system(NO_TENANT) as uow:
            now = uow.clock.now()
            for key in sorted(free):
                await uow.execute(
                    "INSERT INTO sign_in_pace (key, failures, last_at, blocked_until) "
                    "VALUES (:key, 0, :now, :now) ON CONFLICT DO NOTHING",
                    {"key": key, "now": now},
                )
            rows = await uow.execute(
                "SELECT key, failures, last_at, blocked_until FROM sign_in_pace WHERE key = ANY(:keys) "
                "ORDER BY key FOR UPDATE",
                {"keys": list(free)},
            )
            known = rows.all()
            blocked = max((row.blocked_until for row in known), default=now)
            if blocked > now:
                raise TooManyAttempts(math.ceil(uow.clock.real_seconds(blocked - now)))
            for row in known:
                failures = 1 if row.last_at < now - _FORGOTTEN_AFTER else row.failures + 1
                await uow.execute(
                    "UPDATE sign_in_pace SET failures = :failures, last_at = :now, blocked_until = :until "
                    "WHERE key = :key",
                    {
                        "key": row.key,
                        "failures": failures,
                        "now": now,
                        "until": now + delay_after(failures, free[bytes(row.key)]),
                    },
                )
            await uow.execute(
                "DELETE FROM sign_in_pace WHERE key IN (SELECT key FROM sign_in_pace WHERE last_at < :old "
                "ORDER BY last_at LIMIT :swept FOR UPDATE SKIP LOCKED)",
                {"old": now - _FORGOTTEN_AFTER, "swept": _SWEPT},
            )

    async def take_back(self, counted: Iterable[Counted]) -> None:
        """The attempt was not wrong: count one less, and nobody waits."""
        async with self._uows.system(NO_TENANT) as uow:
            await uow.execute(
                "UPDATE sign_in_pace SET failures = greatest(failures - 1, 0), blocked_until = last_at "
                "WHERE key IN (SELECT key FROM sign_in_pace WHERE key = ANY(:keys) ORDER BY key FOR UPDATE)",
                {"keys": [one.key for one in counted]},
            )

    async def forget(self, counted: Counted) -> None:
        """Somebody signed in: their failures are forgotten."""
        async with self._uows.system(NO_TENANT) as uow:
            await uow.execute("DELETE FROM sign_in_pace WHERE key = :key", {"key": counted.key})


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
