"""What can be sent to a customer of 微信客服. Source: official page 发送消息 (D 94677); limits are bytes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from wechat_sandbox.wire.errors import PlatformError

# Kind → field → (limit, required); a limit of 0 is none.
_PLAIN: Final[Mapping[str, Mapping[str, tuple[int, bool]]]] = {
    "text": {"content": (2048, True), "menu_id": (128, False)},
    "image": {"media_id": (0, True)},
    "voice": {"media_id": (0, True)},
    "video": {"media_id": (0, True)},
    "file": {"media_id": (0, True)},
    "link": {
        "title": (128, True),
        "desc": (512, False),
        "url": (2048, True),
        "thumb_media_id": (0, True),
    },
    "miniprogram": {
        "appid": (64, True),
        "title": (64, False),
        "thumb_media_id": (0, True),
        "pagepath": (2048, True),
    },
    "location": {"name": (0, False), "address": (0, False), "latitude": (0, True), "longitude": (0, True)},
    "ca_link": {"link_url": (2048, True)},
    "business_card": {"userid": (64, True)},
}
ON_EVENT: Final = frozenset({"text", "msgmenu"})
_MENU_ITEMS_MAX, _MINI_PROGRAMS_MAX = 50, 10
_ITEMS: Final[Mapping[str, Mapping[str, tuple[int, bool]]]] = {
    "click": {"id": (128, False), "content": (128, True)},
    "view": {"url": (2048, True), "content": (1024, True)},
    "miniprogram": {"appid": (64, True), "pagepath": (1024, True), "content": (1024, True)},
    "text": {"content": (256, True), "no_newline": (0, False)},
}


def read_message(
    body: Mapping[str, Any], has_media: Callable[[str, str], bool], *, kinds: frozenset[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the kind and the content of a message.

    Raises:
        PlatformError: 40008 no such kind, 40058 content missing or too long, 40007 a file nobody has.
    """
    kind = body.get("msgtype")
    if not isinstance(kind, str) or (kind not in _PLAIN and kind != "msgmenu"):
        raise PlatformError(40008)
    if kinds is not None and kind not in kinds:
        raise PlatformError(95030)
    inside = body.get(kind)
    if not isinstance(inside, dict):
        raise PlatformError(40058, kind)
    if kind == "msgmenu":
        return kind, _read_menu(inside)
    read = _read(inside, _PLAIN[kind], kind)
    for name, of_kind in (("media_id", kind), ("thumb_media_id", "image")):
        if name in read and not has_media(str(read[name]), of_kind):
            raise PlatformError(40007)
    return kind, read


def _read_menu(inside: Mapping[str, Any]) -> dict[str, Any]:
    heads = dict.fromkeys(("head_content", "tail_content"), (1024, False))
    items = inside.get("list") or []
    if not isinstance(items, list) or len(items) > _MENU_ITEMS_MAX:
        raise PlatformError(40058, "msgmenu.list")
    read = [_read_item(item) for item in items]
    if sum(item["type"] == "miniprogram" for item in read) > _MINI_PROGRAMS_MAX:
        raise PlatformError(40058, "msgmenu.list")
    return _read(inside, heads, "msgmenu") | {"list": read}


def _read_item(item: object) -> dict[str, Any]:
    kind = str(item.get("type")) if isinstance(item, dict) else ""
    if not isinstance(item, dict) or kind not in _ITEMS or not isinstance(item.get(kind), dict):
        raise PlatformError(40058, "msgmenu.list.type")
    return {"type": kind, kind: _read(item[kind], _ITEMS[kind], f"msgmenu.list.{kind}")}


def _read(inside: Mapping[str, Any], fields: Mapping[str, tuple[int, bool]], where: str) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, (limit, required) in fields.items():
        value = inside.get(name)
        if value is None or value == "":
            if required:
                raise PlatformError(40058, f"{where}.{name}")
            continue
        if not isinstance(value, str | int | float) or (limit and len(str(value).encode()) > limit):
            raise PlatformError(40058, f"{where}.{name}")
        read[name] = value
    return read
