"""Rate and daily budgets per app and call: hold a call back that the platform would refuse anyway.

A refused call still counts, and too many of them get an account limited. The budgets are learnt: from
``openapi/quota/get``, and from refusals. Until then a call is free. The rules here are pure; who keeps a
budget, and how processes share it, is told in ``budget_keeping``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

from quanyu.wechat.common.management import QuotaAnswer
from quanyu.wechat.errors import QuotaExceeded
from quanyu.wechat.refusals import Action

CHINA: Final = timezone(timedelta(hours=8))  # The platform's day; China has no summer time.
# How long a refusal closes a call, by its code; daily ones close it until midnight in China.
_PAUSES: Final = {
    44990: timedelta(seconds=1),
    42010: timedelta(seconds=5),
    45066: timedelta(seconds=5),
}
_PAUSE: Final = timedelta(minutes=1)
_MONTHLY: Final = frozenset({48006, 41210})
# WeCom freezes a call for the window it overran, and says not which: who comes back too early waits longer.
_FREEZING: Final = frozenset({45009})
_FREEZE: Final = timedelta(hours=1)
# Of what is left, the part one process may take in store: what others miss while it waits, or dies.
_SPARE_PART: Final = 16


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
    lent: int = 0  # Of ``used`` and taken from ``tokens``: calls in store somewhere, perhaps not yet made.
    epoch: int = 0  # Rises when ``used`` is set anew; what was lent before is then no part of it.

    @property
    def made(self) -> int:
        """The calls that are certain to have been made."""
        return self.used - self.lent


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Calls that may be made, counted already."""

    calls: int
    spare: int  # Those of ``calls`` that nobody is about to make.
    day: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a budget had been used when the platform was asked about it."""

    day: str
    epoch: int
    made: int


def take(budget: Budget, now: datetime) -> tuple[Budget, datetime | None]:
    """Count one call; with an instant, the call must wait for it and nothing was counted."""
    budget, got = grant(budget, now, need=1, spare=0)
    return budget, got if isinstance(got, datetime) else None


def grant(budget: Budget, now: datetime, *, need: int, spare: int) -> tuple[Budget, Grant | datetime]:
    """Count up to ``need`` calls that are about to be made, and up to ``spare`` to keep in store.

    Gives at least one call, or the instant that calls must wait for, and then nothing was counted. In
    store goes at most a small part of what is left.
    """
    if budget.closed_until is not None and now < budget.closed_until:
        return budget, budget.closed_until
    budget = _filled(turned(budget, now), now)
    left = _left(budget)
    if left is not None:
        if left < 1:
            return budget, _available_at(budget, now)
        need = min(need, left)
        spare = min(spare, left // _SPARE_PART, left - need)
    calls = need + spare
    tokens = budget.tokens if budget.burst is None else budget.tokens - calls
    budget = replace(budget, used=budget.used + calls, tokens=tokens, lent=budget.lent + spare)
    return budget, Grant(calls=calls, spare=spare, day=budget.day, epoch=budget.epoch)


def settle(budget: Budget, old: Grant, *, rest: int, now: datetime) -> Budget:
    """Take back the ``rest`` of a grant that nobody will use any more; once for each grant."""
    budget = turned(budget, now)
    if old.day != budget.day:
        return budget  # The count it belonged to is over.
    budget = replace(budget, lent=max(0, budget.lent - old.spare))
    if old.epoch == budget.epoch:
        budget = replace(budget, used=max(0, budget.used - rest))
    return budget if budget.burst is None else replace(budget, tokens=budget.tokens + rest)


def _left(budget: Budget) -> int | None:
    """How many calls may be made now; ``None``: nothing is known that limits them."""
    limits = []
    if budget.daily_limit is not None:
        limits.append(budget.daily_limit - budget.used)
    if budget.burst is not None:
        limits.append(int(budget.tokens))
    return min(limits, default=None)


def _available_at(budget: Budget, now: datetime) -> datetime:
    if budget.burst is None or (budget.daily_limit is not None and budget.used >= budget.daily_limit):
        return next_day(now)
    missing_s = (1 - budget.tokens) * budget.refill_s / budget.burst
    return now + max(timedelta(seconds=missing_s), timedelta.resolution)


def mark(budget: Budget, now: datetime) -> Mark:
    """Note how far the budget is used, before asking the platform."""
    budget = turned(budget, now)
    return Mark(day=budget.day, epoch=budget.epoch, made=budget.made)


def learn(budget: Budget, quota: QuotaAnswer, now: datetime, *, since: Mark | None = None) -> Budget:
    """Take over what the platform says; a limit of 0 means that it has none to tell.

    What is in store, and what was called since the ``since`` of asking, counts on top: whether the
    platform has counted it already nobody knows.
    """
    budget = turned(budget, now)
    if quota.quota.daily_limit > 0:
        budget = replace(
            budget,
            daily_limit=quota.quota.daily_limit,
            used=_used(budget, quota.quota.used, since),
            epoch=budget.epoch + 1,
        )
    if quota.quota.remain > 0 and budget.closed_until is not None and budget.closed_until >= next_day(now):
        budget = replace(budget, closed_until=None)  # The count was cleared since the refusal.
    rate = quota.rate_limit
    if rate.call_count > 0 and rate.refresh_second > 0:
        is_new = (budget.burst, budget.refill_s) != (rate.call_count, float(rate.refresh_second))
        tokens = float(max(0, rate.call_count - budget.lent)) if is_new else budget.tokens
        budget = replace(
            budget,
            burst=rate.call_count,
            refill_s=float(rate.refresh_second),
            tokens=tokens,
            filled_at=now if is_new else budget.filled_at,
        )
    return budget


def _used(budget: Budget, told: int, since: Mark | None) -> int:
    if since is None or since.day != budget.day:
        return told + budget.lent
    if since.epoch != budget.epoch:  # Somebody learnt meanwhile, and later than we asked.
        return max(told + budget.lent, budget.used)
    return told + budget.lent + max(0, budget.made - since.made)


def close(budget: Budget, refused: QuotaExceeded, now: datetime) -> Budget:
    """Hold further calls back for as long as the refusal is sure to last."""
    if refused.errcode in _MONTHLY:
        until = next_month(now)
    elif refused.action is Action.QUOTA:
        until = next_day(now)
    elif refused.errcode in _FREEZING and _was_just_closed(budget, now):
        until = now + _FREEZE
    else:
        until = now + _PAUSES.get(refused.errcode, _PAUSE)
    return replace(budget, closed_until=max(until, budget.closed_until or until))


def _was_just_closed(budget: Budget, now: datetime) -> bool:
    return budget.closed_until is not None and now - budget.closed_until < _PAUSE


def reopen(budget: Budget) -> Budget:
    """Forget what was used; after the platform cleared the count."""
    return replace(budget, used=budget.lent, closed_until=None, epoch=budget.epoch + 1)


def next_day(now: datetime) -> datetime:
    """Return the next midnight in China."""
    local = now.astimezone(CHINA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def next_month(now: datetime) -> datetime:
    """Return the next first of a month in China, at midnight."""
    first = now.astimezone(CHINA).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def turned(budget: Budget, now: datetime) -> Budget:
    """Begin a new day's count if one has begun; nothing in store outlives the day."""
    day = now.astimezone(CHINA).date().isoformat()
    return budget if day == budget.day else replace(budget, day=day, used=0, lent=0)


def _filled(budget: Budget, now: datetime) -> Budget:
    if budget.burst is None or budget.filled_at is None:
        return budget
    passed_s = max(0.0, (now - budget.filled_at).total_seconds())
    # What is in store may still be called at once, so the bucket holds that much less.
    tokens = min(float(budget.burst - budget.lent), budget.tokens + passed_s * budget.burst / budget.refill_s)
    return replace(budget, tokens=tokens, filled_at=max(now, budget.filled_at))
