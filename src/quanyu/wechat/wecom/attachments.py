"""What goes along with mass and welcome messages: at most nine of these.

Source: developer.work.weixin.qq.com, 创建企业群发 (path 92135), 发送新客户欢迎语 (92137); read 2026.
"""

from typing import Final

import msgspec

from quanyu.wechat.calls import Part

ATTACHMENTS_MAX: Final = 9


class Text(Part, frozen=True):
    content: str  # At most 4,000 bytes.


class Image(Part, frozen=True, kw_only=True):
    """One of both; ``pic_url`` must come from ``media.UPLOAD_IMAGE``."""

    media_id: str = ""
    pic_url: str = ""


class Link(Part, frozen=True, kw_only=True):
    title: str  # At most 128 bytes.
    url: str  # At most 2,048 bytes.
    picurl: str = ""
    desc: str = ""  # At most 512 bytes.


class MiniProgram(Part, frozen=True, kw_only=True):
    title: str  # At most 64 bytes.
    pic_media_id: str
    appid: str
    page: str


class Media(Part, frozen=True):
    media_id: str


class Attachment(Part, frozen=True, tag_field="msgtype"):
    """One attachment; the subclass is the ``msgtype``."""


class ImageAttachment(Attachment, frozen=True, tag="image"):
    image: Image


class LinkAttachment(Attachment, frozen=True, tag="link"):
    link: Link


class MiniProgramAttachment(Attachment, frozen=True, tag="miniprogram"):
    miniprogram: MiniProgram


class VideoAttachment(Attachment, frozen=True, tag="video"):
    video: Media


class FileAttachment(Attachment, frozen=True, tag="file"):
    file: Media


AnyAttachment = ImageAttachment | LinkAttachment | MiniProgramAttachment | VideoAttachment | FileAttachment


class ShownMiniProgram(Part, frozen=True, kw_only=True):
    title: str = ""
    pic_media_id: str = ""
    appid: str = ""
    page: str = ""


class ShownAttachment(Part, frozen=True, kw_only=True):
    """An attachment as lists give it back, of whichever type, also one we have no words for."""

    msgtype: str = ""
    image: Image | None = None
    link: Link | None = None
    miniprogram: ShownMiniProgram | None = None
    video: Media | None = None
    file: Media | None = None


def read_attachments(payload: object) -> tuple[AnyAttachment, ...]:
    """Read attachments given as data (``[{"msgtype": "link", "link": {...}}]``).

    Raises:
        msgspec.ValidationError: not attachments, or too many of them; says which field.
    """
    read: tuple[AnyAttachment, ...] = msgspec.convert(payload, tuple[AnyAttachment, ...])
    if len(read) > ATTACHMENTS_MAX:
        raise msgspec.ValidationError(f"at most {ATTACHMENTS_MAX} attachments, got {len(read)}")
    return read
