"""How fast programs may call the API: a bucket for each, and headers that say how much is left.

Counted in this process: a program that calls two processes may call twice as fast.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import MutableHeaders

from quanyu.kernel.errors import AppError, ErrorKind

_KEPT_MAX: Final = 10_000
_STATE: Final = "call_pace"


class TooManyCalls(AppError):
    """A program calls faster than it may; ``retry-after`` says how many seconds to wait."""

    kind = ErrorKind.RATE_LIMITED
    code = "access.too_many_calls"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a bucket after a call."""

    limit: int
    remaining: int
    reset_s: int  # Until the bucket is full again.
    retry_after_s: int = 0  # Nothing if the call may go on.


class CallPace:
    """Lets ``burst`` calls through at once and ``per_s`` a second in the long run, for each key."""

    def __init__(self, *, burst: int, per_s: float, monotonic_s: Callable[[], float]) -> None:
        self._burst = burst
        self._per_s = per_s
        self._now_s = monotonic_s
        self._kept: dict[int, tuple[float, float]] = {}  # Calls left, and when that was.

    def take(self, key: int) -> Standing:
        """Count one call of ``key``; one too many costs nothing and says how long to wait."""
        now_s = self._now_s()
        left, at_s = self._kept.get(key, (float(self._burst), now_s))
        left = min(self._burst, left + (now_s - at_s) * self._per_s)
        may_go = left >= 1
        left -= may_go
        if len(self._kept) >= _KEPT_MAX and key not in self._kept:
            self._kept.clear()
        self._kept[key] = (left, now_s)
        return Standing(
            limit=self._burst,
            remaining=int(left),
            reset_s=math.ceil((self._burst - left) / self._per_s),
            retry_after_s=0 if may_go else max(1, math.ceil((1 - left) / self._per_s)),
        )


def hold_to(request: Any, standing: Standing) -> None:
    """Leave the standing with the request, for the headers of its answer.

    Raises:
        TooManyCalls
    """
    request.scope.setdefault("state", {})[_STATE] = standing
    if standing.retry_after_s:
        raise TooManyCalls(
            f"too many calls; try again in {standing.retry_after_s} seconds",
            message_zh=f"调用过于频繁，请在 {standing.retry_after_s} 秒后重试",
            retry_after_s=standing.retry_after_s,
        )


class PaceHeaders:
    """Puts ``RateLimit-*`` (and ``Retry-After``) into answers to programs; an ASGI middleware."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on."""

        async def told(message: Any) -> None:
            standing: Standing | None = scope.get("state", {}).get(_STATE)
            if standing is not None and message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), standing)
            await send(message)

        await self._app(scope, receive, told)


def _tell(headers: MutableHeaders, standing: Standing) -> None:
    headers["ratelimit-limit"] = str(standing.limit)
    headers["ratelimit-remaining"] = str(standing.remaining)
    headers["ratelimit-reset"] = str(standing.reset_s)
    if standing.retry_after_s:
        headers["retry-after"] = str(standing.retry_after_s)
