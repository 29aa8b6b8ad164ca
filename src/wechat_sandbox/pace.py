"""Counting calls within short stretches of time: so many a second, a minute, a day."""

from dataclasses import dataclass, field

from wechat_sandbox.clock import china_day
from wechat_sandbox.wire.errors import PlatformError

_KEYS_MAX = 100_000


@dataclass(slots=True)
class PaceBook:
    """Counts per key; each stretch begins anew. Lost at the end of the process, as it is short."""

    _counts: dict[str, tuple[str, int]] = field(default_factory=dict)

    def count(self, key: str, *, at: float, seconds: int, limit: int, code: int, times: int = 1) -> None:
        """Count a call, or raise ``code`` when this stretch of seconds has had its share."""
        self._count(key, str(int(at // seconds)), limit, code, times)

    def takes(self, key: str, *, at: float, seconds: int, limit: int) -> bool:
        """Count a call and tell whether this stretch of seconds still had room for it."""
        try:
            self._count(key, str(int(at // seconds)), limit, 0, 1)
        except PlatformError:
            return False
        return True

    def count_day(self, key: str, *, at: float, limit: int, code: int, times: int = 1) -> None:
        """The same for a day in China."""
        self._count(key, china_day(at), limit, code, times)

    def fill(self, key: str, *, at: float, seconds: int, limit: int) -> None:
        """Spend what is left of this stretch."""
        self._counts[key] = (str(int(at // seconds)), limit)

    def _count(self, key: str, stretch: str, limit: int, code: int, times: int) -> None:
        known, used = self._counts.get(key, ("", 0))
        used = used if known == stretch else 0
        if used + times > limit:
            raise PlatformError(code)
        if len(self._counts) >= _KEYS_MAX:
            self._counts.clear()
        self._counts[key] = (stretch, used + times)
