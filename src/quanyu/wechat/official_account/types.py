"""Requests and answers of the official account's calls, in the platform's spelling.

Source: developers.weixin.qq.com, 服务号 / 订阅号 server API (read 2026). 0 and 1 stand for booleans.
"""

from typing import Any

import msgspec

from quanyu.wechat.calls import Answer, Request


class StableTokenRequest(Request, frozen=True):
    grant_type: str  # Always sent, so it has no default.
    appid: str
    secret: str
    force_refresh: bool = False


class TokenAnswer(Answer, frozen=True):
    access_token: str
    expires_in: int  # Seconds, at most 7200.


class OpenId(Request, frozen=True):
    openid: str
    lang: str = ""  # zh_CN, zh_TW or en.


class UserInfo(Answer, frozen=True):
    """A person as one account knows them. Who does not follow comes with ``subscribe`` false and little else.

    ``nickname``, ``sex``, city and avatar have been empty since 2021-12-27 and are left out.
    """

    openid: str
    subscribe: bool = False
    subscribe_time: int = 0  # Unix seconds of the last time they followed.
    unionid: str = ""
    language: str = ""
    remark: str = ""
    groupid: int = 0
    tagid_list: tuple[int, ...] = ()
    subscribe_scene: str = ""  # ADD_SCENE_QR_CODE and others.
    qr_scene: int = 0
    qr_scene_str: str = ""


class UserInfoBatch(Request, frozen=True):
    user_list: tuple[OpenId, ...]  # At most 100.


class UserInfoBatchAnswer(Answer, frozen=True):
    user_info_list: tuple[UserInfo, ...] = ()


class FollowersRequest(Request, frozen=True):
    next_openid: str = ""


class OpenIds(msgspec.Struct, frozen=True):
    openid: tuple[str, ...] = ()


class FollowersAnswer(Answer, frozen=True):
    """Up to 10,000 openids; the page after the last has ``count`` 0 and no ``data``."""

    total: int
    count: int
    data: OpenIds = OpenIds()
    next_openid: str = ""


class AddressesAnswer(Answer, frozen=True):
    ip_list: tuple[str, ...] = ()


class QuotaRequest(Request, frozen=True):
    cgi_path: str  # /cgi-bin/message/custom/send: leading slash, no host.


class Quota(msgspec.Struct, frozen=True):
    daily_limit: int = 0
    used: int = 0
    remain: int = 0


class RateLimit(msgspec.Struct, frozen=True):
    call_count: int = 0
    refresh_second: int = 0


class QuotaAnswer(Answer, frozen=True):
    quota: Quota = Quota()
    rate_limit: RateLimit = RateLimit()


class ServiceAccount(msgspec.Struct, frozen=True):
    kf_account: str


class CustomMessage(Request, frozen=True, tag_field="msgtype"):
    """A customer-service message; the subclass is the ``msgtype``."""

    touser: str
    customservice: ServiceAccount | None = None


class Text(msgspec.Struct, frozen=True):
    content: str


class CustomText(CustomMessage, frozen=True, kw_only=True, tag="text"):
    text: Text


class Media(msgspec.Struct, frozen=True):
    media_id: str


class CustomImage(CustomMessage, frozen=True, kw_only=True, tag="image"):
    image: Media


class CustomVoice(CustomMessage, frozen=True, kw_only=True, tag="voice"):
    voice: Media


class Video(msgspec.Struct, frozen=True, omit_defaults=True):
    media_id: str
    thumb_media_id: str
    title: str = ""
    description: str = ""


class CustomVideo(CustomMessage, frozen=True, kw_only=True, tag="video"):
    video: Video


class Music(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str
    description: str
    musicurl: str
    thumb_media_id: str
    hqmusicurl: str = ""


class CustomMusic(CustomMessage, frozen=True, kw_only=True, tag="music"):
    music: Music


class Article(msgspec.Struct, frozen=True):
    title: str
    description: str
    url: str
    picurl: str = ""


class Articles(msgspec.Struct, frozen=True):
    articles: tuple[Article, ...]  # Exactly one since 2018.


class CustomNews(CustomMessage, frozen=True, kw_only=True, tag="news"):
    news: Articles


class PublishedArticleId(msgspec.Struct, frozen=True):
    article_id: str


class CustomPublishedArticle(CustomMessage, frozen=True, kw_only=True, tag="mpnewsarticle"):
    mpnewsarticle: PublishedArticleId


class MenuItem(msgspec.Struct, frozen=True):
    id: str
    content: str


class Menu(msgspec.Struct, frozen=True, omit_defaults=True):
    list: tuple[MenuItem, ...]
    head_content: str = ""
    tail_content: str = ""


class CustomMenu(CustomMessage, frozen=True, kw_only=True, tag="msgmenu"):
    msgmenu: Menu


class Card(msgspec.Struct, frozen=True):
    card_id: str


class CustomCard(CustomMessage, frozen=True, kw_only=True, tag="wxcard"):
    wxcard: Card


class MiniProgramPage(msgspec.Struct, frozen=True):
    title: str
    appid: str
    pagepath: str
    thumb_media_id: str


class CustomMiniProgramPage(CustomMessage, frozen=True, kw_only=True, tag="miniprogrampage"):
    miniprogrampage: MiniProgramPage


AnyCustomMessage = (
    CustomText
    | CustomImage
    | CustomVoice
    | CustomVideo
    | CustomMusic
    | CustomNews
    | CustomPublishedArticle
    | CustomMenu
    | CustomCard
    | CustomMiniProgramPage
)


def read_custom_message(openid: str, payload: dict[str, Any]) -> AnyCustomMessage:
    """Read a message given as data (``{"msgtype": "text", "text": {...}}``), for ``openid``.

    Raises:
        msgspec.ValidationError: not a customer-service message; says which field.
    """
    message: AnyCustomMessage = msgspec.convert({**payload, "touser": openid}, AnyCustomMessage)
    return message


class TypingRequest(Request, frozen=True):
    touser: str
    command: str  # Typing or CancelTyping.


class TemplateValue(msgspec.Struct, frozen=True):
    value: str


class MiniProgramTarget(msgspec.Struct, frozen=True):
    appid: str
    pagepath: str


class TemplateMessage(Request, frozen=True):
    touser: str
    template_id: str
    data: dict[str, TemplateValue]
    url: str = ""
    miniprogram: MiniProgramTarget | None = None  # Wins over ``url``.
    client_msg_id: str = ""  # The same id within 10 minutes is sent once per person.


class TemplateSent(Answer, frozen=True):
    msgid: int = 0


class Template(msgspec.Struct, frozen=True):
    template_id: str
    title: str = ""
    primary_industry: str = ""
    deputy_industry: str = ""
    content: str = ""  # {{first.DATA}} and the like.
    example: str = ""


class TemplatesAnswer(Answer, frozen=True):
    template_list: tuple[Template, ...] = ()
