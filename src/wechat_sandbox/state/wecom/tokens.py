"""Access tokens of a company: one for each secret, the same one as long as it lasts.

Source: official page 获取access_token (91039). All instants are virtual seconds.
"""

import secrets
from dataclasses import dataclass, field

from wechat_sandbox.wire.errors import PlatformError

LIFETIME_S = 7200
_REMEMBERED = 200  # Ended tokens that still answer 42001 instead of 40014.


@dataclass(frozen=True, slots=True)
class CorpToken:
    """One issued token."""

    value: str
    scope: str
    expires_at: float

    def lasts_s(self, at: float) -> int:
        return max(0, int(self.expires_at - at))


@dataclass(slots=True)
class CorpTokens:
    """The tokens of one company."""

    current: dict[str, CorpToken] = field(default_factory=dict)  # By scope.
    ended: dict[str, str] = field(default_factory=dict)  # Value → scope, oldest first.

    def issue(self, scope: str, at: float) -> CorpToken:
        """Return the token of a secret, a new one when the last has expired."""
        known = self.current.get(scope)
        if known is not None and at < known.expires_at:
            return known
        if known is not None:
            self._retire(known)
        token = CorpToken(secrets.token_urlsafe(160), scope, at + LIFETIME_S)
        self.current[scope] = token
        return token

    def knows(self, value: str) -> bool:
        return value in self.ended or any(token.value == value for token in self.current.values())

    def check(self, value: str, at: float) -> str:
        """Return the scope of a usable token.

        Raises:
            PlatformError: 42001 expired, 40014 unknown or ended early.
        """
        for token in self.current.values():
            if token.value == value:
                if at < token.expires_at:
                    return token.scope
                raise PlatformError(42001)
        raise PlatformError(42001 if value in self.ended else 40014)

    def void(self, scope: str | None = None) -> None:
        """End tokens early, as the platform may: they are unknown from now on."""
        self.current = {name: token for name, token in self.current.items() if scope not in (None, name)}

    def _retire(self, token: CorpToken) -> None:
        self.ended[token.value] = token.scope
        while len(self.ended) > _REMEMBERED:
            del self.ended[next(iter(self.ended))]
