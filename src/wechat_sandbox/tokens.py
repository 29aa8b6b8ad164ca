"""Access tokens of one account: the classic and the stable family, which never touch each other.

Source: official pages 获取接口调用凭据 and 获取稳定版接口调用凭据. All instants are virtual seconds.
"""

import re
import secrets
from dataclasses import dataclass, field

from wechat_sandbox.clock import china_midnight
from wechat_sandbox.wire.errors import PlatformError

LIFETIME_S = 7200
ROLLOVER_S = 300  # A superseded classic token stays usable this long; a stable one is replaced this early.
FORCE_GAP_S = 30
FORCE_PER_DAY = 20
STABLE_PER_MINUTE = 10_000
_SHAPE = re.compile(r"\d{2}_[A-Za-z0-9_-]{60,500}\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """One issued token."""

    value: str
    expires_at: float

    def lasts_s(self, at: float) -> int:
        return max(0, int(self.expires_at - at))


@dataclass(slots=True)
class TokenBook:
    """The tokens of one account and the rules for handing them out."""

    classic: Token | None = None
    classic_before: Token | None = None  # ``expires_at`` already cut to the end of the rollover.
    stable: Token | None = None
    stable_before: Token | None = None
    forced_at: list[float] = field(default_factory=list)
    _minute: int = 0
    _minute_calls: int = 0

    def issue_classic(self, at: float) -> Token:
        """Issue a new classic token; the one before stays usable for five minutes."""
        if self.classic is not None:
            cut = min(self.classic.expires_at, at + ROLLOVER_S)
            self.classic_before = Token(self.classic.value, cut)
        self.classic = _new_token(at)
        return self.classic

    def issue_stable(self, at: float) -> Token:
        """Return the stable token, rotating it within its last five minutes."""
        self._count_call(at)
        if self.stable is None or self.stable.expires_at - at <= ROLLOVER_S:
            self.stable_before = self.stable
            self.stable = _new_token(at)
        return self.stable

    def force_stable(self, at: float) -> Token:
        """Replace the stable token at once; the one before is void.

        Raises:
            PlatformError: 45011 within 30 seconds of the last time, 45009 after 20 times in a day.
        """
        self._count_call(at)
        today = [moment for moment in self.forced_at if moment >= china_midnight(at)]
        if today and at - today[-1] < FORCE_GAP_S:
            raise PlatformError(45011)
        if len(today) >= FORCE_PER_DAY:
            raise PlatformError(45009)
        self.forced_at = [*today, at]
        self.stable_before = None
        self.stable = _new_token(at)
        return self.stable

    def check(self, value: str, at: float) -> None:
        """Accept a token or raise the error a client acts on.

        Raises:
            PlatformError: 40014 malformed, 42001 expired, 40001 superseded or unknown.
        """
        if not _SHAPE.match(value):
            raise PlatformError(40014)
        for token in (self.classic, self.stable, self.stable_before):
            if token is not None and token.value == value:
                if at < token.expires_at:
                    return
                raise PlatformError(42001)
        before = self.classic_before
        if before is not None and before.value == value and at < before.expires_at:
            return
        raise PlatformError(40001)

    def void_current(self, at: float) -> None:
        """Supersede every token now, as happens when another system fetches one."""
        self.classic = _new_token(at) if self.classic else None
        self.stable = _new_token(at) if self.stable else None
        self.classic_before = self.stable_before = None

    def _count_call(self, at: float) -> None:
        minute = int(at // 60)
        self._minute_calls = self._minute_calls + 1 if minute == self._minute else 1
        self._minute = minute
        if self._minute_calls > STABLE_PER_MINUTE:
            raise PlatformError(45011)


def _new_token(at: float) -> Token:
    return Token(f"{60 + secrets.randbelow(40)}_{secrets.token_urlsafe(100)}", at + LIFETIME_S)
