"""Rate and daily budgets per app and call: hold a call back that the platform would refuse anyway.

A refused call still counts, and too many of them get an account limited. The budgets are learnt: from
``openapi/quota/get``, and from refusals. Until then a call is free. The rules are pure; where a budget
is kept is the store's business, so that all processes of one app can share it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final, Protocol, TypeVar

from quanyu.kernel.clock import Clock
from quanyu.wechat.common.management import QuotaAnswer
from quanyu.wechat.errors import BudgetSpent, QuotaExceeded
from quanyu.wechat.refusals import Action

CHINA: Final = timezone(timedelta(hours=8))  # The platform's day; China has no summer time.
# How long a refusal closes a call, by its code; daily ones close it until midnight in China.
_PAUSES: Final = {
    44990: timedelta(seconds=1),
    42010: timedelta(seconds=5),
    45066: timedelta(seconds=5),
}
_PAUSE: Final = timedelta(minutes=1)
_MONTHLY: Final = frozenset({48006})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is known of one call of one app. Everything is optional: nothing known limits nothing."""

    daily_limit: int | None = None
    day: str = ""  # The day in China that ``used`` counts.
    used: int = 0
    burst: int | None = None  # Calls per ``refill_s``.
    refill_s: float = 0.0
    tokens: float = 0.0  # Calls that may be made at once, at ``filled_at``.
    filled_at: datetime | None = None
    closed_until: datetime | None = None  # After a refusal.


def take(budget: Budget, now: datetime) -> tuple[Budget, datetime | None]:
    """Count one call; with an instant, the call must wait for it and nothing was counted."""
    if budget.closed_until is not None and now < budget.closed_until:
        return budget, budget.closed_until
    budget = _filled(_turned(budget, now), now)
    if budget.daily_limit is not None and budget.used >= budget.daily_limit:
        return budget, next_day(now)
    if budget.burst is None:
        return replace(budget, used=budget.used + 1), None
    if budget.tokens < 1:
        missing_s = (1 - budget.tokens) * budget.refill_s / budget.burst
        return budget, now + timedelta(seconds=missing_s)
    return replace(budget, used=budget.used + 1, tokens=budget.tokens - 1), None


def learn(budget: Budget, quota: QuotaAnswer, now: datetime) -> Budget:
    """Take over what the platform says; a limit of 0 means that it has none to tell."""
    budget = _turned(budget, now)
    if quota.quota.daily_limit > 0:
        budget = replace(budget, daily_limit=quota.quota.daily_limit, used=quota.quota.used)
    if quota.quota.remain > 0 and budget.closed_until is not None and budget.closed_until >= next_day(now):
        budget = replace(budget, closed_until=None)  # The count was cleared since the refusal.
    rate = quota.rate_limit
    if rate.call_count > 0 and rate.refresh_second > 0:
        is_new = (budget.burst, budget.refill_s) != (rate.call_count, float(rate.refresh_second))
        tokens = float(rate.call_count) if is_new else budget.tokens
        budget = replace(
            budget,
            burst=rate.call_count,
            refill_s=float(rate.refresh_second),
            tokens=tokens,
            filled_at=now if is_new else budget.filled_at,
        )
    return budget


def close(budget: Budget, refused: QuotaExceeded, now: datetime) -> Budget:
    """Hold further calls back for as long as the refusal is sure to last."""
    if refused.errcode in _MONTHLY:
        until = next_month(now)
    elif refused.action is Action.QUOTA:
        until = next_day(now)
    else:
        until = now + _PAUSES.get(refused.errcode, _PAUSE)
    return replace(budget, closed_until=max(until, budget.closed_until or until))


def reopen(budget: Budget) -> Budget:
    """Forget what was used; after the platform cleared the count."""
    return replace(budget, used=0, closed_until=None)


def next_day(now: datetime) -> datetime:
    """Return the next midnight in China."""
    local = now.astimezone(CHINA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def next_month(now: datetime) -> datetime:
    """Return the next first of a month in China, at midnight."""
    first = now.astimezone(CHINA).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _turned(budget: Budget, now: datetime) -> Budget:
    day = now.astimezone(CHINA).date().isoformat()
    return budget if day == budget.day else replace(budget, day=day, used=0)


def _filled(budget: Budget, now: datetime) -> Budget:
    if budget.burst is None or budget.filled_at is None:
        return budget
    passed_s = max(0.0, (now - budget.filled_at).total_seconds())
    tokens = min(float(budget.burst), budget.tokens + passed_s * budget.burst / budget.refill_s)
    return replace(budget, tokens=tokens, filled_at=max(now, budget.filled_at))


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


class Budgets:
    """The budgets as clients use them."""

    def __init__(self, store: BudgetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, app_id: str, path: str) -> None:
        """Count one call that is about to be made.

        Raises:
            BudgetSpent: it must not be made now; says when.
        """
        now = self._clock.now()
        retry_at = await self._store.change(app_id, path, lambda budget: take(budget, now))
        if retry_at is not None:
            raise BudgetSpent(path, retry_at)

    async def learn(self, app_id: str, path: str, quota: QuotaAnswer) -> None:
        """Take over what the platform says of a call."""
        now = self._clock.now()
        await self._store.change(app_id, path, lambda budget: (learn(budget, quota, now), None))

    async def refused(self, app_id: str, path: str, error: QuotaExceeded) -> None:
        """Hold further calls back after the platform refused one for its limits."""
        now = self._clock.now()
        await self._store.change(app_id, path, lambda budget: (close(budget, error, now), None))

    async def cleared(self, app_id: str, path: str) -> None:
        """Go on after the platform cleared the count of a call."""
        await self._store.change(app_id, path, lambda budget: (reopen(budget), None))
