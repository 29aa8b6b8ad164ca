"""Signing in on web pages: the addresses to send a person to, and what their code is worth.

A code is good once, for five minutes; the token it gives is the person's, not the account's.
Source: developers.weixin.qq.com, 网页授权 and 网站应用微信登录 (read 2026).
"""

from typing import Final, Literal
from urllib.parse import quote

from quanyu.wechat.calls import Answer, Call, Done, Host, Proof, Request

_AUTHORISE: Final = "/connect/oauth2/authorize"
_WEBSITE: Final = f"https://{Host.SIGN_IN}/connect/qrconnect"

Scope = Literal["snsapi_base", "snsapi_userinfo"]


def authorise_url(
    app_id: str,
    redirect_uri: str,
    *,
    scope: Scope,
    state: str = "",
    always_ask: bool = False,
    base_url: str = f"https://{Host.SIGN_IN}",
) -> str:
    """Return the page, inside WeChat, that comes back to ``redirect_uri`` with ``code`` and ``state``.

    ``state`` is at most 128 letters and digits; check it against what was sent. ``snsapi_base`` gives
    the openid silently; ``snsapi_userinfo`` asks the person, each time with ``always_ask``. ``base_url`` is
    where pages lie: ``Credentials.base_url_of(Host.SIGN_IN)``.
    """
    # The platform wants the parameters in this order.
    return (
        f"{base_url}{_AUTHORISE}?appid={quote(app_id)}&redirect_uri={quote(redirect_uri, safe='')}"
        f"&response_type=code&scope={scope}&state={quote(state)}"
        f"{'&forcePopup=true' if always_ask else ''}#wechat_redirect"
    )


def website_login_url(app_id: str, redirect_uri: str, *, state: str = "") -> str:
    """Return the page with a QR code by which a person signs in to a website outside WeChat."""
    return (
        f"{_WEBSITE}?appid={quote(app_id)}&redirect_uri={quote(redirect_uri, safe='')}&response_type=code"
        f"&scope=snsapi_login&state={quote(state)}#wechat_redirect"
    )


class CodeRequest(Request, frozen=True, tag_field="grant_type", tag="authorization_code"):
    code: str


class RefreshRequest(Request, frozen=True, tag_field="grant_type", tag="refresh_token"):
    refresh_token: str


class UserToken(Answer, frozen=True):
    """A token of one person."""

    access_token: str
    openid: str
    expires_in: int = 7200  # Seconds.
    refresh_token: str = ""  # Good for 30 days.
    scope: str = ""
    unionid: str = ""  # Only with snsapi_userinfo, and if the account is bound.
    is_snapshotuser: bool = False  # A page opened in snapshot mode: a made-up, not a real person.


class ProfileRequest(Request, frozen=True):
    access_token: str
    openid: str
    lang: str = ""


class Profile(Answer, frozen=True):
    """``sex`` and place have been empty since 2021 and are left out."""

    openid: str
    nickname: str = ""
    headimgurl: str = ""
    privilege: tuple[str, ...] = ()
    unionid: str = ""


class UserTokenRequest(Request, frozen=True):
    access_token: str
    openid: str


EXCHANGE: Final = Call("GET", "/sns/oauth2/access_token", CodeRequest, UserToken, proof=Proof.SECRET)
REFRESH: Final = Call(
    "GET", "/sns/oauth2/refresh_token", RefreshRequest, UserToken, proof=Proof.APP_ID, repeatable=True
)
PROFILE: Final = Call("GET", "/sns/userinfo", ProfileRequest, Profile, proof=Proof.NONE, repeatable=True)
CHECK: Final = Call("GET", "/sns/auth", UserTokenRequest, Done, proof=Proof.NONE, repeatable=True)
