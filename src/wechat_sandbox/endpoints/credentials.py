"""Access tokens: ``/cgi-bin/token`` and ``/cgi-bin/stable_token``."""

import hmac
from collections.abc import Mapping

from wechat_sandbox.accounts import Account
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.tokens import Token
from wechat_sandbox.wire.errors import PlatformError


@REGISTRY.get("/cgi-bin/token", needs_token=False)
def token(call: Call) -> Mapping[str, object]:
    """Issue a new classic token."""
    account = _authenticate(
        call, call.query.get("grant_type", ""), call.query.get("appid", ""), call.query.get("secret", "")
    )
    issued = call.world.books[account.appid].issue_classic(call.at)
    return _answer(call, account, issued)


@REGISTRY.post("/cgi-bin/stable_token", needs_token=False)
def stable_token(call: Call) -> Mapping[str, object]:
    """Return the stable token, or replace it when forced."""
    account = _authenticate(call, call.text("grant_type"), call.text("appid"), call.text("secret"))
    book = call.world.books[account.appid]
    forced = call.body.get("force_refresh", False)
    if not isinstance(forced, bool):
        raise PlatformError(47001)
    issued = book.force_stable(call.at) if forced else book.issue_stable(call.at)
    return _answer(call, account, issued)


def _authenticate(call: Call, grant_type: str, appid: str, secret: str) -> Account:
    if grant_type != "client_credential":
        raise PlatformError(40002)
    if not appid:
        raise PlatformError(41002)
    account = call.world.accounts.get(appid)
    if account is None:
        raise PlatformError(40013)
    if not secret:
        raise PlatformError(41004)
    if not hmac.compare_digest(account.secret.encode(), secret.encode()):
        raise PlatformError(40125)
    return account


def _answer(call: Call, account: Account, issued: Token) -> Mapping[str, object]:
    call.world.save_book(account.appid)
    return {"access_token": issued.value, "expires_in": issued.lasts_s(call.at)}
