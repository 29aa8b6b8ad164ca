"""OAuth of people on web pages: codes of five minutes, tokens of two hours, refreshing for 30 days."""

import secrets
from dataclasses import dataclass, replace

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

CODE_LASTS_S = 300
TOKEN_LASTS_S = 7200
REFRESH_LASTS_S = 30 * 86_400
EVERYWHERE = "*"
BASE, USERINFO = "snsapi_base", "snsapi_userinfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code in a redirect; good once."""

    appid: str
    person: int
    scope: str
    expires_at: float
    used: bool = False
    snapshot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person allowed: the tokens that go with it."""

    appid: str
    person: int
    scope: str
    access_token: str
    refresh_token: str
    expires_at: float
    refresh_expires_at: float
    snapshot: bool = False


class OAuth:
    """Codes and grants of all accounts."""

    def __init__(self, world: Core) -> None:
        self._codes = Shelf(world.store, "oauth_code", Code)
        self._grants = Shelf(world.store, "oauth_grant", Grant)
        self._refresh = Shelf(world.store, "oauth_refresh", str)

    def issue_code(
        self, account: Account, person: int, scope: str, at: float, *, snapshot: bool = False
    ) -> str:
        value = f"0{secrets.token_hex(15)}"
        code = Code(
            appid=account.appid,
            person=person,
            scope=scope,
            expires_at=at + CODE_LASTS_S,
            snapshot=snapshot,
        )
        self._codes.put(EVERYWHERE, value, code)
        return value

    def exchange(self, account: Account, value: str, at: float) -> Grant:
        """Turn a code into tokens.

        Raises:
            PlatformError: 40029 unknown or another account's, 40163 used, 42003 expired.
        """
        code = self._codes.find(EVERYWHERE, value)
        if code is None or code.appid != account.appid:
            raise PlatformError(40029)
        if code.used:
            raise PlatformError(40163)
        if at >= code.expires_at:
            raise PlatformError(42003)
        self._codes.put(EVERYWHERE, value, replace(code, used=True))
        grant = Grant(
            appid=account.appid,
            person=code.person,
            scope=code.scope,
            access_token=_token(),
            refresh_token=_token(),
            expires_at=at + TOKEN_LASTS_S,
            refresh_expires_at=at + REFRESH_LASTS_S,
            snapshot=code.snapshot,
        )
        return self._keep(grant)

    def refresh(self, account: Account, refresh_token: str, at: float) -> Grant:
        """Return the grant with two more hours; a token that still lives stays the same.

        Raises:
            PlatformError: 40030 unknown, 42002 expired.
        """
        access_token = self._refresh.find(EVERYWHERE, refresh_token)
        grant = None if access_token is None else self._grants.find(EVERYWHERE, access_token)
        if grant is None or grant.appid != account.appid:
            raise PlatformError(40030)
        if at >= grant.refresh_expires_at:
            raise PlatformError(42002)
        fresh = grant.access_token if at < grant.expires_at else _token()
        return self._keep(replace(grant, access_token=fresh, expires_at=at + TOKEN_LASTS_S))

    def check(self, access_token: str, at: float) -> Grant:
        """Return the grant of a token (40001 unknown, 42001 expired)."""
        grant = self._grants.find(EVERYWHERE, access_token)
        if grant is None or grant.access_token != access_token:
            raise PlatformError(40001)
        if at >= grant.expires_at:
            raise PlatformError(42001)
        return grant

    def revoke(self, account: Account, person: int) -> None:
        """A person takes back what they allowed an account."""
        for key, grant in self._grants.items(EVERYWHERE):
            if (grant.appid, grant.person) == (account.appid, person):
                self._grants.drop(EVERYWHERE, key)
                self._refresh.drop(EVERYWHERE, grant.refresh_token)

    def _keep(self, grant: Grant) -> Grant:
        self._grants.put(EVERYWHERE, grant.access_token, grant)
        self._refresh.put(EVERYWHERE, grant.refresh_token, grant.access_token)
        return grant


def _token() -> str:
    return f"{60 + secrets.randbelow(40)}_{secrets.token_urlsafe(64)}"
