"""Signing in on web pages: the addresses to send a member to, and what their code is worth.

A code is at most 512 bytes, good once and for five minutes. Source: developer.work.weixin.qq.com,
构造网页授权链接 (path 91022), 企业微信Web登录 (98152), 获取访问用户身份 (91023), 敏感信息 (95833); read 2026.
"""

from typing import Final, Literal
from urllib.parse import quote, urlencode

from quanyu.wechat.calls import Answer, Host, Request
from quanyu.wechat.wecom.declaring import get, post

_AUTHORISE: Final = "/connect/oauth2/authorize"
_PAGES: Final = "open.weixin.qq.com"  # The host of the page that identifies members.
_LOGIN: Final = "https://login.work.weixin.qq.com/wwlogin/sso/login"

Scope = Literal["snsapi_base", "snsapi_privateinfo"]


def authorise_url(
    corp_id: str,
    redirect_uri: str,
    *,
    agent_id: int,
    scope: Scope = "snsapi_base",
    state: str = "",
    base_url: str = f"https://{Host.WECOM}",
) -> str:
    """Return the page, inside WeCom, that comes back to ``redirect_uri`` with ``code`` and ``state``.

    ``redirect_uri`` lies in the app's trusted domain; ``state`` is at most 128 letters and digits.
    ``snsapi_privateinfo`` asks the member, and gives a ticket for ``PRIVATE_PROFILE``. ``base_url`` is where
    calls go: the pages of a sandbox lie beside its API.
    """
    place = base_url.replace(Host.WECOM, _PAGES) if Host.WECOM in base_url else f"https://{_PAGES}"
    # The platform wants the parameters in this order.
    return (
        f"{place}{_AUTHORISE}?appid={quote(corp_id)}&redirect_uri={quote(redirect_uri, safe='')}"
        f"&response_type=code&scope={scope}&state={quote(state)}&agentid={agent_id}#wechat_redirect"
    )


def login_url(
    corp_id: str, redirect_uri: str, *, agent_id: int, state: str = "", lang: Literal["zh", "en"] = "zh"
) -> str:
    """Return the page with a QR code by which a member signs in to a website in any browser."""
    query = {
        "login_type": "CorpApp",
        "appid": corp_id,
        "agentid": str(agent_id),
        "redirect_uri": redirect_uri,
        "state": state,
        "lang": lang,
    }
    return f"{_LOGIN}?{urlencode(query)}"


class CodeRequest(Request, frozen=True):
    code: str


class Identity(Answer, frozen=True):
    """Who came: a member has ``userid``, anybody else ``openid``, and if a customer ``external_userid``."""

    userid: str = ""
    user_ticket: str = ""  # With snsapi_privateinfo; good for 1800 seconds.
    openid: str = ""
    external_userid: str = ""


class TicketRequest(Request, frozen=True):
    user_ticket: str


class PrivateProfile(Answer, frozen=True):
    """What the member agreed to tell; the rest is empty."""

    userid: str
    gender: str = ""  # "1" male, "2" female, "0" unknown.
    avatar: str = ""
    qr_code: str = ""
    mobile: str = ""
    email: str = ""
    biz_mail: str = ""
    address: str = ""


# Not repeatable: the code is good once.
IDENTITY: Final = get("/auth/getuserinfo", CodeRequest, Identity, repeatable=False)
PRIVATE_PROFILE: Final = post("/auth/getuserdetail", TicketRequest, PrivateProfile, repeatable=True)
