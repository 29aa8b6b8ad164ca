"""Customer-service messages: answers to people who wrote, followed, scanned or paid lately.

Source: developers.weixin.qq.com, 客服消息 (read 2026). Mini programs take text, image, link and
mini-program page only. After a message five answers within 48 hours, after a menu click, a follow or a
scan three within one minute.
"""

from enum import StrEnum
from typing import Any, Final, Literal

import msgspec

from quanyu.wechat.calls import Call, Done, Part, Request


class ServiceAccount(Part, frozen=True):
    kf_account: str


class AiContext(Part, frozen=True):
    is_ai_msg: Literal[0, 1]  # 1 marks the content as made by a machine.


class CustomMessage(Request, frozen=True, tag_field="msgtype"):
    """A customer-service message; the subclass is the ``msgtype``."""

    touser: str
    customservice: ServiceAccount | None = None
    aimsgcontext: AiContext | None = None
    businessid: int = 0  # The sub-merchant of a mini program it is sent for.


class Text(Part, frozen=True):
    content: str


class CustomText(CustomMessage, frozen=True, kw_only=True, tag="text"):
    text: Text


class Media(Part, frozen=True):
    media_id: str


class CustomImage(CustomMessage, frozen=True, kw_only=True, tag="image"):
    image: Media


class CustomVoice(CustomMessage, frozen=True, kw_only=True, tag="voice"):
    voice: Media


class Video(Part, frozen=True):
    media_id: str
    thumb_media_id: str
    title: str = ""
    description: str = ""


class CustomVideo(CustomMessage, frozen=True, kw_only=True, tag="video"):
    video: Video


class Music(Part, frozen=True):
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


class Articles(Part, frozen=True):
    articles: tuple[Article, ...]  # Exactly one since 2018.


class CustomNews(CustomMessage, frozen=True, kw_only=True, tag="news"):
    news: Articles


class PublishedArticleId(Part, frozen=True):
    article_id: str


class CustomPublishedArticle(CustomMessage, frozen=True, kw_only=True, tag="mpnewsarticle"):
    mpnewsarticle: PublishedArticleId


class MenuItem(Part, frozen=True):
    id: str
    content: str


class Menu(Part, frozen=True):
    list: tuple[MenuItem, ...]
    head_content: str = ""
    tail_content: str = ""


class CustomMenu(CustomMessage, frozen=True, kw_only=True, tag="msgmenu"):
    msgmenu: Menu


class Card(Part, frozen=True):
    card_id: str


class CustomCard(CustomMessage, frozen=True, kw_only=True, tag="wxcard"):
    wxcard: Card


class MiniProgramPage(Part, frozen=True):
    title: str
    pagepath: str
    thumb_media_id: str
    appid: str = ""  # A mini program sends its own pages and leaves it out.


class CustomMiniProgramPage(CustomMessage, frozen=True, kw_only=True, tag="miniprogrampage"):
    miniprogrampage: MiniProgramPage


class Link(Part, frozen=True):
    title: str
    description: str
    url: str
    thumb_url: str


class CustomLink(CustomMessage, frozen=True, kw_only=True, tag="link"):
    """A link; mini programs only."""

    link: Link


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
    | CustomLink
)


def read_custom_message(openid: str, payload: dict[str, Any]) -> AnyCustomMessage:
    """Read a message given as data (``{"msgtype": "text", "text": {...}}``), for ``openid``.

    Raises:
        msgspec.ValidationError: not a customer-service message; says which field.
    """
    message: AnyCustomMessage = msgspec.convert({**payload, "touser": openid}, AnyCustomMessage)
    return message


class TypingCommand(StrEnum):
    SHOW = "Typing"
    HIDE = "CancelTyping"


class TypingRequest(Request, frozen=True):
    touser: str
    command: TypingCommand
    businessid: int = 0


# Not repeatable: the platform knows no key for them, and each one counts.
SEND: Final = Call("POST", "/cgi-bin/message/custom/send", CustomMessage, Done)
TYPING: Final = Call("POST", "/cgi-bin/message/custom/typing", TypingRequest, Done)
