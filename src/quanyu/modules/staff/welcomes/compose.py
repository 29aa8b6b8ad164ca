"""From a chosen welcome to what the platform is sent: never a hole, never nothing (WM-3, WM-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.liquid_text import BrokenTemplate, MissingValue, parse_liquid
from quanyu.modules.staff.welcomes.contents import (
    TEXT_BYTES_MAX,
    FilePart,
    ImagePart,
    LinkPart,
    MiniProgramPart,
    Part,
    VideoPart,
    WelcomeContent,
)
from quanyu.modules.staff.welcomes.contracts import WelcomeDraft
from quanyu.modules.staff.welcomes.links import with_token
from quanyu.modules.staff.welcomes.variables import COUPON_LINK, fill
from quanyu.wechat.wecom import attachments as wx

# Why the plain words went out instead.
MEDIA_MISSING: Final = "media_missing"
VALUE_MISSING: Final = "value_missing"
TEMPLATE_BROKEN: Final = "template_broken"
TOO_LONG: Final = "too_long"
EMPTY: Final = "empty"
REFUSED: Final = "refused"  # The platform did not take the content.

FALLBACK_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "": ("", ""),
    MEDIA_MISSING: ("附件尚不可用，已发送备用文本", "a file was not ready: the fallback text went out"),
    VALUE_MISSING: ("变量没有值，已发送备用文本", "a variable had no value: the fallback text went out"),
    TEMPLATE_BROKEN: ("模板出错，已发送备用文本", "the template failed: the fallback text went out"),
    TOO_LONG: (
        "内容超过 4000 字节，已发送备用文本",
        "the text exceeded 4,000 bytes: the fallback text went out",
    ),
    EMPTY: ("内容为空，已发送备用文本", "there was nothing to say: the fallback text went out"),
    REFUSED: (
        "平台拒绝了内容，已发送备用文本",
        "the platform refused the content: the fallback text went out",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A welcome ready to go; ``fallback`` says why it is the plain one."""

    text: str
    attachments: tuple[wx.AnyAttachment, ...] = ()
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when a welcome is composed."""

    words: Mapping[str, str]  # Of ``variables.NAMES``; unknown ones are left out.
    token: str  # Joins the addresses.
    media: Mapping[str, str]  # The platform's ids of our files that are ready.
    zone: ZoneInfo


class _Unfit(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def compose(draft: WelcomeDraft, content: WelcomeContent, known: Known) -> Composed | None:
    """Return what to send; the fallback if the welcome itself cannot be had; ``None`` if there is neither."""
    try:
        return _compose(draft, content, known)
    except _Unfit as unfit:
        return plainer(content, unfit.reason)


def plainer(content: WelcomeContent, reason: str) -> Composed | None:
    """Return the fallback, or ``None`` if there is none."""
    text = content.fallback.strip()
    return Composed(text=text, fallback=reason) if text else None


def _compose(draft: WelcomeDraft, content: WelcomeContent, known: Known) -> Composed:
    text = _text(draft, content, known)
    attachments = tuple(_attachment(part, known) for part in content.parts)
    if not text and not attachments:
        raise _Unfit(EMPTY)
    return Composed(text=text, attachments=attachments)


def _text(draft: WelcomeDraft, content: WelcomeContent, known: Known) -> str:
    words = dict(known.words)
    if draft.coupon_link is not None:
        words[COUPON_LINK] = with_token(draft.coupon_link, known.token)
    try:
        text = parse_liquid("text", content.text).render(fill(words, draft.defaults.model_dump()), known.zone)
    except MissingValue as error:
        raise _Unfit(VALUE_MISSING) from error
    except BrokenTemplate as error:
        raise _Unfit(TEMPLATE_BROKEN) from error
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise _Unfit(TOO_LONG)
    return text.strip()


def _attachment(part: Part, known: Known) -> wx.AnyAttachment:
    match part:
        case LinkPart():
            url = with_token(part.url, known.token) if part.tracked else part.url
            link = wx.Link(title=part.title, url=url, picurl=part.picture_url, desc=part.description)
            return wx.LinkAttachment(link)
        case MiniProgramPart():
            page = with_token(part.page, known.token) if part.tracked else part.page
            media_id = _media_id(part.media, known)
            shown = wx.MiniProgram(title=part.title, pic_media_id=media_id, appid=part.app_id, page=page)
            return wx.MiniProgramAttachment(shown)
        case ImagePart():
            return wx.ImageAttachment(wx.Image(media_id=_media_id(part.media, known)))
        case VideoPart():
            return wx.VideoAttachment(wx.Media(_media_id(part.media, known)))
        case FilePart():
            return wx.FileAttachment(wx.Media(_media_id(part.media, known)))


def _media_id(ref: str, known: Known) -> str:
    media_id = known.media.get(ref)
    if media_id is None:
        raise _Unfit(MEDIA_MISSING)
    return media_id
