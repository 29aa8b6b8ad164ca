"""What a message to customers may hold: mass messages, welcomes, moments and group welcomes share the shapes.

Source: official pages 创建企业群发, 发送新客户欢迎语, 入群欢迎语素材管理 (D 92135, 92137, 92366). Limits
are bytes of UTF-8 unless the page says characters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wechat_sandbox.wire.errors import PlatformError

ATTACHMENTS_MAX: Final = 9
TEXT_BYTES_MAX: Final = 4000
KINDS: Final = frozenset({"image", "link", "miniprogram", "video", "file"})
# Of each kind: field → (limit in bytes, required).
_FIELDS: Final[Mapping[str, Mapping[str, tuple[int, bool]]]] = {
    "image": {"media_id": (2048, False), "pic_url": (2048, False)},
    "link": {
        "title": (128, True),
        "picurl": (2048, False),
        "desc": (512, False),
        "url": (2048, True),
    },
    "miniprogram": {
        "title": (64, True),
        "pic_media_id": (2048, True),
        "appid": (64, True),
        "page": (2048, True),
    },
    "video": {"media_id": (2048, True)},
    "file": {"media_id": (2048, True)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """What the content refers to: files of the corp and pictures it has uploaded."""

    has_media: Callable[[str, str], bool]  # (media id, kind)
    has_picture: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A text and what is attached to it, checked."""

    text: str = ""
    attachments: tuple[dict[str, Any], ...] = ()

    def as_fields(self) -> dict[str, Any]:
        """Return it as the platform's lists tell it."""
        fields: dict[str, Any] = {"text": {"content": self.text}} if self.text else {}
        return fields | {"attachments": list(self.attachments)}


def read_content(body: Mapping[str, Any], shelves: Shelves, *, text_max: int = TEXT_BYTES_MAX) -> Content:
    """Read ``text`` and ``attachments`` of a call.

    Raises:
        PlatformError: 40058 both empty or the text too long, 41064 too many attachments, 41065 a bad one,
            40007 a file the corp does not have.
    """
    text = read_text(body.get("text"), text_max)
    given = body.get("attachments") or []
    if not isinstance(given, list):
        raise PlatformError(40058, "attachments")
    if len(given) > ATTACHMENTS_MAX:
        raise PlatformError(41064)
    attachments = tuple(read_attachment(one, shelves) for one in given)
    if not text and not attachments:
        raise PlatformError(40058, "text and attachments are both empty")
    return Content(text=text, attachments=attachments)


def read_text(value: object, text_max: int) -> str:
    """Return the ``content`` of a text object, empty when there is none (40058 too long)."""
    content = value.get("content", "") if isinstance(value, dict) else ""
    if not isinstance(content, str) or len(content.encode()) > text_max:
        raise PlatformError(40058, "text.content")
    return content


def read_attachment(value: object, shelves: Shelves) -> dict[str, Any]:
    """Read one attachment with its ``msgtype``."""
    kind = value.get("msgtype") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in KINDS:
        raise PlatformError(41065)
    return {"msgtype": kind, kind: read_branch(str(kind), value.get(str(kind)), shelves)}


def read_branch(kind: str, value: object, shelves: Shelves) -> dict[str, Any]:
    """Read the inside of an attachment; unknown fields are left out."""
    if not isinstance(value, dict):
        raise PlatformError(41065)
    read: dict[str, Any] = {}
    for name, (limit, required) in _FIELDS[kind].items():
        text = value.get(name, "")
        if not isinstance(text, str) or len(text.encode()) > limit or (required and not text):
            raise PlatformError(41065, name)
        if text:
            read[name] = text
    if kind == "image" and not read:
        raise PlatformError(41065, "image")
    _check_references(kind, read, shelves)
    return read


def _check_references(kind: str, branch: Mapping[str, Any], shelves: Shelves) -> None:
    for name, of_kind in (("media_id", kind), ("pic_media_id", "image")):
        if name in branch and not shelves.has_media(branch[name], of_kind):
            raise PlatformError(40007)
    if "pic_url" in branch and not shelves.has_picture(branch["pic_url"]):
        raise PlatformError(41065, "pic_url is no picture of this corp")
