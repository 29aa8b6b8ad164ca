"""How often somebody may knock at a public door of this process, by the minute."""

import time
from collections.abc import Callable
from typing import Final

_WINDOW_S: Final = 60.0


class RateLimit:
    """Counts by key in windows of a minute; forgets everybody when it knows too many."""

    def __init__(
        self, per_minute: int, *, keys_max: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._keys_max = keys_max
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}

    def takes(self, key: str) -> bool:
        """Count one knock of ``key``; tell whether it is still within the limit."""
        window = int(self._clock() / _WINDOW_S)
        if window != self._window or len(self._counts) >= self._keys_max:
            self._window, self._counts = window, {}
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= self._per_minute
