"""Links that open a page: from texts and web pages outside WeChat, by NFC, and inside conversations.

Schemes and URL links live at most 30 days; together 500,000 a day are made and 3,000,000 opened.
Source: developers.weixin.qq.com, 小程序码与小程序链接 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Part, Request

AT_TIME: Final = 0  # ``expire_type``: at ``expire_time``.
AFTER_DAYS: Final = 1  # ``expire_type``: after ``expire_interval``.


class Target(Part, frozen=True):
    path: str  # Of a published page, without parameters; empty is the home page.
    query: str = ""  # At most 1,024 signs.
    env_version: str = ""


class SchemeRequest(Request, frozen=True):
    jump_wxa: Target | None = None
    is_expire: bool = False
    expire_type: int = AT_TIME
    expire_time: int = 0  # Unix seconds.
    expire_interval: int = 0  # Days.


class NfcSchemeRequest(Request, frozen=True):
    model_id: str  # Of the device.
    sn: str = ""
    jump_wxa: Target | None = None


class SchemeMade(Answer, frozen=True):
    openlink: str  # weixin://dl/business/?t=…


class SchemeQuery(Request, frozen=True):
    scheme: str
    query_type: int = 0  # 0 what it opens, 1 how often it may be opened today.


class LinkInfo(Part, frozen=True):
    appid: str = ""
    path: str = ""
    query: str = ""
    create_time: int = 0  # Unix seconds.
    expire_time: int = 0  # 0 for ever.
    env_version: str = ""


class OpensLeft(Part, frozen=True):
    remain_visit_quota: int = 0


class SchemeAnswer(Answer, frozen=True):
    scheme_info: LinkInfo | None = None
    quota_info: OpensLeft | None = None


class CloudBase(Part, frozen=True):
    """A static page of cloud hosting that leads on."""

    env: str
    domain: str = ""
    path: str = ""
    query: str = ""
    resource_appid: str = ""


class UrlLinkRequest(Request, frozen=True):
    path: str = ""
    query: str = ""
    is_expire: bool = False
    expire_type: int = AT_TIME
    expire_time: int = 0
    expire_interval: int = 0
    cloud_base: CloudBase | None = None
    env_version: str = ""


class UrlLinkMade(Answer, frozen=True):
    url_link: str  # https://wxaurl.cn/…


class UrlLinkQuery(Request, frozen=True):
    url_link: str
    query_type: int = 0


class UrlLinkAnswer(Answer, frozen=True):
    url_link_info: LinkInfo | None = None
    quota_info: OpensLeft | None = None


class ShortLinkRequest(Request, frozen=True):
    page_url: str  # With parameters, at most 1,024 signs.
    page_title: str = ""  # 20 signs are shown.
    is_permanent: bool = False  # 100,000 of those in all; the others live 30 days.


class ShortLinkMade(Answer, frozen=True):
    link: str  # #小程序://…


SCHEME: Final = Call("POST", "/wxa/generatescheme", SchemeRequest, SchemeMade, repeatable=True)
NFC_SCHEME: Final = Call("POST", "/wxa/generatenfcscheme", NfcSchemeRequest, SchemeMade, repeatable=True)
QUERY_SCHEME: Final = Call("POST", "/wxa/queryscheme", SchemeQuery, SchemeAnswer, repeatable=True)
URL_LINK: Final = Call("POST", "/wxa/generate_urllink", UrlLinkRequest, UrlLinkMade, repeatable=True)
QUERY_URL_LINK: Final = Call("POST", "/wxa/query_urllink", UrlLinkQuery, UrlLinkAnswer, repeatable=True)
SHORT_LINK: Final = Call("POST", "/wxa/genwxashortlink", ShortLinkRequest, ShortLinkMade, repeatable=True)
