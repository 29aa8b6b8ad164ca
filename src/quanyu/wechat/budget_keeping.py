"""Keeping budgets so that all processes of an app share them, at little cost for each call.

Every count is in the store before the call is made, so processes together never exceed a budget. To
spare a busy process the way to the store, it takes calls in *slices*: as many as callers wait for, and,
when the slice before was used up in time, some more to keep. A slice lives for ``SLICE_LIFE`` and ends
with the day; its rest is given back with the next look at the store.

Within ``SLICE_LIFE`` each process sees what another learnt from a refusal or an answer. When a process
dies, its slice counts as used until midnight in China.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from quanyu.kernel.clock import Clock
from quanyu.wechat import budgets as rules
from quanyu.wechat.budgets import Budget, Grant, Mark
from quanyu.wechat.common.management import QuotaAnswer
from quanyu.wechat.errors import BudgetSpent, QuotaExceeded

SLICE_LIFE: Final = timedelta(seconds=1)
SLICE_MAX: Final = 128
_WAITING_MAX: Final = 512  # Callers that one look at the store serves.

T = TypeVar("T")


class BudgetStore(Protocol):
    """Where the budgets of an app's calls are kept."""

    async def change(self, app_id: str, path: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        """Replace the budget by what ``step`` makes of it, and return what else it says.

        Atomic: no two steps see the same budget. ``step`` is pure and may be called again. An
        unknown budget is ``Budget()``.
        """
        ...


class MemoryBudgetStore:
    """The budgets of one process."""

    def __init__(self) -> None:
        self._budgets: dict[tuple[str, str], Budget] = {}

    async def change(self, app_id: str, path: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        """Replace the budget by what ``step`` makes of it, and return what else it says."""
        changed, said = step(self._budgets.get((app_id, path), Budget()))
        self._budgets[app_id, path] = changed
        return said


@dataclass(slots=True)
class _Slice:
    """What this process has of one call's budget."""

    grant: Grant | None = None
    left: int = 0
    wait_until: datetime | None = None  # No call before; as the store said.
    ends_at: datetime | None = None  # By the business clock,
    ends_s: float = 0.0  # and by the real one, whichever comes first.
    spare: int = 0  # How many calls more than are waited for are asked for next.
    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_alive(self, now: datetime) -> bool:
        return self.ends_at is not None and now < self.ends_at and time.monotonic() < self.ends_s

    def serves(self, now: datetime) -> bool:
        """Whether the next caller's answer is here: a call, or until when it has to wait."""
        has_answer = self.left > 0 if self.wait_until is None else now < self.wait_until
        return has_answer and self.is_alive(now)

    def end(self) -> None:
        self.ends_at = None


class Budgets:
    """The budgets as clients use them; one for each process and store."""

    def __init__(self, store: BudgetStore, clock: Clock, *, slice_max: int = 0) -> None:
        """``slice_max`` is how many calls may be kept in store; with 0 nothing is, and none is ever lost."""
        self._store = store
        self._clock = clock
        self._slice_max = slice_max
        self._slices: dict[tuple[str, str], _Slice] = {}

    async def take(self, app_id: str, path: str) -> None:
        """Count one call that is about to be made.

        Raises:
            BudgetSpent: it must not be made now; says when.
        """
        part = self._slices.setdefault((app_id, path), _Slice())
        if not part.serves(self._clock.now()):
            await self._fetch_for_all(part, app_id, path)
        if part.wait_until is not None:
            raise BudgetSpent(path, part.wait_until)
        part.left -= 1

    async def _fetch_for_all(self, part: _Slice, app_id: str, path: str) -> None:
        part.waiting += 1
        try:
            async with part.lock:
                if not part.serves(self._clock.now()):  # Another caller may have fetched for us too.
                    await self._fetch(part, app_id, path)
        finally:
            part.waiting -= 1

    async def _fetch(self, part: _Slice, app_id: str, path: str) -> None:
        """Settle what is left of the slice before, and get another."""
        now = self._clock.now()
        old, rest = part.grant, part.left
        is_eager = old is not None and rest == 0 and part.is_alive(now)
        part.spare = min(self._slice_max, max(1, part.spare * 2)) if is_eager else part.spare // 4
        need, spare = min(part.waiting, _WAITING_MAX), part.spare

        def step(budget: Budget) -> tuple[Budget, Grant | datetime]:
            if old is not None:
                budget = rules.settle(budget, old, rest=rest, now=now)
            return rules.grant(budget, now, need=need, spare=spare)

        part.grant, part.left = None, 0
        got = await self._store.change(app_id, path, step)
        if isinstance(got, Grant):
            part.grant, part.left, part.wait_until = got, got.calls, None
        else:
            part.wait_until = got
        part.ends_at = min(self._clock.now() + SLICE_LIFE, rules.next_day(now))
        part.ends_s = time.monotonic() + SLICE_LIFE.total_seconds()

    async def mark(self, app_id: str, path: str) -> Mark:
        """Note how far a call's budget is used; before asking the platform."""
        now = self._clock.now()
        return await self._store.change(app_id, path, lambda budget: (budget, rules.mark(budget, now)))

    async def learn(self, app_id: str, path: str, quota: QuotaAnswer, *, since: Mark | None = None) -> None:
        """Take over what the platform says of a call."""
        now = self._clock.now()
        await self._change(app_id, path, lambda budget: rules.learn(budget, quota, now, since=since))

    async def refused(self, app_id: str, path: str, error: QuotaExceeded) -> None:
        """Hold further calls back after the platform refused one for its limits."""
        now = self._clock.now()
        await self._change(app_id, path, lambda budget: rules.close(budget, error, now))

    async def cleared(self, app_id: str, path: str) -> None:
        """Go on after the platform cleared the count of a call."""
        await self._change(app_id, path, rules.reopen)

    async def _change(self, app_id: str, path: str, step: Callable[[Budget], Budget]) -> None:
        await self._store.change(app_id, path, lambda budget: (step(budget), None))
        if (part := self._slices.get((app_id, path))) is not None:
            part.end()  # What was got before the news is settled with the next look.
