"""Passive replies: what may be answered to a callback within its five seconds.

Source: developers.weixin.qq.com, 被动回复用户消息 (read 2026). Answering ``success`` says nothing to the
person; to answer later, send a customer-service message.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.official_account.messages import Callback

NO_REPLY: Final = b"success"


class Reply(Protocol):
    """Something to answer with."""

    @property
    def kind(self) -> str:
        """The ``MsgType`` of the reply."""
        ...

    def body(self) -> str:
        """Return the elements after the common ones."""
        ...


@dataclass(frozen=True, slots=True)
class TextReply:
    content: str  # At most 2,048 bytes; <a> links allowed.
    kind: str = "text"

    def body(self) -> str:
        return _text("Content", self.content)


@dataclass(frozen=True, slots=True)
class ImageReply:
    media_id: str
    kind: str = "image"

    def body(self) -> str:
        return f"<Image>{_text('MediaId', self.media_id)}</Image>"


@dataclass(frozen=True, slots=True)
class VoiceReply:
    media_id: str
    kind: str = "voice"

    def body(self) -> str:
        return f"<Voice>{_text('MediaId', self.media_id)}</Voice>"


@dataclass(frozen=True, slots=True)
class VideoReply:
    media_id: str
    title: str = ""
    description: str = ""
    kind: str = "video"

    def body(self) -> str:
        inside = _text("MediaId", self.media_id) + _given(Title=self.title, Description=self.description)
        return f"<Video>{inside}</Video>"


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicReply:
    thumb_media_id: str
    title: str = ""
    description: str = ""
    music_url: str = ""
    hq_music_url: str = ""
    kind: str = "music"

    def body(self) -> str:
        inside = _given(
            Title=self.title,
            Description=self.description,
            MusicUrl=self.music_url,
            HQMusicUrl=self.hq_music_url,
        )
        return f"<Music>{inside}{_text('ThumbMediaId', self.thumb_media_id)}</Music>"


@dataclass(frozen=True, slots=True)
class NewsArticle:
    title: str
    description: str
    pic_url: str
    url: str


@dataclass(frozen=True, slots=True)
class NewsReply:
    articles: Sequence[NewsArticle]  # One, for most triggers since 2018.
    kind: str = "news"

    def body(self) -> str:
        items = "".join(
            f"<item>{_text('Title', article.title)}{_text('Description', article.description)}"
            f"{_text('PicUrl', article.pic_url)}{_text('Url', article.url)}</item>"
            for article in self.articles
        )
        return f"<ArticleCount>{len(self.articles)}</ArticleCount><Articles>{items}</Articles>"


@dataclass(frozen=True, slots=True)
class TransferReply:
    """Hand the conversation to a human, to ``kf_account`` (name@alias) or whoever is free."""

    kf_account: str = ""
    kind: str = "transfer_customer_service"

    def body(self) -> str:
        if not self.kf_account:
            return ""
        return f"<TransInfo>{_text('KfAccount', self.kf_account)}</TransInfo>"


def render_reply(reply: Reply, *, to: Callback, at: datetime) -> str:
    """Write ``reply`` to who sent ``to``, not yet encrypted."""
    return (
        f"<xml>{_text('ToUserName', to.FromUserName)}{_text('FromUserName', to.ToUserName)}"
        f"<CreateTime>{int(at.timestamp())}</CreateTime>{_text('MsgType', reply.kind)}{reply.body()}</xml>"
    )


class Wire(StrEnum):
    """How an account has chosen to be written to, and writes back."""

    XML = "xml"
    JSON = "json"


def seal_reply(
    crypt: MessageCrypt, document: str, *, at: datetime, nonce: str = "", wire: Wire = Wire.XML
) -> bytes:
    """Encrypt and sign a rendered reply into the envelope the platform expects."""
    timestamp = int(at.timestamp())
    nonce = nonce or secrets.token_hex(8)
    encrypted = crypt.seal(document.encode())
    signature = crypt.sign_sealed(encrypted, timestamp=str(timestamp), nonce=nonce)
    if wire is Wire.JSON:
        return msgspec.json.encode(
            {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}
        )
    return (
        f"<xml>{_text('Encrypt', encrypted)}{_text('MsgSignature', signature)}"
        f"<TimeStamp>{timestamp}</TimeStamp>{_text('Nonce', nonce)}</xml>"
    ).encode()


def _text(name: str, value: str) -> str:
    # A closing mark inside is split over two sections, so no text can end its element.
    inside = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{inside}]]></{name}>"


def _given(**fields: str) -> str:
    return "".join(_text(name, value) for name, value in fields.items() if value)
